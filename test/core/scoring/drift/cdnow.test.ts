import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Column, Snapshot } from '../../../../src/core/scoring/drift/drift-reference.ts';
import { DAY_MS, instant } from '../../../../src/core/time.ts';
import { alarmsOf, comparedRows, rowOf } from '../../../support/compared-rows.ts';
import { describeWithData } from '../../../support/real-data.ts';

interface Order {
  readonly day: number;
  readonly value: number;
}

function readOrders(path: string): Order[][] {
  const people = new Map<string, Order[]>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [person, date = '', , value] = line.trim().split(/\s+/);
    if (person === undefined || !/^\d{8}$/.test(date)) continue;
    const order = {
      day: dayOf(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`),
      value: Number(value),
    };
    people.set(person, [...(people.get(person) ?? []), order]);
  }
  return [...people.values()].map((orders) => orders.sort((a, b) => a.day - b.day));
}

function dayOf(date: string): number {
  return Date.parse(date) / DAY_MS;
}

/** Everybody who had ordered by the end of a date. `inflation`: what their orders are multiplied by. */
function snapshotOf(people: readonly Order[][], date: string, inflation = 1): Snapshot {
  const day = dayOf(date);
  const known = people
    .map((orders) => orders.filter((order) => order.day <= day))
    .filter(({ length }) => length > 0);
  const feature = (name: string, read: (orders: readonly Order[]) => number): Column => ({
    kind: 'feature',
    name,
    values: known.map(read),
  });
  return {
    at: instant((day + 1) * DAY_MS - 1),
    tenureDays: known.map((orders) => day - (orders[0]?.day ?? NaN)),
    columns: [
      feature('days_since_order', (orders) => day - (orders.at(-1)?.day ?? NaN)),
      feature('orders_total', (orders) => orders.length),
      feature('orders_90d', (orders) => orders.filter((order) => order.day > day - 90).length),
      feature(
        'mean_value',
        (orders) => (inflation * orders.reduce((sum, { value }) => sum + value, 0)) / orders.length,
      ),
    ],
  };
}

/** One cohort: everybody's first order lies in the first quarter of 1997, and nobody comes after. */
describeWithData('cdnow/CDNOW_master.txt', (path) => {
  const people = path === '' ? [] : readOrders(path);

  it.each([
    ['1997-06-30', '1997-07-31'],
    ['1997-06-30', '1997-08-31'],
    ['1997-09-30', '1997-10-31'],
    ['1997-09-30', '1997-11-30'],
    ['1997-12-31', '1998-01-31'],
    ['1998-03-31', '1998-04-30'],
  ])('has no drift from %s to %s, only age, and says that it is age', (before, now) => {
    const rows = comparedRows(snapshotOf(people, before), snapshotOf(people, now));
    const { psi, tenure_part } = rowOf(rows, 'days_since_order', 'all');
    expect(psi).toBeGreaterThan(0.25);
    expect((tenure_part ?? NaN) / (psi ?? NaN)).toBeGreaterThan(0.95);
    expect(rowOf(rows, 'orders_total', 'like tenure').n_current).toBeGreaterThan(5000);
    expect(alarmsOf(rows)).toEqual([]);
  });

  it('finds prices that rose by a half', () => {
    const rows = comparedRows(snapshotOf(people, '1997-06-30'), snapshotOf(people, '1997-07-31', 1.5));
    expect(alarmsOf(rows)).toContain('mean_value, like tenure');
    expect(alarmsOf(rows).filter((alarm) => !alarm.startsWith('mean_value'))).toEqual([]);
  });

  it('has nobody to compare when all have grown older than anybody was', () => {
    const rows = comparedRows(snapshotOf(people, '1997-09-30'), snapshotOf(people, '1998-03-31'));
    expect(rowOf(rows, 'days_since_order', 'all').psi).toBeGreaterThan(1);
    expect(rowOf(rows, 'days_since_order', 'like tenure')).toMatchObject({
      n_current: 0,
      psi: null,
      limit: null,
    });
    expect(alarmsOf(rows)).toEqual([]);
  });
});
