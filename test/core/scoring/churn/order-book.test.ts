import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../../src/core/events/fact.ts';
import { OrderBook } from '../../../../src/core/scoring/churn/order-book.ts';
import { DAY_MS, instant, type Instant } from '../../../../src/core/time.ts';

const day = (n: number): Instant => instant(n * DAY_MS);
const END = day(1000);

function order(key: number, at: Instant, grossMinor = 1000): Fact {
  const common = { key, at, own: true, orderKey: key, grossMinor, discounted: false } as const;
  return { ...common, type: 'order', side: 'buyer', counterparty: '', priced: [] };
}

function refund(orderKey: number, at: Instant, amountMinor: number | null, cancelled = false): Fact {
  const key = 1000 + orderKey;
  const common = { type: 'return', side: 'buyer', key, at, own: false, orderKey, forward: false } as const;
  return { ...common, amountMinor, cancelled, returnKey: key };
}

describe('an order book', () => {
  it('says who ordered in a time to come, which begins after its first instant and ends with its last', () => {
    const book = new OrderBook();
    book.note('ada', order(1, day(10)));
    expect(book.labelOf('ada', day(9), day(10), END)).toBe(0);
    expect(book.labelOf('ada', day(10), day(20), END)).toBe(1);
    expect(book.labelOf('ada', day(0), instant(day(10) - 1), END)).toBe(1);
    expect(book.labelOf('bob', day(0), day(20), END)).toBe(1);
  });

  it('has no label for a time that is not over', () => {
    const book = new OrderBook();
    book.note('ada', order(1, day(10)));
    expect(book.labelOf('ada', day(9), day(20), day(19))).toBeUndefined();
    expect(book.labelOf('ada', day(9), day(20), day(20))).toBe(0);
  });

  it('does not count what is given back in full or cancelled, and counts what is given back in part', () => {
    const book = new OrderBook();
    for (const key of [1, 2, 3]) book.note('ada', order(key, day(key * 10)));
    book.note('ada', refund(1, day(40), null));
    book.note('ada', refund(2, day(40), null, true));
    book.note('ada', refund(3, day(40), 999));
    expect(book.labelOf('ada', day(0), day(25), END)).toBe(1);
    expect(book.labelOf('ada', day(25), day(50), END)).toBe(0);
    expect(book.nextOrderAt('ada', day(0))).toBe(day(30));
    book.note('ada', refund(3, day(41), 1000));
    expect(book.nextOrderAt('ada', day(0))).toBeUndefined();
  });

  it('takes two accounts that were merged for one person, whenever it hears of it', () => {
    const book = new OrderBook();
    const merge: Fact = { type: 'merge', key: 9, at: day(30), own: false, into: 'ada' };
    book.note('old', order(1, day(10)));
    book.note('old', merge);
    book.note('ada', order(2, day(40)));
    book.note('old', order(3, day(60)));
    for (const id of ['old', 'ada']) {
      expect(book.labelOf(id, day(0), day(15), END)).toBe(0);
      expect(book.labelOf(id, day(15), day(45), END)).toBe(0);
      expect(book.labelOf(id, day(45), day(70), END)).toBe(0);
      expect(book.labelOf(id, day(70), day(90), END)).toBe(1);
    }
  });

  it('ends alike in whatever order the facts come, and however often', () => {
    const facts = fc.array(
      fc.oneof(
        fc.tuple(fc.nat(5), fc.nat(100)).map(([key, at]) => order(key, day(at + 1))),
        fc
          .tuple(fc.nat(5), fc.option(fc.nat(1500)), fc.boolean())
          .map(([key, amount, cancelled]) => refund(key, day(200), amount, cancelled)),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(facts, fc.nat(120), (list, from) => {
        const [one, other] = [new OrderBook(), new OrderBook()];
        for (const fact of list) one.note('ada', fact);
        for (const fact of [...list].reverse().concat(list)) other.note('ada', fact);
        expect(other.nextOrderAt('ada', day(from))).toBe(one.nextOrderAt('ada', day(from)));
      }),
    );
  });
});
