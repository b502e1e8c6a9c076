import { appendFileSync, existsSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSegment } from '../../src/adapters/segment/encode-segment.ts';
import { simulateMarketplace } from '../../src/adapters/simulator/simulate-marketplace.ts';
import { instant } from '../../src/core/time.ts';
import { everythingIn } from '../support/everything-in.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { unwritableFolder } from '../support/unwritable-folder.ts';

const HEADER = 'customer,date,amount,number\n';
const MAP = 'person=customer,time=date,value=amount,order=number';
const START_AT = instant(Date.UTC(2025, 0, 1));

interface Summary {
  readonly events: {
    readonly read: number;
    readonly accepted: number;
    readonly duplicate: number;
    readonly late: number;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly people: number;
  readonly tags: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly transitions: { readonly total: number; readonly byCause: Readonly<Record<string, number>> };
  readonly triggers: number;
  readonly triggersMuted: number;
  readonly interrupted: boolean;
  readonly scoredBy: string;
  readonly flapRates: Readonly<Record<string, unknown>>;
}

let simulated = '';
beforeAll(() => {
  const lines: string[] = [];
  for (const block of simulateMarketplace({ people: 25, days: 130, seed: 3, startAt: START_AT })) {
    lines.push(...block.map(encodeSegment));
  }
  simulated = `${lines.join('\n')}\n`;
});

function inputFile(text: string | Buffer, name = 'orders.csv'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

function replayCsv(input: string, ...rest: string[]): string[] {
  return ['replay', '--format', 'csv', '--map', MAP, '--input', input, ...rest];
}

function replaySegment(input: string, ...rest: string[]): string[] {
  return ['replay', '--format', 'segment', '--input', input, ...rest];
}

function accountedFor({ events }: Summary): number {
  const rejected = Object.values(events.rejected).reduce((sum, count) => sum + count, 0);
  return events.accepted + events.duplicate + events.late + rejected;
}

/** Is given at a certain look at it; the pipeline takes some for each block of records, however long its turns are. */
function signalAtLook(look: number): AbortSignal {
  const { signal } = new AbortController();
  let looks = 0;
  return Object.defineProperty(signal, 'aborted', { get: () => ++looks >= look });
}

describe('replay', () => {
  it('without a folder prints what came of it and keeps nothing', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\nb,2025-01-02,-3,2\na,2025-01-01,10,3\n`);
    const summary = await runForJson<Summary>(replayCsv(input));
    expect(summary.events).toEqual({
      ...{ read: 3, accepted: 2, duplicate: 0, late: 0 },
      rejected: { negative_amount: 1 },
    });
    expect(summary.people).toBe(1);
    expect(summary.tags['buyer_class']).toEqual({ ordinary_buyer: 1 });
    // Ordinary buyer, and within the hour a risk by the closed form.
    expect(summary.transitions).toEqual({ total: 2, byCause: { event: 2 } });
    expect(summary.scoredBy).toBe('closed-form@cdnow');
  });

  it('tells people on one page', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\nb,2025-01-02,-3,2\n`);
    const { code, stdout } = await runCommand(replayCsv(input, '--until', '2025-12-31'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/: 2 rows, 1 person, up to 2025-12-31/);
    expect(stdout).toMatch(/negative_amount +1 +first at orders\.csv:3: /);
    expect(stdout).toMatch(/\n {2}amounts count as CNY, the currency of the rules: csv states none\n/);
    expect(stdout).toMatch(/dormant_buyer +1 +█+ +100\.0 %/);
    expect(stdout).toMatch(/ {2}style [^]*socialite +0\n +\(none\) +1 +█+ +100\.0 % {2}no model in force\n/);
    expect(stdout).toMatch(/ {2}compliance_review [^]*\(none\) +1 +█+ +100\.0 %\n/);
    expect(stdout).toMatch(/risks by closed-form@cdnow, from orders alone/);
    expect(stdout).toMatch(/time +\d+ +nothing happened, and time passed/);
    expect(stdout).toMatch(/1 trigger, recorded and muted[^]*welcome_back +1/);
  });

  it('tells it in forty columns, too', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\nb,2025-01-02,-3,2\n`);
    const { stdout } = await runCommand(replayCsv(input, '--until', '2025-12-31'), {
      ...{ columns: 40, isTerminal: true },
    });
    expect(stdout).toMatch(/\n {4}dormant_buyer +1 {2}100\.0 %\n/);
    expect(stdout).toMatch(/time +\d+ {2}nothing happened, and time\n +passed\n/);
    expect(stdout.split('\n').filter((text) => text.length > 40 && text.trim().includes(' '))).toEqual([]);
  });

  it('with a folder gives the same as without, once, however often it is run', async () => {
    const input = inputFile(simulated, 'events.ndjson');
    const db = join(temporaryFolder(), 'db');
    const alone = await runForJson<Summary>(replaySegment(input));
    const first = await runForJson<Summary>(replaySegment(input, '--db', db));
    expect(accountedFor(first)).toBe(first.events.read);
    // How restless tags are is asked of the folder.
    const { flapRates, ...told } = first;
    expect(Object.keys(flapRates).length).toBeGreaterThan(0);
    expect({ ...told, flapRates: {}, db: undefined }).toEqual({ ...alone, db: undefined });
    expect(first.triggersMuted).toBe(first.triggers);
    const rows = await everythingIn(db);
    const stored = 'SELECT count() AS n FROM tag_transitions_rows';
    const before = await queryRows(db, stored);
    expect(before).toEqual([{ n: first.transitions.total }]);
    const second = await runForJson<Summary>(replaySegment(input, '--db', db));
    expect(second.events).toMatchObject({
      read: first.events.read,
      duplicate: first.events.read,
      accepted: 0,
    });
    expect(second).toMatchObject({ people: first.people, tags: first.tags, transitions: { total: 0 } });
    expect(await everythingIn(db)).toEqual(rows);
    expect(await queryRows(db, stored)).toEqual(before);
  });

  it('gives the same whatever the number of partitions, and in two parts', async () => {
    const input = inputFile(simulated, 'events.ndjson');
    const whole = join(temporaryFolder(), 'db');
    const parts = join(temporaryFolder(), 'db');
    await runForJson(replaySegment(input, '--db', whole));
    const partitions = ['--partitions', '4'];
    await runForJson(replaySegment(input, '--db', parts, ...partitions, '--until', '2025-03-01'));
    await runForJson(replaySegment(input, '--db', parts, ...partitions));
    expect(await everythingIn(parts)).toEqual(await everythingIn(whole));
  });

  it.each([1, 3, 4, 6])(
    'interrupted at look %i, says so, keeps what is done, and a rerun completes it',
    async (look) => {
      const input = inputFile(simulated, 'events.ndjson');
      const whole = join(temporaryFolder(), 'db');
      const broken = join(temporaryFolder(), 'db');
      await runForJson(replaySegment(input, '--db', whole));
      const stopped = await runCommand(replaySegment(input, '--db', broken, '--json'), {
        signal: signalAtLook(look),
      });
      expect(stopped.code).toBe(130);
      expect(stopped.stderr).toMatch(/stopped: after [\d,]+ rows[^]*mend: run the same command again/);
      const summary = JSON.parse(stopped.stdout.trimEnd()) as Summary;
      expect(summary.interrupted).toBe(true);
      expect(summary.events.read).toBeLessThan(simulated.split('\n').length - 1);
      const rest = await runForJson<Summary>(replaySegment(input, '--db', broken));
      expect(rest.events.duplicate).toBeGreaterThanOrEqual(summary.events.read);
      expect(await everythingIn(broken)).toEqual(await everythingIn(whole));
    },
  );

  it('fires triggers only when told to', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\n`);
    const [muted, fired] = [join(temporaryFolder(), 'db'), join(temporaryFolder(), 'db')];
    const args = replayCsv(input, '--until', '2025-12-31', '--db');
    expect(await runForJson([...args, muted])).toMatchObject({ triggers: 1, triggersMuted: 1 });
    const told = await runForJson([...args, fired, '--fire-triggers']);
    expect(told).toMatchObject({ triggers: 1, triggersMuted: 0 });
    const recorded = 'SELECT muted FROM trigger_events';
    expect(await queryRows(muted, recorded)).toEqual([{ muted: true }]);
    expect(await queryRows(fired, recorded)).toEqual([{ muted: false }]);
  });

  it('takes in what was added to a file, and refuses another file of its name', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\nb,2025-01-02,5,2\n`);
    const db = join(temporaryFolder(), 'db');
    await runForJson(replayCsv(input, '--db', db));
    appendFileSync(input, 'c,2025-01-03,7,3\n');
    expect((await runForJson<Summary>(replayCsv(input, '--db', db))).events).toMatchObject({
      ...{ read: 3, duplicate: 2, accepted: 1 },
    });
    const rows = await everythingIn(db);
    for (const other of ['x,2025-01-01,10,1\ny,2025-01-02,5,2\nz,2025-01-03,7,3\n', 'a,2025-01-01,10,1\n']) {
      writeFileSync(input, HEADER + other);
      const { code, stderr } = await runCommand(replayCsv(input, '--db', db));
      expect(code).toBe(2);
      expect(stderr).toMatch(/built with another csv:orders\.csv[^]*\[DATABASE_OTHER_ORIGIN\][^]*new folder/);
    }
    expect(await everythingIn(db)).toEqual(rows);
  });

  it('refuses to turn time back, and another policy or number of partitions', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\n`);
    const db = join(temporaryFolder(), 'db');
    await runForJson(replayCsv(input, '--db', db, '--until', '2025-06-30'));
    const back = await runCommand(replayCsv(input, '--db', db, '--until', '2025-05-31'));
    expect(back).toMatchObject({ code: 2, stdout: '' });
    expect(back.stderr).toMatch(/time has come to 2025-06-30T23:59:59\.999Z[^]*\[USAGE\][^]*new folder/);
    const parts = await runCommand(replayCsv(input, '--db', db, '--partitions', '2'));
    expect(parts).toMatchObject({ code: 2, stdout: '' });
    const policy = inputFile(
      DEFAULT_POLICY.replace(
        'days_since_activity: { at_least: 90 }',
        'days_since_activity: { at_least: 80 }',
      ),
      'p.yaml',
    );
    const edited = await runCommand(replayCsv(input, '--db', db, '--policy', policy));
    expect(edited.code).toBe(2);
    expect(edited.stderr).toMatch(/built with the policy marketplace@1-\w+, and not marketplace@1-\w+/);
  });

  it('that lost its state half way writes nothing twice', async () => {
    const input = inputFile(simulated, 'events.ndjson');
    const db = join(temporaryFolder(), 'db');
    await runForJson(replaySegment(input, '--db', db, '--until', '2025-02-01'));
    const early = readFileSync(join(db, 'tidemark.state'));
    await runForJson(replaySegment(input, '--db', db));
    const rows = await everythingIn(db);
    writeFileSync(join(db, 'tidemark.state'), early);
    await runForJson(replaySegment(input, '--db', db));
    expect(await everythingIn(db)).toEqual(rows);
  });

  it('of a second file into the folder of a first says that it adds to it, once', async () => {
    const text = `${HEADER}a,2025-01-01,10,1\nb,2025-01-02,3,2\n`;
    const [input, other] = [inputFile(text), inputFile(text, 'other.csv')];
    const db = join(temporaryFolder(), 'db');
    expect((await runCommand(replayCsv(input, '--db', db))).stderr).toBe('');
    const added = await runCommand(replayCsv(other, '--db', db));
    expect(added.stderr).toMatch(
      /^warning: .* holds csv:orders\.csv, and csv:other\.csv is added to it: a file is known by/,
    );
    expect((await runCommand(replayCsv(other, '--db', db))).stderr).toBe('');
  });

  it('into results that lost their state file is refused, and leaves them as they are', async () => {
    const input = inputFile(`${HEADER}a,2025-01-01,10,1\nb,2025-01-02,3,2\n`);
    const db = join(temporaryFolder(), 'db');
    await runForJson(replayCsv(input, '--db', db));
    const rows = await everythingIn(db);
    rmSync(join(db, 'tidemark.state'));
    const { code, stderr } = await runCommand(replayCsv(input, '--db', db));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /holds results, and no tidemark\.state [^]*\[DATABASE_OTHER_ORIGIN\]\n +mend: put that file back/,
    );
    expect(await everythingIn(db)).toEqual(rows);
  });
});

const DEFAULT_POLICY = readFileSync(
  new URL('../../models/policies/marketplace.yaml', import.meta.url),
  'utf8',
);

describe('bad input', () => {
  const good = `${HEADER}a,2025-01-01,10,1\n`;
  const CASES: readonly {
    name: string;
    args: () => string[];
    code: number;
    says: RegExp;
  }[] = [
    { name: 'an empty file', args: () => replayCsv(inputFile('')), code: 1, says: /\[INPUT_EMPTY\]/ },
    { name: 'a header alone', args: () => replayCsv(inputFile(HEADER)), code: 1, says: /\[INPUT_EMPTY\]/ },
    {
      name: 'a binary file',
      args: () => replaySegment(inputFile(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff, 0xfe, 10]))),
      code: 1,
      says: /\[INPUT_FORMAT\]/,
    },
    {
      name: 'a format that is not there',
      args: () => ['replay', '--format', 'cdnov', '--input', inputFile(good)],
      code: 2,
      says: /there is no format "cdnov" \[USAGE\][^]*cdnow/,
    },
    {
      name: 'a file of another format',
      args: () => ['replay', '--format', 'cdnow', '--input', inputFile(good)],
      code: 1,
      says: /\[INPUT_FORMAT\]/,
    },
    {
      name: 'a missing column',
      args: () => [
        'replay',
        '--format',
        'csv',
        '--map',
        'person=customer,time=date,value=price',
        '--input',
        inputFile(good),
      ],
      code: 1,
      says: /price[^]*\[INPUT_FORMAT\]/,
    },
    {
      name: 'no input',
      args: () => replayCsv('/nowhere/orders.csv'),
      code: 2,
      says: /\[INPUT_NOT_FOUND\]/,
    },
    {
      name: 'a misspelt feature in the policy',
      args: () =>
        replayCsv(
          inputFile(good),
          '--policy',
          inputFile(DEFAULT_POLICY.replace('orders_90d:', 'order_90d:'), 'p.yaml'),
        ),
      code: 2,
      says: /order_90d[^]*orders_90d[^]*\[POLICY_INVALID\]|\[POLICY_INVALID\][^]*order_90d/,
    },
    {
      name: 'a file as the folder',
      args: () => replayCsv(inputFile(good), '--db', inputFile('x')),
      code: 1,
      says: /is a file, not a folder \[DATABASE_UNAVAILABLE\]/,
    },
    {
      name: 'a folder of somebody else',
      args: () => replayCsv(inputFile(good), '--db', join(inputFile('x'), '..')),
      code: 1,
      says: /is not a database[^]*\[DATABASE_UNAVAILABLE\]/,
    },
    {
      name: 'a date that is none',
      args: () => replayCsv(inputFile(good), '--until', '1997-13-01'),
      code: 2,
      says: /--until[^]*\[USAGE\]/,
    },
  ];

  it.each(CASES)('$name is told, with the mend', async ({ args, code, says }) => {
    const result = await runCommand(args());
    expect(result.stderr).toMatch(says);
    expect(result.stderr).toMatch(/\n {2}mend: \S/);
    expect(result).toMatchObject({ code, stdout: '' });
  });

  it.each(['', 'new'])('a folder one may not write to is told (%j in it)', async (name) => {
    const db = join(unwritableFolder(), name);
    const { code, stdout, stderr } = await runCommand(replayCsv(inputFile(good), '--db', db));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`error: ${db} cannot be used: `);
    expect(stderr).toMatch(
      /\b(?:EACCES: permission denied|EROFS: read-only file system), .*\[DATABASE_UNAVAILABLE\]/,
    );
    expect(stderr).toMatch(
      /\n {2}mend: Name a folder (?:you may write to|on a disk that is not mounted read-only), or /,
    );
  });

  it('a damaged state is told', async () => {
    const input = inputFile(good);
    const db = join(temporaryFolder(), 'db');
    await runForJson(replayCsv(input, '--db', db));
    writeFileSync(join(db, 'tidemark.state'), readFileSync(join(db, 'tidemark.state')).subarray(0, -5));
    const { code, stderr } = await runCommand(replayCsv(input, '--db', db));
    expect(code).toBe(1);
    expect(stderr).toMatch(/damaged[^]*\[STATE_CORRUPT\][^]*mend: /);
    expect(existsSync(join(db, 'tidemark.state'))).toBe(true);
  });

  it('rows that cannot be used are counted by reason, each with its first place', async () => {
    const input = inputFile(
      `${HEADER}a,2025-01-01,10,1\nb,1899-12-31,10,2\nc,2025-01-02,-1,3\n,2025-01-03,4,4\nd,2025-01-04,many,5\ne,2025-01-05,8,6\nf,2025-01-0`,
    );
    const summary = await runForJson<Summary & { firstRejected: Record<string, { place: string }> }>(
      replayCsv(input),
    );
    expect(summary.events).toMatchObject({ read: 7, accepted: 2 });
    expect(accountedFor(summary)).toBe(7);
    const places = Object.fromEntries(
      Object.entries(summary.firstRejected).map(([reason, { place }]) => [reason, place]),
    );
    expect(places).toEqual({
      invalid_timestamp: 'orders.csv:3',
      negative_amount: 'orders.csv:4',
      missing_person: 'orders.csv:5',
      invalid_amount: 'orders.csv:6',
      malformed: 'orders.csv:8',
    });
  });
});
