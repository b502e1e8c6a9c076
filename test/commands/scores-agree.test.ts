import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { churnManifestOf, servedChurn } from '../../src/adapters/models/served-churn.ts';
import { loadChurnNetwork } from '../../src/adapters/tensorflow/load-churn-network.ts';
import { SERVED_WORDS } from '../../src/commands/served-words.ts';
import { openHistoryOf } from '../../src/commands/history-options.ts';
import { PLAIN_KEYS } from '../../src/core/scoring/churn/plain-scorer.ts';
import { instant } from '../../src/core/time.ts';
import { HORIZON_DAYS } from '../../src/ports/churn-network.ts';
import { readChurnHistory } from '../../src/runtime/training/churn-history.ts';
import { fitBaselines } from '../../src/runtime/training/fit-baselines.ts';
import { scoreRows } from '../../src/runtime/training/score-rows.ts';
import { describeWithData } from '../support/real-data.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { memoryStore } from '../support/run-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testWorld } from '../support/test-world.ts';

interface Explained {
  readonly risk: {
    readonly churn30d: number;
    readonly churn90d: number;
    readonly model: string;
    readonly byNetwork: boolean;
    readonly by: string;
  } | null;
}

const EXPLAINED = 20;

/**
 * Trains on a history, puts the model in force whatever its gate says, and asks three ways what it says of everybody at
 * the cut-off: the pipeline, `explain`, and the code that judges models.
 */
async function expectAgreement(format: string, input: string): Promise<void> {
  const models = temporaryFolder();
  const history = ['--format', format, '--input', input];
  const trained = await runForJson<{ version: string; asOf: string; withoutNetwork: string | null }>([
    ...['train', ...history, '--out', models],
  ]);
  expect(trained.withoutNetwork).toBeNull();
  const { version, asOf } = trained;
  await runForJson(['promote', version, '--models', models, '--force']);
  const db = join(temporaryFolder(), 'db');
  await runForJson(['replay', ...history, '--until', asOf, '--model', models, '--db', db]);
  const profiles = new Map(
    (
      await queryRows(
        db,
        'SELECT person_id, churn_30d, churn_90d FROM person_profiles WHERE orders_total > 0',
      )
    ).map((row) => [row['person_id'] as string, [row['churn_30d'], row['churn_90d']] as number[]]),
  );

  const judged = await judgedScores(format, input, models, version, asOf);
  expect(profiles.size).toBeGreaterThan(EXPLAINED);
  expect([...profiles.keys()].sort()).toEqual([...judged.keys()].sort());
  for (const [person, [short = NaN, long = NaN] = []] of profiles) {
    const [judgedShort = NaN, judgedLong = NaN] = judged.get(person) ?? [];
    expect(Math.abs(short - judgedShort), `${person}: ${short}, ${judgedShort}`).toBeLessThan(1e-6);
    expect(Math.abs(long - judgedLong), `${person}: ${long}, ${judgedLong}`).toBeLessThan(1e-6);
  }
  const risks = [...profiles.values()].map(([, long = NaN]) => long);
  expect(Math.max(...risks) - Math.min(...risks)).toBeGreaterThan(0.3);

  const stride = Math.max(1, Math.floor(profiles.size / EXPLAINED));
  const asked = [...profiles].filter((_, i) => i % stride === 0).slice(0, EXPLAINED);
  for (const [person, [short = NaN, long = NaN]] of asked) {
    const { risk } = await runForJson<Explained>(['explain', person, '--db', db]);
    expect(risk).toMatchObject({ model: version, byNetwork: true });
    expect(Math.abs((risk?.churn30d ?? NaN) - short), person).toBeLessThan(1e-6);
    expect(Math.abs((risk?.churn90d ?? NaN) - long), person).toBeLessThan(1e-6);
  }
}

/**
 * Puts the best baseline of a trained model in force, and compares what the pipeline says of everybody at the cut-off with the
 * baseline as evaluations fit it.
 */
async function expectBaselineToServe(format: string, input: string): Promise<void> {
  const models = temporaryFolder();
  const history = ['--format', format, '--input', input];
  const { version, asOf } = await runForJson<{ version: string; asOf: string }>([
    ...['train', ...history, '--out', models],
  ]);
  await runForJson(['promote', version, '--models', models, '--baseline']);
  const stored = await new FolderModelRegistry(models).read('churn', version);
  const { serves } = servedChurn(stored, { forced: false, bestBaseline: true });
  const key = PLAIN_KEYS.find((one) => one === serves);
  if (key === undefined) throw new Error(`${serves} is the best baseline; the sample is to have another`);
  const db = join(temporaryFolder(), 'db');
  const until = ['--until', asOf, '--model', models, '--db', db];
  const summary = await runForJson<{ scoredBy: string }>(['replay', ...history, ...until]);
  expect(summary.scoredBy).toBe(`${version}/baseline`);

  const judged = await readChurnHistory({
    source: await openHistoryOf({ format, input }, testWorld().world, () => undefined),
    store: memoryStore(1),
    money: { currency: churnManifestOf(stored).data.currency, rates: {} },
    asOf: instant(Date.parse(asOf)),
  });
  const [short, long] = HORIZON_DAYS.map((days) => fitBaselines(judged, days)[key]);
  const rows = new Map(judged.rowsAt(0).map((row) => [judged.rows.personIds[row], row]));
  const profiles = await queryRows(
    db,
    'SELECT person_id, churn_30d, churn_90d FROM person_profiles WHERE orders_total > 0',
  );
  expect(profiles).toHaveLength(rows.size);
  for (const { person_id: person, churn_30d: served30, churn_90d: served90 } of profiles) {
    const row = rows.get(person as string) ?? -1;
    expect(Math.abs((short?.(row).probability ?? NaN) - (served30 as number))).toBeLessThan(1e-6);
    expect(Math.abs((long?.(row).probability ?? NaN) - (served90 as number))).toBeLessThan(1e-6);
  }
  const [{ person_id: somebody }] = profiles as [Record<string, unknown>];
  const { stdout } = await runCommand(['explain', somebody as string, '--db', db]);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`by ${SERVED_WORDS[key]} (${version}/baseline)`);
}

/** Of everybody with an order at the cut-off: the probabilities of both horizons, as an evaluation has them. */
async function judgedScores(
  format: string,
  input: string,
  models: string,
  version: string,
  asOf: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const stored = await new FolderModelRegistry(models).read('churn', version);
  const { network: weights, calibration } = servedChurn(stored, { forced: true });
  if (weights === undefined) throw new Error(`${version} has no network`);
  const history = await readChurnHistory({
    source: await openHistoryOf({ format, input }, testWorld().world, () => undefined),
    store: memoryStore(1),
    money: { currency: churnManifestOf(stored).data.currency, rates: {} },
    asOf: instant(Date.parse(asOf)),
  });
  const network = await loadChurnNetwork('wasm', weights);
  try {
    const rows = history.rowsAt(0);
    const scores = HORIZON_DAYS.map((days) => scoreRows(history, rows, days, network, calibration[days]));
    return new Map(
      rows.map((row, i) => [history.rows.personIds[row] ?? '', scores.map((of) => of[i] ?? NaN)]),
    );
  } finally {
    network.dispose();
  }
}

describe('one model says one thing of a person, whoever asks', () => {
  it('on a simulated marketplace', async () => {
    const events = join(temporaryFolder(), 'events.ndjson');
    const size = ['--people', '70', '--days', '260', '--seed', '3'];
    expect((await runCommand(['simulate', ...size, '--out', events])).code).toBe(0);
    await expectAgreement('segment', events);
  }, 240_000);

  describeWithData('cdnow/CDNOW_master.txt', (path) => {
    it('on one in thirty of its customers', async () => {
      const lines = readFileSync(path, 'utf8').split('\n');
      const some = lines.filter(
        (line) => Number(line.trim().split(/\s+/)[0]) % 30 === 0 && line.trim() !== '',
      );
      const sample = join(temporaryFolder(), 'sample.txt');
      writeFileSync(sample, `${some.join('\n')}\n`);
      await expectAgreement('cdnow', sample);
      await expectBaselineToServe('cdnow', sample);
    }, 240_000);
  });
});
