import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithData } from '../support/real-data.ts';
import { queryRows, runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Summary {
  readonly events: {
    readonly read: number;
    readonly accepted: number;
    readonly duplicate: number;
    readonly late: number;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly people: number;
  readonly transitions: { readonly total: number };
}

function replay(format: string, input: string, ...rest: string[]): Promise<Summary> {
  return runForJson<Summary>(['replay', '--format', format, '--input', input, ...rest]);
}

function accountedFor({ events }: Summary): number {
  const rejected = Object.values(events.rejected).reduce((sum, count) => sum + count, 0);
  return events.accepted + events.duplicate + events.late + rejected;
}

const newFolder = (): string => join(temporaryFolder(), 'db');

const ROW_COUNTS = `SELECT
  (SELECT count() FROM tag_transitions_rows) AS transitions, (SELECT count() FROM tag_transitions_rows FINAL) AS transitions_once,
  (SELECT count() FROM current_tags_rows) AS tags, (SELECT count() FROM current_tags_rows FINAL) AS tags_once,
  (SELECT count() FROM person_profiles_rows) AS profiles, (SELECT count() FROM person_profiles_rows FINAL) AS profiles_once,
  (SELECT count() FROM trigger_events_rows) AS triggers, (SELECT count() FROM trigger_events_rows FINAL) AS triggers_once`;

const CURRENT = `SELECT toString(groupBitXor(sipHash64(tuple(*)))) AS tags,
  (SELECT toString(groupBitXor(sipHash64(toString(tuple(*))))) FROM person_profiles) AS profiles,
  (SELECT toString(groupBitXor(sipHash64(toString(tuple(*))))) FROM tag_transitions) AS transitions
  FROM current_tags`;

/** Orders and value in cents of everybody, straight from the file. */
function addUp(path: string, lastDay: string): Map<string, { orders: number; cents: number; last: string }> {
  const people = new Map<string, { orders: number; cents: number; last: string }>();
  for (const line of readFileSync(path, 'latin1').split('\n').slice(1)) {
    const [id, day, , dollars] = line.trim().split(/\s+/);
    if (id === undefined || day === undefined || dollars === undefined || day > lastDay) continue;
    const before = people.get(id) ?? { orders: 0, cents: 0, last: '' };
    people.set(id, {
      orders: before.orders + 1,
      cents: before.cents + Math.round(Number(dollars) * 100),
      last: day > before.last ? day : before.last,
    });
  }
  return people;
}

describeWithData('cdnow/CDNOW_master.txt', (path) => {
  it(
    'tells of everybody what a direct computation tells, and silence at its instant',
    { timeout: 120_000 },
    async () => {
      const db = newFolder();
      const summary = await replay('cdnow', path, '--db', db, '--until', '1997-06-30');
      expect(summary.events.read).toBe(69_659);
      expect(accountedFor(summary)).toBe(69_659);
      const direct = addUp(path, '19970630');
      const rows = await queryRows(
        db,
        'SELECT person_id AS id, orders_total AS orders, toFloat64(value_total) AS value FROM person_profiles',
      );
      const stored = new Map(
        rows.map(({ id, orders, value }) => [id, { orders, cents: Math.round(Number(value) * 100) }]),
      );
      expect(summary.people).toBe(23_570);
      expect(stored.size).toBe(direct.size);
      const wrong = [...direct].filter(([id, { orders, cents }]) => {
        const found = stored.get(id);
        return found?.orders !== orders || found.cents !== cents;
      });
      expect(wrong).toEqual([]);
      const silent = [...direct].filter(([, { last }]) => last === '19970201').map(([id]) => id);
      const dormant = await queryRows(
        db,
        `SELECT person_id AS id, cause, cause_ref, formatDateTime(effective_at, '%F %T') AS at FROM tag_transitions
       WHERE dimension = 'buyer_class' AND to_tag = 'dormant_buyer' AND effective_at > '1997-05-01 00:00:00'
         AND person_id IN (SELECT person_id FROM person_profiles WHERE last_order_at = '1997-02-01 00:00:00')`,
      );
      expect(dormant.map(({ id }) => String(id)).sort()).toEqual(silent.sort());
      for (const row of dormant)
        expect(row).toMatchObject({ cause: 'time', cause_ref: '', at: '1997-05-02 00:00:00' });
    },
  );

  it('changes nothing when it is replayed again', { timeout: 180_000 }, async () => {
    const db = newFolder();
    const first = await replay('cdnow', path, '--db', db);
    expect(first).toMatchObject({ people: 23_570, events: { read: 69_659, accepted: 69_659, rejected: {} } });
    const counts = await queryRows(db, ROW_COUNTS);
    const current = await queryRows(db, CURRENT);
    expect(counts[0]).toMatchObject({ transitions: first.transitions.total, profiles: 23_570 });
    const second = await replay('cdnow', path, '--db', db);
    expect(second.events).toMatchObject({
      read: 69_659,
      duplicate: 69_659,
      accepted: 0,
      late: 0,
      rejected: {},
    });
    expect(second.transitions.total).toBe(0);
    expect(await queryRows(db, ROW_COUNTS)).toEqual(counts);
    expect(await queryRows(db, CURRENT)).toEqual(current);
    const told = await runCommand(['explain', '00060', '--db', db]);
    expect(told.stdout).toMatch(/dormant_buyer since 1997-05-02[^]*last seen 514 days ago \(1997-02-01\)/);
  });
});

describe.each([
  { name: 'cdnow/CDNOW_sample.txt', format: 'cdnow', rows: 6_919, people: 2_357 },
  { name: 'complete-journey', format: 'complete-journey', rows: 75_000, people: 2_377 },
  { name: 'taobao/UserBehavior_2017-11-26_2h.csv', format: 'taobao', rows: 96_168, people: 58_732 },
  { name: 'taobao/UserBehavior_43users_9days.csv', format: 'taobao', rows: 4_321, people: 43 },
  { name: 'rees46/2019-Oct_head.csv', format: 'rees46', rows: 17_434, people: 4_504 },
])('a replay', ({ name, format, rows, people }) => {
  describeWithData(name, (path) => {
    it('accounts for every row, and twice is once', { timeout: 180_000 }, async () => {
      const db = newFolder();
      const first = await replay(format, path, '--db', db);
      expect(first.events.read).toBe(rows);
      expect(accountedFor(first)).toBe(rows);
      expect(first.people).toBe(people);
      const counts = await queryRows(db, ROW_COUNTS);
      const current = await queryRows(db, CURRENT);
      const second = await replay(format, path, '--db', db);
      expect(second.events).toMatchObject({ read: rows, duplicate: rows, accepted: 0, late: 0 });
      expect(await queryRows(db, ROW_COUNTS)).toEqual(counts);
      expect(await queryRows(db, CURRENT)).toEqual(current);
    });
  });
});
