import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderModelRegistry } from '../../src/adapters/models/folder-model-registry.ts';
import { encodeSegment } from '../../src/adapters/segment/encode-segment.ts';
import { simulateMarketplace } from '../../src/adapters/simulator/simulate-marketplace.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { churnReferenceFile, MODEL_REFERENCE_FILE } from '../../src/commands/drift-reference.ts';
import { CHURN_INPUTS } from '../../src/core/scoring/churn/churn-inputs.ts';
import { instant } from '../../src/core/time.ts';
import { readChurnHistory } from '../../src/runtime/training/churn-history.ts';
import { ordersInput } from './an-orders-file.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { memoryStore } from '../support/run-records.ts';

const START_AT = instant(Date.UTC(2025, 0, 1));
const MARKET = { people: 500, days: 75, seed: 5, startAt: START_AT, intensity: 0.4 };
const FROZEN_AT = '2025-02-28T23:59:59.999Z';
const LATER = '2025-03-10';

interface Told {
  readonly of: string;
  readonly drifted: boolean | null;
  readonly verdict: string;
  readonly reference: string;
  readonly alarms: readonly { readonly kind: string; readonly name: string; readonly stratum: string }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly notes: readonly string[];
}

const root = mkdtempSync(join(tmpdir(), 'tidemark-drift-'));
const history = join(root, 'events.ndjson');
const dearer = join(root, 'dearer.ndjson');
const reference = join(root, 'reference.json');
/** Frozen at the end of February and gone on with; and the same people with prices in cents. */
const db = join(root, 'db');
const dearDb = join(root, 'dear-db');

const replay = (input: string, into: string, until: string) =>
  runForJson(['replay', '--format', 'segment', '--input', input, '--db', into, '--until', until]);
const drift = (...args: readonly string[]) => runCommand(['drift', ...args], { columns: 100 });
const told = (...args: readonly string[]) => runForJson<Told>(['drift', ...args]);

/** Every amount of an order a hundred times as high, as if cents were taken for the whole unit. */
function dearerLine(line: string): string {
  if (!line.includes('"event":"Order Completed"')) return line;
  return line.replaceAll(/"(total|price)":([\d.]+)/g, (_, field: string, amount: string) => {
    return `"${field}":${(100 * Number(amount)).toFixed(2)}`;
  });
}

beforeAll(async () => {
  const lines: string[] = [];
  for (const block of simulateMarketplace(MARKET))
    for (const record of block) lines.push(encodeSegment(record));
  writeFileSync(history, lines.join('\n'));
  writeFileSync(dearer, lines.map(dearerLine).join('\n'));
  await replay(history, db, '2025-02-28');
  await replay(dearer, dearDb, '2025-02-28');
  await runForJson(['drift', '--db', db, '--freeze', reference]);
  await replay(history, db, LATER);
}, 240_000);
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('drift', () => {
  it('says plainly that the same people have merely grown older', async () => {
    const { code, stdout, stderr } = await drift('--db', db, '--reference', reference, '--fail-on-drift');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`people of ${db} as of ${LATER}, against ${FROZEN_AT}\n`);
    expect(stdout).toMatch(
      /^Nothing drifted: \d+ measures, \d+ comparisons, none past its limit; \d+ of \d+ people/m,
    );
    expect(stdout).not.toContain('what drifted');
  });

  it('finds prices that were multiplied, and little else', async () => {
    const { drifted, alarms } = await told('--db', dearDb, '--reference', reference);
    expect(drifted).toBe(true);
    const features = new Set(alarms.flatMap(({ kind, name }) => (kind === 'feature' ? [name] : [])));
    expect(features).toContain('value_total');
    for (const name of features) expect(name).toMatch(/value|average|largest|price/);
  });

  it('tells what drifted, how much, of how many, and what to do, and exits with 1 on request', async () => {
    const { code, stdout, stderr } = await drift('--db', dearDb, '--reference', reference, '--fail-on-drift');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: drift in .*value_total.* \[DRIFT_FOUND\]\n +mend: /);
    expect(stdout).toMatch(/^\d+ of \d+ measures drifted; (\d+) of \1 people \(100.0 %\) could be compared/m);
    expect(stdout).toMatch(
      /feature value_total +(?:like tenure|\d+-\d+ days) +\d+ +\d+ +\d\.\d{3} +0\.\d{3}\n/,
    );
    expect(stdout).toMatch(/what to do\nA feature drifted: look at the events/);
    expect((await drift('--db', dearDb, '--reference', reference)).code).toBe(0);
  });

  it('keeps every row in the table, once however often it is measured', async () => {
    const { rows } = await told('--db', db, '--reference', reference);
    const stored = () =>
      queryRows(db, 'SELECT * FROM drift ORDER BY reference, kind, name, stratum, measured_at');
    const once = await stored();
    expect(once).toHaveLength(rows.length);
    await told('--db', db, '--reference', reference);
    expect(await stored()).toEqual(once);
    const compared = once.filter(({ kind }) => kind !== 'segment_size');
    expect(new Set(compared.map((row) => row['reference']))).toEqual(new Set([FROZEN_AT]));
    expect(compared).toContainEqual(
      expect.objectContaining({ name: 'orders_90d', stratum: 'like tenure', alarm: false }),
    );
  });

  it('prints every measure on request', async () => {
    const { stdout } = await runCommand(['drift', '--db', db, '--reference', reference, '--all'], {
      columns: 160,
    });
    expect(stdout).toMatch(/every measure\nalarm +kind +name[^]*feature +orders_90d +like tenure/);
  });

  it('cuts words to the width of a terminal only', async () => {
    const args = ['drift', '--db', db, '--reference', reference, '--since', '2025-02-20'];
    const piped = await runCommand(args, { columns: 60 });
    expect(piped.stdout).toMatch(/\n[a-z_]+ +[a-z_]+ +[\d,]+ +[\d,]+ +[+−]\d+ [a-z ]+, [+−]\d+ [a-z ]+\n/);
    expect(piped.stdout).not.toContain('…');
    expect((await runCommand(args, { columns: 60, isTerminal: true })).stdout).toContain('…');
  });

  it('says of every tag whom it gained and lost, and by what', async () => {
    const since = '2025-02-20';
    const { rows } = await told('--db', db, '--reference', reference, '--since', since);
    const sizes = rows.filter(({ kind }) => kind === 'segment_size');
    const causes = new Set<string>();
    for (const row of sizes) {
      expect(row['reference']).toBe(`${since}T23:59:59.999Z`);
      const gains = row['causes'] as Readonly<Record<string, number>>;
      for (const cause of Object.keys(gains)) causes.add(cause);
      expect(Object.values(gains).reduce((sum, gain) => sum + gain, 0)).toBe(
        Number(row['n_current']) - Number(row['n_reference']),
      );
    }
    expect([...causes]).toEqual(expect.arrayContaining(['people_moved', 'time_passed']));
    expect(causes).not.toContain('not_told');
    const held = await queryRows(
      db,
      "SELECT dimension AS name, tag AS stratum, count() AS n_current FROM current_tags WHERE tag != 'none' GROUP BY ALL",
    );
    for (const tag of held) expect(sizes).toContainEqual(expect.objectContaining(tag));
  });

  it('freezes the same people as the same bytes, and compares before it freezes', async () => {
    const [one, two] = [join(root, 'one.json'), join(root, 'two.json')];
    const frozen = await runForJson(['drift', '--db', db, '--freeze', one]);
    expect(frozen['frozen']).toMatchObject({ path: one, at: `${LATER}T23:59:59.999Z` });
    const { code, stdout } = await drift('--db', db, '--reference', reference, '--freeze', two);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Nothing drifted[^]*froze \d+ people in \d+ measures/);
    expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'));
    expect(readFileSync(two, 'utf8')).not.toContain('p0000');
  });

  it('says what would be measured today and is not in the reference', async () => {
    const narrow = join(root, 'narrow.json');
    editReference(narrow, (measures) => measures.filter(({ name }) => name !== 'orders_90d'));
    const { notes, drifted } = await told('--db', db, '--reference', narrow);
    expect(drifted).toBe(false);
    expect(notes).toEqual(['not in the reference, so not compared: orders_90d']);
  });

  it('says that nothing can be said where nobody is of like tenure', async () => {
    const short = join(root, 'short.json');
    const shifted = JSON.parse(readFileSync(reference, 'utf8')) as Reference;
    shifted.reference.cells = shifted.reference.cells.map((cell) => ({ ...cell, fromDay: 900, toDay: 900 }));
    writeFileSync(short, JSON.stringify(shifted));
    const { verdict, drifted } = await told('--db', db, '--reference', short);
    expect(drifted).toBeNull();
    expect(verdict).toMatch(/^Nothing can be said/);
    expect((await drift('--db', db, '--reference', short)).code).toBe(0);
    const { code, stderr } = await drift('--db', db, '--reference', short, '--fail-on-drift');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /error: hardly anybody in .* knows \[DRIFT_INCOMPARABLE\]\n +mend: freeze a new reference/,
    );
  });
});

describe('drift against the people a churn model learnt from', () => {
  const asked = async (files: Readonly<Record<string, Uint8Array>>): Promise<string> => {
    const models = mkdtempSync(join(root, 'models-'));
    const registry = new FolderModelRegistry(models);
    const { version } = await registry.save({
      ...{ kind: 'churn', asOf: START_AT, manifest: { of: 'a test' }, files, card: '' },
    });
    await registry.promote('churn', { version, promotedAt: START_AT, forced: false, reasons: [] });
    return models;
  };

  it('names the model that is in force, and what it lacks', async () => {
    const { code, stderr } = await drift('--db', db, '--models', await asked({}));
    expect(code).toBe(2);
    expect(stderr).toMatch(/the model churn@2025-01-01-\w+ was saved without reference\.json/);
  });

  it('compares with the reference that lies beside it', async () => {
    const bytes = readFileSync(reference);
    const { reference: name, drifted } = await told(
      '--db',
      db,
      '--models',
      await asked({ 'reference.json': bytes }),
    );
    expect(name).toMatch(/^churn@2025-01-01-/);
    expect(drifted).toBe(false);
  });

  it('compares buyers with the buyers it learnt from, by its inputs', async () => {
    const learnt = await readChurnHistory({
      source: simulatedSource(MARKET),
      store: memoryStore(1),
      money: { currency: 'CNY', rates: {} },
      asOf: instant(Date.parse(FROZEN_AT)),
    });
    const buyers = learnt.rowsAt(0).length;
    const models = await asked({ [MODEL_REFERENCE_FILE]: churnReferenceFile(learnt) });
    const { of, drifted, notes, rows } = await told('--db', db, '--models', models);
    expect({ of, drifted }).toEqual({ of: 'churn', drifted: false });
    expect(notes).toEqual([]);
    const features = new Set(rows.flatMap(({ kind, name }) => (kind === 'feature' ? [name] : [])));
    expect(features).toEqual(new Set(learntInputs()));
    expect(rows).toContainEqual(expect.objectContaining({ name: 'log_orders_90d', n_reference: buyers }));
    const dear = await told('--db', dearDb, '--models', models);
    expect(dear.alarms.map(({ name }) => name)).toContain('log_value_total');
    for (const { name } of dear.alarms.filter(({ kind }) => kind === 'feature'))
      expect(name).toMatch(/value|mean_order/);
  });

  it('compares what a trained model said of them with what it says of people now', async () => {
    const folder = mkdtempSync(join(root, 'trained-'));
    const [models, people] = [join(folder, 'models'), join(folder, 'db')];
    const input = ordersInput(150, 420);
    const { version, asOf } = await runForJson<{ readonly version: string; readonly asOf: string }>([
      ...['train', ...input, '--out', models],
    ]);
    await runForJson(['promote', version, '--models', models, '--force']);
    await runForJson(['replay', ...input, '--db', people, '--until', asOf]);
    const { reference: name, drifted, rows, notes } = await told('--db', people, '--models', models);
    expect({ name, drifted, notes }).toEqual({ name: version, drifted: false, notes: [] });
    for (const score of ['churn_30d', 'churn_90d'])
      expect(rows).toContainEqual(
        expect.objectContaining({
          kind: 'score',
          name: score,
          stratum: 'like tenure',
          psi: 0,
          n_current: 150,
        }),
      );
  }, 120_000);

  it('says that no model is in force', async () => {
    const empty = join(root, 'no-models');
    mkdirSync(empty);
    const { code, stderr } = await drift('--db', db, '--models', empty);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no churn model is in force[^]*mend: /);
  });
});

describe('drift refuses', () => {
  it.each([
    ['no reference', [], /\[USAGE\]\n +mend: freeze one while all is well with --freeze FILE/],
    ['two references', ['--reference', reference, '--models', root], /name two references/],
    ['a file that is not there', ['--reference', join(root, 'none.json')], /\[INPUT_NOT_FOUND\]/],
    ['a file that is none', ['--reference', history], /no drift reference[^]*\[DRIFT_INCOMPARABLE\]/],
    ['a time to come', ['--reference', reference, '--since', '2025-12-31'], /is not before 2025-03-10/],
  ])('%s', async (_, args, says) => {
    const { code, stdout, stderr } = await drift('--db', db, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/\n +mend: \w/);
  });

  it('a folder without a state', async () => {
    const { code, stderr } = await drift('--db', join(root, 'nowhere'), '--reference', reference);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is no state of people in .*nowhere \[INPUT_NOT_FOUND\]/);
  });

  it('a reference of another catalogue, naming what is not here', async () => {
    const other = join(root, 'other.json');
    editReference(other, (measures) => {
      return measures.map((one) => ({ ...one, name: one.name === 'orders_90d' ? 'moons_90d' : one.name }));
    });
    const { code, stderr } = await drift('--db', db, '--reference', other);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there is no moons_90d here \[DRIFT_INCOMPARABLE\]/);
  });

  it('too few people', async () => {
    const few = join(root, 'few.csv');
    const fewDb = join(root, 'few-db');
    writeFileSync(
      few,
      `who,when,value\n${Array.from({ length: 19 }, (_, i) => `p${i},2025-01-05,9\n`).join('')}`,
    );
    const map = ['--format', 'csv', '--map', 'person=who,time=when,value=value'];
    await runForJson(['replay', ...map, '--input', few, '--db', fewDb]);
    for (const wanted of [
      ['--reference', reference],
      ['--freeze', join(root, 'few.json')],
    ]) {
      const { code, stderr } = await drift('--db', fewDb, ...wanted);
      expect(code).toBe(2);
      expect(stderr).toMatch(/there are 19 people in .*few-db, and 20 are the least/);
    }
  });
});

/** All but the closed form's, which depends on what was fitted. */
function learntInputs(): string[] {
  return CHURN_INPUTS.map(({ name }) => name).filter((name) => name !== 'mbg_logit');
}

interface Measure {
  readonly name: string;
}
interface Reference {
  readonly reference: { measures: readonly Measure[]; cells: readonly object[] };
}

function editReference(path: string, edit: (measures: readonly Measure[]) => readonly Measure[]): void {
  const document = JSON.parse(readFileSync(reference, 'utf8')) as Reference;
  document.reference.measures = edit(document.reference.measures);
  writeFileSync(path, JSON.stringify(document));
}
