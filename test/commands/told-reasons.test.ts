import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { churnManifestOf } from '../../src/adapters/models/served-churn.ts';
import { describeWithData } from '../support/real-data.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cancelsInput, ordersInput, ordersWithCancelsText } from './an-orders-file.ts';

const OF_ORDERS = ['buying rhythm', 'order frequency', 'order recency', 'order value', 'tenure'];

/** Trains on a history, whatever the gate says, and counts the families of the reasons of everybody at risk. */
async function familiesTold(history: readonly string[]): Promise<{
  readonly ofOrders: readonly string[];
  readonly families: ReadonlyMap<string, number>;
}> {
  const models = temporaryFolder();
  const { version } = await runForJson<{ version: string }>(['train', ...history, '--out', models]);
  await runForJson(['promote', version, '--models', models, '--force']);
  const db = join(temporaryFolder(), 'db');
  await runForJson(['replay', ...history, '--model', models, '--db', db]);
  const rows = await queryRows(
    db,
    `SELECT JSONExtractString(reason, 'family') AS family, count() AS told
     FROM (SELECT arrayJoin(JSONExtractArrayRaw(reasons)) AS reason FROM churn_scores) GROUP BY family`,
  );
  return {
    ofOrders: churnManifestOf(await new FolderModelRegistry(models).read('churn', version)).ofOrders,
    families: new Map(rows.map(({ family, told }) => [family as string, Number(told)])),
  };
}

describe('reasons speak of what the history knows', () => {
  it('of orders alone, where it holds nothing else', async () => {
    const { ofOrders, families } = await familiesTold(ordersInput(200, 400));
    expect(ofOrders).toContain('shrunk_returned_order_share_365d');
    expect(families.size).toBeGreaterThan(1);
    expect(OF_ORDERS).toEqual(expect.arrayContaining([...families.keys()]));
  }, 120_000);

  it('of orders and what was cancelled of them, where it holds no more than that', async () => {
    const { ofOrders, families } = await familiesTold(cancelsInput(ordersWithCancelsText(200, 400, 12)));
    expect(ofOrders).toContain('log_active_days_90d');
    expect(ofOrders).not.toContain('shrunk_returned_order_share_365d');
    expect(families.size).toBeGreaterThan(1);
    expect([...OF_ORDERS, 'after-sales']).toEqual(expect.arrayContaining([...families.keys()]));
  }, 120_000);

  it('of orders alone, where one in hundreds was cancelled', async () => {
    const { families } = await familiesTold(cancelsInput(ordersWithCancelsText(200, 400, 1000)));
    expect(OF_ORDERS).toEqual(expect.arrayContaining([...families.keys()]));
  }, 120_000);

  it('of visits and returns, where it holds them', async () => {
    const events = join(temporaryFolder(), 'events.ndjson');
    const size = ['--people', '120', '--days', '260', '--seed', '3'];
    expect((await runCommand(['simulate', ...size, '--out', events])).code).toBe(0);
    const { ofOrders, families } = await familiesTold(['--format', 'segment', '--input', events]);
    expect(ofOrders).toEqual([]);
    expect([...families.keys()]).toEqual(expect.arrayContaining(['visits', 'after-sales']));
  }, 240_000);

  describeWithData('cdnow/CDNOW_master.txt', (path) => {
    it('of orders alone, to one in ten of its customers', async () => {
      const lines = readFileSync(path, 'utf8').split('\n');
      const some = lines.filter(
        (line) => line.trim() !== '' && Number(line.trim().split(/\s+/)[0]) % 10 === 0,
      );
      const sample = join(temporaryFolder(), 'sample.txt');
      writeFileSync(sample, `${some.join('\n')}\n`);
      const { families } = await familiesTold(['--format', 'cdnow', '--input', sample]);
      expect(Math.max(...families.values())).toBeGreaterThan(1000);
      expect(OF_ORDERS).toEqual(expect.arrayContaining([...families.keys()]));
    }, 240_000);
  });
});
