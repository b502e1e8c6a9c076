import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { readServedModels } from '../../src/adapters/models/read-served-models.ts';
import { verdictOn } from '../../src/adapters/models/verdict-on.ts';
import { instant } from '../../src/core/time.ts';
import { describeWithData } from '../support/real-data.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { aMarketplace } from '../runtime/training/a-marketplace.ts';

/** A marketplace as rows of person, time, kind and amount. */
function rowsOf(kinds: readonly string[]): string {
  const kindOf: Readonly<Record<string, string>> = { 'Order Completed': 'order', 'Product Viewed': 'view' };
  const lines = aMarketplace(10, 200, 1).flatMap(({ event }) => {
    if (!event.ok) return [];
    const { personId, at, name, properties } = event.value;
    const kind = kindOf[name] ?? '';
    if (!kinds.includes(kind)) return [];
    const amount = kind === 'order' ? ((properties.totalMinor ?? 0) / 100).toFixed(2) : '';
    return [[personId, new Date(at).toISOString(), kind, amount].join(',')];
  });
  return `${['who,when,what,amount', ...lines].join('\n')}\n`;
}

function trainArgs(out: string, kinds: readonly string[] = ['order', 'view']): string[] {
  const path = join(temporaryFolder(), 'acts.csv');
  writeFileSync(path, rowsOf(kinds));
  const map = 'person=who,time=when,kind=what,value=amount';
  return ['train', '--kind', 'segments', '--format', 'csv', '--map', map, '--input', path, '--out', out];
}

interface Manifest {
  readonly version: string;
  readonly asOf: string;
  readonly models: Readonly<Record<string, { readonly names: readonly string[]; readonly version: string }>>;
  readonly publish: { readonly passed: boolean; readonly reasons: readonly string[] };
  readonly data: Readonly<Record<string, unknown>>;
  readonly outcomes: readonly Readonly<Record<string, unknown>>[];
}

async function promote(out: string, version: string): Promise<void> {
  const promotion = { version, promotedAt: instant(0), forced: false, reasons: [] };
  await new FolderModelRegistry(out).promote('segments', promotion);
}

describe('train --kind segments', () => {
  it('saves a candidate that can be served, with a card, and puts nothing in force', async () => {
    const out = temporaryFolder();
    const manifest = await runForJson<Manifest>([...trainArgs(out), '--as-of', '2025-07-10']);
    expect(manifest.version).toMatch(/^segments@2025-07-10-/);
    expect(manifest.data).toMatchObject({ source: 'csv acts.csv', people: 160, currency: 'CNY' });
    expect(String(manifest.data['until']) <= manifest.asOf).toBe(true);
    expect(manifest.models['value_segment']?.names).toEqual(
      expect.arrayContaining(['high_value', 'potential', 'dormant']),
    );
    const registry = new FolderModelRegistry(out);
    expect(await readServedModels(registry)).toMatchObject({ valueSegments: undefined, styles: undefined });
    const stored = await registry.read('segments', manifest.version);
    expect(verdictOn(stored)).toEqual(manifest.publish);
    await promote(out, manifest.version);
    expect((await readServedModels(registry)).valueSegments).toEqual(manifest.models['value_segment']);

    const card = readFileSync(join(out, 'segments', manifest.version, 'card.md'), 'utf8');
    expect(card).toContain('**May go into force.**');
    expect(card).toMatch(/\| high_value \| [\d.]+ % \| \d+ d \|/);
    expect(card).toContain('- `days_since_order`: days since the last completed order');
    expect(card).not.toMatch(/undefined|NaN/);
  });

  it('goes on from what is in force, the same for the same seed and history', async () => {
    const out = temporaryFolder();
    const args = trainArgs(out);
    const first = await runForJson<Manifest>([...args, '--as-of', '2025-06-10']);
    await promote(out, first.version);
    const [second, again] = [await runForJson<Manifest>(args), await runForJson<Manifest>(args)];
    expect(again.version).toBe(second.version);
    expect(second.outcomes[0]).toMatchObject({
      how: 'refitted',
      movement: { since: '2025-06-10T23:59:59.999Z', people: expect.any(Number) as number },
    });
    const { code, stdout } = await runCommand(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/labels that change since 2025-06-10: [\d.]+ % of \d+ people/);
    expect(stdout).toContain(`saved as ${second.version}`);
  });

  it('leaves out styles where nobody looked at anything, and says why', async () => {
    const out = temporaryFolder();
    const { code, stdout } = await runCommand(trainArgs(out, ['order']));
    expect(code).toBe(0);
    expect(stdout).toContain('style: how people take part (left out)');
    expect(stdout).toMatch(/style: left out, because nobody has a value of each of new_arrival_share_90d/);
    expect(stdout).toMatch(/\nhigh_value +[\d.]+ % +\d+ d/);
  });

  it('does not call people dormant of whom nothing is known any more', async () => {
    const out = temporaryFolder();
    const { code, stderr } = await runCommand([...trainArgs(out), '--as-of', '2030-01-01']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/before 2030-01-01T23:59:59.999Z \[USAGE\]/);
    expect(existsSync(join(out, 'segments'))).toBe(false);
  });

  it('saves nothing of a history that has nobody yet', async () => {
    const out = temporaryFolder();
    const { code, stdout, stderr } = await runCommand([...trainArgs(out), '--as-of', '2024-06-01']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/no segments can be made of .*acts\.csv as of 2024-06-01[^]*\n {2}mend: \S/);
    expect(existsSync(join(out, 'segments')) ? readdirSync(join(out, 'segments')) : []).toEqual([]);
  });
});

describeWithData('cdnow/CDNOW_master.txt', (path) => {
  it('makes segments that a refit a month later keeps', { timeout: 300_000 }, async () => {
    const out = temporaryFolder();
    const args = ['train', '--kind', 'segments', '--format', 'cdnow', '--input', path, '--out', out];
    const first = await runForJson<Manifest>([...args, '--as-of', '1997-12-31']);
    expect(first.publish.passed).toBe(true);
    expect(first.data).toMatchObject({ people: 23_570, withSegment: { value_segment: 23_570, style: 0 } });
    expect(new Set(first.models['value_segment']?.names)).toEqual(
      new Set(['high_value', 'ordinary', 'dormant']),
    );
    await promote(out, first.version);
    const second = await runForJson<Manifest>([...args, '--as-of', '1998-01-31']);
    expect(second.publish.passed).toBe(true);
    const { movement } = second.outcomes[0] as {
      movement: { people: number; byMover: Readonly<Record<string, number>> };
    };
    expect(movement.people).toBe(23_570);
    expect(1 - (movement.byMover['nobody'] ?? 0) / movement.people).toBeLessThanOrEqual(0.1);
  });
});
