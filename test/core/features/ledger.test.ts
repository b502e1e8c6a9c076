import { describe, expect, it } from 'vitest';
import { LEDGER_ENTRIES, Ledger, type PlacedOrder } from '../../../src/core/features/ledger.ts';
import { NO_PRICE_SCORE } from '../../../src/core/features/ledger-entry.ts';
import { DAY_MS, instant, plus } from '../../../src/core/time.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));
const MONTH = 30 * DAY_MS;
const A = 1;
const B = 2;

describe('an order is worth what was not given back, at its own time', () => {
  //      order A 100      now − 30 d            refund 30       now
  //  ───────┼────────────────(───────────────────────┼───────────]──▶
  //         └──────────────◀── takes 30 out here ────┘
  it('so a refund lowers the windows the order is in, and no other', () => {
    const ledger = ledgerWith({ [A]: 100 }, plus(NOON, -40 * DAY_MS));
    ledger.takeBack(A, NOON, 7, 30, false);
    expect(ledger.total(NOON, MONTH, 'sum')).toBe(0);
    expect(ledger.total(NOON, 90 * DAY_MS, 'sum')).toBe(70);
    expect(ledger.total(NOON, 90 * DAY_MS, 'count')).toBe(1);
  });

  it.each([
    ['one in part', [30], 70, 1],
    ['several in parts', [30, 30], 40, 1],
    ['all of it', [100], 0, 0],
    ['all that is left', [30, null], 0, 0],
    ['more than all', [1000], 0, 0],
    ['parts that make more than all', [60, 60], 0, 0],
  ] as const)('refunds: %s', (_, amounts, value, count) => {
    const ledger = ledgerWith({ [A]: 100 });
    amounts.forEach((amount, i) => ledger.takeBack(A, NOON, i, amount, false));
    expect(ledger.total(NOON, MONTH, 'sum')).toBe(value);
    expect(ledger.total(NOON, MONTH, 'count')).toBe(count);
    expect([ledger.totalSum, ledger.totalCount]).toEqual([value, count]);
  });

  it('the same refund told twice counts once, and the larger amount of the two', () => {
    const ledger = ledgerWith({ [A]: 100 });
    for (const amount of [30, 30, 20]) ledger.takeBack(A, NOON, 7, amount, false);
    expect(ledger.totalSum).toBe(70);
    ledger.takeBack(A, NOON, 7, null, false);
    expect(ledger.totalSum).toBe(0);
  });

  it('a cancelled order never was: the last order is the one before', () => {
    const ledger = ledgerWith({ [A]: 100 }, plus(NOON, -5 * DAY_MS));
    ledger.place(B, NOON, NOON, orderOf(50));
    expect(ledger.lastAt).toBe(NOON);
    ledger.takeBack(B, NOON, 0, null, true);
    expect(ledger.lastAt).toBe(NOON - 5 * DAY_MS);
    expect([ledger.totalCount, ledger.totalSum]).toEqual([1, 100]);
  });

  it('an order of value 0 counts until it is given back', () => {
    const ledger = ledgerWith({ [A]: 0 });
    expect(ledger.totalCount).toBe(1);
    ledger.takeBack(A, NOON, 7, null, false);
    expect(ledger.totalCount).toBe(0);
  });

  it('the same order told twice is one order', () => {
    const ledger = ledgerWith({ [A]: 100 });
    expect(ledger.place(A, NOON, NOON, orderOf(100)).fresh).toBe(false);
    expect([ledger.totalCount, ledger.totalSum]).toEqual([1, 100]);
  });
});

describe('a refund that comes before its order waits for it', () => {
  //       order A 100                refund arrives     order arrives
  //  ──────────┼───────────────────────────┼──────────────────┼──────▶
  it('and counts for nothing until then', () => {
    const ledger = new Ledger();
    ledger.takeBack(A, NOON, 7, 30, false);
    expect([ledger.totalCount, ledger.totalSum, ledger.lastAt]).toEqual([0, 0, -Infinity]);
    ledger.place(A, plus(NOON, -DAY_MS), NOON, orderOf(100));
    expect([ledger.totalCount, ledger.totalSum, ledger.lastAt]).toEqual([1, 70, NOON - DAY_MS]);
  });

  it('for a year at most', () => {
    const ledger = new Ledger();
    ledger.takeBack(A, NOON, 7, null, false);
    ledger.settle(plus(NOON, 364 * DAY_MS));
    expect(ledger.entries).toHaveLength(1);
    ledger.settle(plus(NOON, 366 * DAY_MS));
    expect(ledger.entries).toHaveLength(0);
  });

  it('without closing known orders, however many wait', () => {
    const ledger = ledgerWith({ [A]: 100 });
    for (let i = 0; i < 3 * LEDGER_ENTRIES; i++) ledger.takeBack(1000 + i, plus(NOON, i), 7, null, false);
    ledger.place(B, plus(NOON, -DAY_MS), NOON, orderOf(50));
    ledger.takeBack(A, NOON, 7, 30, false);
    expect([ledger.totalCount, ledger.totalSum]).toEqual([2, 120]);
    expect(ledger.entries).toHaveLength(LEDGER_ENTRIES + 2);
  });
});

describe('closed orders', () => {
  it('stay in life totals as they were when the year ended', () => {
    const ledger = ledgerWith({ [A]: 100 });
    const later = plus(NOON, 366 * DAY_MS);
    ledger.settle(later);
    ledger.takeBack(A, later, 7, null, false);
    expect([ledger.totalCount, ledger.totalSum, ledger.firstAt]).toEqual([1, 100, NOON]);
    expect(ledger.total(later, 365 * DAY_MS, 'sum')).toBe(0);
  });

  it('are the oldest beyond 1,024 newer ones, and still count in windows, to the day', () => {
    //   day 1         day 2: 1,025 orders         day 31        day 32
    //  ──┼──┼───────────────┼┼┼┼┼┼┼┼┼──────────────┼──────────────┼──▶
    //    a  b (closed)                         a, b leave     the others leave
    const midnight = instant(Date.UTC(2024, 2, 10));
    const ledger = ledgerWith({ [A]: 1 }, plus(midnight, 1));
    ledger.place(B, plus(midnight, 2), NOON, orderOf(2));
    const dayTwo = plus(midnight, DAY_MS);
    for (let i = 0; i < LEDGER_ENTRIES + 1; i++) ledger.place(10 + i, plus(dayTwo, i), dayTwo, orderOf(0));
    expect(ledger.entries).toHaveLength(LEDGER_ENTRIES + 1);
    expect(ledger.total(dayTwo, MONTH, 'sum')).toBe(3);
    expect(ledger.total(plus(dayTwo, MONTH - 2), MONTH, 'sum')).toBe(3);
    expect(ledger.total(plus(dayTwo, MONTH - 1), MONTH, 'sum')).toBe(0);
    expect(ledger.total(plus(dayTwo, MONTH - 1), MONTH, 'count')).toBe(LEDGER_ENTRIES + 1);
    expect(ledger.total(plus(dayTwo, MONTH), MONTH, 'count')).toBe(LEDGER_ENTRIES);
  });
});

describe('two ledgers merged', () => {
  it('say which orders of one refunds of the other had waited for', () => {
    const [orders, refunds] = [ledgerWith({ [A]: 100, [B]: 50 }), new Ledger()];
    refunds.takeBack(A, NOON, 7, 30, false);
    refunds.takeBack(9, NOON, 7, 30, false);
    expect(orders.merge(refunds, NOON).map(({ key }) => key)).toEqual([A]);
    expect(orders.totalSum).toBe(120);
  });

  it('whichever is taken into the other', () => {
    const [orders, refunds] = [ledgerWith({ [A]: 100, [B]: 50 }), new Ledger()];
    refunds.takeBack(A, NOON, 0, null, true);
    expect(refunds.merge(orders, NOON).map(({ key }) => key)).toEqual([A]);
    expect(refunds.totalSum).toBe(50);
  });

  it('have the life totals of both, also when all that comes is closed', () => {
    const later = plus(NOON, 366 * DAY_MS);
    const [ledger, old] = [ledgerWith({ [A]: 100 }, later), ledgerWith({ [B]: 50 })];
    old.settle(later);
    expect([ledger.totalCount, ledger.totalSum, old.entries.length]).toEqual([1, 100, 0]);
    ledger.merge(old, later);
    expect([ledger.totalCount, ledger.totalSum, ledger.firstAt]).toEqual([2, 150, NOON]);
  });
});

function orderOf(grossMinor: number): PlacedOrder {
  return { grossMinor, discounted: false, priceScore: NO_PRICE_SCORE, counterparty: '' };
}

function ledgerWith(grossByKey: Readonly<Record<number, number>>, at = NOON): Ledger {
  const ledger = new Ledger();
  for (const [key, gross] of Object.entries(grossByKey)) ledger.place(Number(key), at, NOON, orderOf(gross));
  return ledger;
}
