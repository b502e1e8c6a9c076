import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { describeWithData } from '../support/real-data.ts';
import { queryRows, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Order {
  readonly person: string;
  readonly atMs: number;
  readonly cents: number;
}

interface RealHistory {
  readonly format: string;
  /** Of the file itself, where a folder is imported. */
  readonly file?: string;
  readonly untils: readonly string[];
  /** Line items of one order have one key. */
  readonly order: (cells: readonly string[], line: number) => (Order & { readonly key: string }) | undefined;
  readonly cut: (line: string) => readonly string[];
}

const byCommas = (line: string): readonly string[] => line.split(',');
const cents = (amount = ''): number => Math.round(Number(amount) * 100);
const day = (digits = ''): number =>
  Date.parse(`${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}T00:00:00Z`);

const HISTORIES: Readonly<Record<string, RealHistory>> = {
  'cdnow/CDNOW_master.txt': {
    format: 'cdnow',
    untils: ['1997-11-15'],
    cut: (line) => line.trim().split(/\s+/),
    order: ([person = '', date, , value], line) => ({
      ...{ key: `${line}`, person, atMs: day(date), cents: cents(value) },
    }),
  },
  'cdnow/CDNOW_sample.txt': {
    format: 'cdnow',
    untils: ['1997-04-30', '1998-02-10'],
    cut: (line) => line.trim().split(/\s+/),
    order: ([person = '', , date, , value], line) => ({
      ...{ key: `${line}`, person, atMs: day(date), cents: cents(value) },
    }),
  },
  'complete-journey': {
    format: 'complete-journey',
    file: 'transactions_sample.csv',
    untils: ['2017-04-30', '2017-11-05'],
    cut: byCommas,
    order: ([person = '', , basket, , , value, , , , , time = '']) => ({
      ...{ key: `${person} ${basket}`, person, atMs: Date.parse(`${time.replace(' ', 'T')}Z`) },
      cents: cents(value),
    }),
  },
  'rees46/2019-Oct_head.csv': {
    format: 'rees46',
    untils: ['2019-10-01T01:30:00Z', '2019-10-01T02:40:00Z'],
    cut: byCommas,
    order: ([time = '', kind, , , , , price, person = ''], line) =>
      kind === 'purchase'
        ? { key: `${line}`, person, atMs: Date.parse(time.replace(' UTC', 'Z')), cents: cents(price) }
        : undefined,
  },
  'taobao/UserBehavior_43users_9days.csv': {
    format: 'taobao',
    untils: ['2017-11-28', '2017-12-02T12:00:00Z'],
    cut: byCommas,
    order: ([person = '', , , kind, seconds], line) =>
      kind === 'buy' ? { key: `${line}`, person, atMs: Number(seconds) * 1000, cents: 0 } : undefined,
  },
  'taobao/UserBehavior_2017-11-26_2h.csv': {
    format: 'taobao',
    untils: ['2017-11-26T01:59:59Z'],
    cut: byCommas,
    order: ([person = '', , , kind, seconds], line) =>
      kind === 'buy' ? { key: `${line}`, person, atMs: Number(seconds) * 1000, cents: 0 } : undefined,
  },
};

function ordersIn(path: string, { cut, order }: RealHistory): Order[] {
  const orders = new Map<string, Order>();
  readFileSync(path, 'latin1')
    .split('\n')
    .forEach((text, i) => {
      const item = text === '' ? undefined : order(cut(text.replace(/\r$/, '')), i);
      if (item === undefined || Number.isNaN(item.atMs)) return;
      const { key, person, atMs, cents: own } = item;
      const before = orders.get(key);
      orders.set(key, {
        person,
        atMs: Math.min(atMs, before?.atMs ?? Infinity),
        cents: own + (before?.cents ?? 0),
      });
    });
  return [...orders.values()];
}

const WINDOWS_DAYS = [30, 90, 365, Infinity];

/** Of everybody with an order by then: orders, and value in cents, within each window that ends then. */
function addedUp(orders: readonly Order[], untilMs: number): Map<string, number[]> {
  const people = new Map<string, number[]>();
  for (const { person, atMs, cents: own } of orders) {
    if (atMs > untilMs) continue;
    const sums = people.get(person) ?? WINDOWS_DAYS.flatMap(() => [0, 0]);
    people.set(person, sums);
    WINDOWS_DAYS.forEach((days, i) => {
      if (atMs <= untilMs - days * DAY_MS) return;
      sums[2 * i] = (sums[2 * i] ?? 0) + 1;
      sums[2 * i + 1] = (sums[2 * i + 1] ?? 0) + own;
    });
  }
  return people;
}

const STORED = `SELECT person_id,
  [toFloat64(orders_30d), toFloat64(value_30d) * 100, toFloat64(orders_90d), toFloat64(value_90d) * 100,
   toFloat64(orders_365d), toFloat64(value_365d) * 100, toFloat64(orders_total), toFloat64(value_total) * 100] AS sums
  FROM person_profiles WHERE orders_total > 0`;

for (const [name, history] of Object.entries(HISTORIES))
  describeWithData(name, (path) => {
    it.each(history.untils)(
      'tells of everybody what a direct computation tells, as of %s',
      { timeout: 120_000 },
      async (until) => {
        const db = join(temporaryFolder(), 'db');
        await runForJson([
          ...['replay', '--format', history.format, '--input', path, '--db', db, '--until', until],
        ]);
        const orders = ordersIn(history.file === undefined ? path : join(path, history.file), history);
        const untilMs = until.includes('T') ? Date.parse(until) : Date.parse(`${until}T23:59:59.999Z`);
        const direct = addedUp(orders, untilMs);
        expect(direct.size).toBeGreaterThan(0);
        const rows = await queryRows(db, STORED);
        const stored = new Map(
          rows.map(({ person_id: id, sums }) => [
            String(id),
            (sums as number[]).map((sum) => Math.round(sum)),
          ]),
        );
        expect(stored.size).toBe(direct.size);
        const wrong = [...direct].flatMap(([id, sums]) =>
          JSON.stringify(stored.get(id)) === JSON.stringify(sums)
            ? []
            : [{ id, sums, stored: stored.get(id) }],
        );
        expect(wrong).toEqual([]);
      },
    );
  });
