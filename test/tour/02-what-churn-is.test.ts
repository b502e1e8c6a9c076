import { describe, expect, it } from 'vitest';
import type { EventProperties, TrackedEvent } from '../../src/core/events/event.ts';
import { interpret } from '../../src/core/events/interpret.ts';
import { OrderBook } from '../../src/core/scoring/churn/order-book.ts';
import { regretOfLabel } from '../../src/core/scoring/evaluation/regret-of-label.ts';
import { DAY_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import { readChurnHistory, type ChurnHistory } from '../../src/runtime/training/churn-history.ts';
import { listedSource, numbered } from '../support/listed-source.ts';
import { memoryStore } from '../support/run-records.ts';

/*
 * Chapter 2. What churn is
 *
 * Nobody hands in their notice to a marketplace. "Has left" is therefore something that we decide to call people,
 * and a model can be no better than that decision. Tidemark's: at an instant t, with a horizon of 30 or 90 days, a
 * buyer has churned if they complete no order in the horizon after t. The label looks forward from t, everything a
 * model may know looks back from it, and the two never meet: the next chapter shows what happens where they do.
 */

const MONEY = { currency: 'CNY', rates: {} };
const START = instant(Date.UTC(2025, 0, 1));
const day = (days: number): Instant => plus(START, days * DAY_MS);

function event(personId: string, days: number, name: string, properties: EventProperties = {}): TrackedEvent {
  return { messageId: `${personId} ${days} ${name}`, personId, at: day(days), name, properties };
}

const order = (personId: string, days: number): TrackedEvent =>
  event(personId, days, 'Order Completed', {
    orderId: `${personId}-${days}`,
    totalMinor: 50_000,
    sellerId: 'bo',
  });

/** What is known of orders once these events have arrived. */
function bookOf(...events: TrackedEvent[]): OrderBook {
  const book = new OrderBook();
  for (const one of events) {
    const facts = interpret(one, one.at, MONEY);
    if (facts.ok) for (const { personId, fact } of facts.value) book.note(personId, fact);
  }
  return book;
}

describe('the label', () => {
  const LONG_AFTER = day(1000);
  const labelAt = (book: OrderBook, at: Instant, horizonDays: number, observedUntil = LONG_AFTER) =>
    book.labelOf('ada', at, plus(at, horizonDays * DAY_MS), observedUntil);

  // Ada orders on day 0 and on day 70. As of day 10 she has churned by a horizon of 30 days and has not by one
  // of 90: there is no churn without a horizon.
  it('is a question about a time to come, and depends on how long that time is', () => {
    const book = bookOf(order('ada', 0), order('ada', 70));
    expect(labelAt(book, day(10), 30)).toBe(1);
    expect(labelAt(book, day(10), 90)).toBe(0);
  });

  // (t, t + H]: the order that is just being made belongs to what is known, the one at the very end to what is asked.
  it('begins after its instant and ends with its horizon', () => {
    const book = bookOf(order('ada', 0), order('ada', 70));
    expect(labelAt(book, day(70), 30)).toBe(1);
    expect(labelAt(book, day(40), 30)).toBe(0);
    expect(labelAt(book, plus(day(40), -1), 30)).toBe(1);
  });

  // An order that was cancelled or given back in full has not kept anybody. Given back in part, it has.
  it('counts orders that stay', () => {
    const stays = [order('ada', 0), order('ada', 20)];
    const cancelled = event('ada', 25, 'Order Cancelled', { orderId: 'ada-20' });
    const refunded = event('ada', 25, 'Order Refunded', { orderId: 'ada-20' });
    const refundedInPart = event('ada', 25, 'Order Refunded', { orderId: 'ada-20', totalMinor: 20_000 });
    expect(labelAt(bookOf(...stays), day(10), 30)).toBe(0);
    expect(labelAt(bookOf(...stays, cancelled), day(10), 30)).toBe(1);
    expect(labelAt(bookOf(...stays, refunded), day(10), 30)).toBe(1);
    expect(labelAt(bookOf(...stays, refundedInPart), day(10), 30)).toBe(0);
  });

  // Where the data end before the horizon does there is no label. It is not 1 ("no order so far"), which would make
  // everybody churn towards the end of every data set. And it is not 0 for Ada either, although she has ordered
  // already: who comes back early would then be in, who comes back late would not, and the rest would be unknown.
  it('does not exist before its horizon has elapsed', () => {
    const book = bookOf(order('ada', 0), order('ada', 20));
    expect(labelAt(book, day(10), 30, plus(day(40), -1))).toBeUndefined();
    expect(labelAt(book, day(10), 30, day(40))).toBe(0);
    expect(labelAt(book, day(25), 30, plus(day(55), -1))).toBeUndefined();
    expect(labelAt(book, day(25), 30, day(55))).toBe(1);
  });
});

describe('a history to learn from', () => {
  // Cem looks and never buys, Bo sells and never buys. Dee first orders after the cut-off.
  const EVENTS = [
    ...[order('ada', 0), order('ada', 70), order('ada', 112)],
    ...[5, 60, 95].map((days) => event('cem', days, 'Product Viewed')),
    ...[order('dee', 115), event('cem', 140, 'Product Viewed')],
  ].sort((a, b) => a.at - b.at);
  const AS_OF = day(100);

  async function whole(): Promise<ChurnHistory> {
    const records = numbered(EVENTS.map((one) => ({ event: one, receivedAt: one.at })));
    return readChurnHistory({
      source: listedSource(records),
      store: memoryStore(1),
      money: MONEY,
      asOf: AS_OF,
    });
  }

  // A history is looked at from a cut-off, and from instants a month apart before it: 30, 60, 90 … days. At each
  // of them only who had ordered by then can leave, so only they have a row.
  it('has a row for who has something to leave', async () => {
    const history = await whole();
    expect([0, 1, 2, 3].map((age) => history.rowsAt(age).map((row) => history.rows.personIds[row]))).toEqual([
      ['ada'],
      ['ada'],
      ['ada'],
      ['ada'],
    ]);
    // One step further back, on day −20, there was nobody yet.
    expect(history.rowsAt(4)).toEqual([]);
  });

  // Labels of the months before are made at the cut-off, with what had arrived by then: nothing that a model
  // learns from may lie after it. Ada's rows, from the youngest to the oldest:
  it('has the labels that could have been known at its cut-off', async () => {
    const history = await whole();
    const labels = (horizon: 30 | 90) =>
      [1, 2, 3].map((age) => history.label(history.rowsAt(age)[0] ?? -1, horizon));
    // She ordered on day 70, the instant of the youngest row: that row's thirty days hold nothing, the ones before do.
    expect(labels(30)).toEqual([1, 0, 1]);
    // Of the three only the oldest row, of day 10, has had ninety days by day 100.
    expect(labels(90)).toEqual([NaN, NaN, 0]);
  });

  // What a model is judged by is the cut-off itself, with everything that came after it; and only that.
  it('judges its cut-off by what came after it', async () => {
    const history = await whole();
    const [ada = NaN] = history.rowsAt(0);
    expect(history.observedUntil).toBe(day(140));
    expect(history.label(ada, 30)).toBe(0);
    expect(history.label(ada, 90)).toBeNaN();
  });
});

describe('the regret of a label', () => {
  // "Churned" is our word, not theirs. Who ordered on day 100 had churned by a horizon of 90 days, and came back.
  // Every evaluation says how many did, so that nobody reads the label as a farewell.
  it('is the share of those called churned who came back within 180 days', () => {
    const nextOrders = [day(10), day(100), day(170), day(200)];
    const span = { asOf: START, horizonDays: 90, observedUntil: day(200) };
    expect(regretOfLabel(nextOrders, span)).toEqual({ churned: 3, cameBack: 2, share: 2 / 3 });
    // And as with labels: before the 180 days are over it does not exist.
    expect(regretOfLabel(nextOrders, { ...span, observedUntil: day(179) })).toBeNull();
  });
});
