import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import { markSnapshot, openSnapshot, saveSnapshot } from '../../src/adapters/memory/state-snapshot.ts';
import { STATE_FILE } from '../../src/commands/embedded-run.ts';
import { DAY_MS, instant, isoOf } from '../../src/core/time.ts';
import { everythingIn } from '../support/everything-in.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HEADER = 'customer,date,amount,number';
const MAP = 'person=customer,time=date,value=amount,order=number';
const SOURCE = 'csv:orders.csv';
const FIRST_DAY = Date.UTC(2024, 0, 1);
const SLOW = 60_000;

/** One row in ten is an order; the others are refused, which gives rows enough to be written before the end. */
function rowsOf(count: number, change: { readonly at?: number } = {}): string[] {
  return Array.from({ length: count }, (_, i) => {
    const date = isoOf(instant(FIRST_DAY + Math.floor(i / 100) * DAY_MS)).slice(0, 10);
    const customer = i === change.at ? 'somebody else' : `c${(i * 7) % 501}`;
    return `${customer},${date},${i % 10 === 0 ? 20 + (i % 90) : -1},${i}`;
  });
}

function write(path: string, rows: readonly string[]): void {
  writeFileSync(path, `${[HEADER, ...rows].join('\n')}\n`);
}

const replay = (input: string, db: string, ...rest: string[]) =>
  ['replay', '--format', 'csv', '--map', MAP, '--input', input, '--db', db, ...rest] as const;

/** Replays in another process, which is killed once it has read so many rows and written what they led to by then. */
function replayUntilKilled(input: string, db: string, rows: number): void {
  const script = fileURLToPath(new URL('./die-in-replay.ts', import.meta.url));
  const { signal, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, input, db, String(rows)],
    { encoding: 'utf8' },
  );
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
}

async function rowsStored(db: string): Promise<unknown> {
  const tables = ['tag_transitions_rows', 'trigger_events_rows', 'dead_letters_rows'];
  const counts = tables.map((table) => `(SELECT count() FROM ${table}) AS ${table}`);
  return (await queryRows(db, `SELECT ${counts.join(', ')}`))[0];
}

/** Place of the last row that is stored as refused, from 0. */
async function lastRefused(db: string): Promise<number> {
  const [row] = await queryRows(db, 'SELECT max(offset) AS last FROM dead_letters_rows');
  return Number(row?.['last']);
}

async function headerIn(db: string) {
  const snapshot = await openSnapshot(join(db, STATE_FILE));
  if (snapshot === undefined) throw new Error(`${db} has no state`);
  snapshot.close();
  return snapshot.header;
}

async function expectRefused(input: string, db: string, says: RegExp): Promise<void> {
  const { code, stdout, stderr } = await runCommand(replay(input, db));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
}

const KILLED = 32_768;
const COUNT = 40_000;

describe('a replay that was killed after its first rows', () => {
  it.each([
    { folder: 'new folder', before: 0 },
    { folder: 'folder with a state', before: 3_000 },
  ])(
    'into a $folder is completed by its own file only, and repeats nothing',
    async ({ before }) => {
      const [folder, db, whole] = [
        temporaryFolder(),
        join(temporaryFolder(), 'db'),
        join(temporaryFolder(), 'db'),
      ];
      const input = join(folder, 'orders.csv');
      const replayAll = async (into: string, rows: readonly string[]) => {
        write(input, rows);
        await runForJson(replay(input, into));
      };
      for (const into of before > 0 ? [db, whole] : []) await replayAll(into, rowsOf(before));

      write(input, rowsOf(COUNT));
      replayUntilKilled(input, db, KILLED);
      const { summary, underway } = await headerIn(db);
      expect(summary.partitions[0]?.offsets[SOURCE] ?? 0).toBe(before);
      // What was read since the last full batch of rows was written has led to nothing yet, and may be something else.
      const written = underway.beginnings[SOURCE]?.records ?? NaN;
      expect(written).toBeGreaterThan(await lastRefused(db));
      expect(written).toBeGreaterThanOrEqual(KILLED / 2);
      expect(written).toBeLessThanOrEqual(COUNT);
      const stored = await rowsStored(db);
      const rows = await everythingIn(db);
      expect(rows.flat().length).toBeGreaterThanOrEqual(20_000);
      const state = readFileSync(join(db, STATE_FILE));
      for (const other of [
        rowsOf(COUNT, { at: before }),
        rowsOf(COUNT, { at: written - 1 }),
        rowsOf(written - 1),
      ]) {
        write(input, other);
        await expectRefused(
          input,
          db,
          /holds results of another csv:orders\.csv, of a run that was cut short: [^]*\[DATABASE_OTHER_ORIGIN\]\n {2}mend: name a new folder/,
        );
      }
      const elsewhere = join(folder, 'others.csv');
      write(elsewhere, rowsOf(10));
      await expectRefused(
        elsewhere,
        db,
        /of csv:orders\.csv, [^]*this input is csv:others\.csv \[DATABASE_OTHER_ORIGIN\]/,
      );
      expect(await everythingIn(db)).toEqual(rows);
      expect(await rowsStored(db)).toEqual(stored);
      expect(readFileSync(join(db, STATE_FILE))).toEqual(state);

      for (const count of [COUNT, COUNT + 500]) {
        await replayAll(db, rowsOf(count));
        await replayAll(whole, rowsOf(count));
        expect(await everythingIn(db)).toEqual(await everythingIn(whole));
        expect(await rowsStored(db)).toEqual(await rowsStored(whole));
      }
      expect((await headerIn(db)).underway.beginnings).toEqual({});
    },
    SLOW,
  );
});

/** Makes of a folder what a kill right before the first state was saved would have left. */
async function loseState(db: string): Promise<void> {
  const path = join(db, STATE_FILE);
  const { summary, digests, ...about } = await headerIn(db);
  const [part] = summary.partitions;
  const records = part?.offsets[SOURCE] ?? 0;
  await saveSnapshot(new MemoryStateStore(1, []), path, { ...about, digests: {} });
  const beginnings = { [SOURCE]: { records, digest: digests[SOURCE] ?? 0 } };
  await markSnapshot(path, { clock: instant(part?.clock ?? 0), beginnings });
}

describe('a replay that was killed after its last rows', () => {
  it('of a short file may be continued with more of it, not with another', async () => {
    const [db, whole] = [join(temporaryFolder(), 'db'), join(temporaryFolder(), 'db')];
    const input = join(temporaryFolder(), 'orders.csv');
    write(input, rowsOf(3));
    await runForJson(replay(input, db));
    await loseState(db);
    write(input, rowsOf(30, { at: 2 }));
    await expectRefused(input, db, /first 3 records [^]*\[DATABASE_OTHER_ORIGIN\]/);
    write(input, rowsOf(30));
    await runForJson(replay(input, db));
    await runForJson(replay(input, whole));
    expect(await everythingIn(db)).toEqual(await everythingIn(whole));
  });

  it('cannot have time turned back behind what it wrote, and goes on to there by itself', async () => {
    const db = join(temporaryFolder(), 'db');
    const input = join(temporaryFolder(), 'orders.csv');
    write(input, rowsOf(900));
    await runForJson(replay(input, db, '--until', '2025-06-30'));
    const rows = await everythingIn(db);
    const { summary } = await headerIn(db);
    await loseState(db);
    const back = await runCommand(replay(input, db, '--until', '2025-05-31'));
    expect(back.code).toBe(2);
    expect(back.stderr).toMatch(/time has come to 2025-06-30T23:59:59\.999Z[^]*\[USAGE\]/);
    await runForJson(replay(input, db));
    expect(await everythingIn(db)).toEqual(rows);
    expect((await headerIn(db)).summary).toEqual(summary);
  });
});
