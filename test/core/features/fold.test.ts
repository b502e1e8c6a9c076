import { describe, expect, it } from 'vitest';
import type { AddressedFact, OrderFact, ReturnFact } from '../../../src/core/events/fact.ts';
import { interpret } from '../../../src/core/events/interpret.ts';
import type { EventProperties } from '../../../src/core/events/event.ts';
import { forwardReturns } from '../../../src/core/features/fold.ts';
import { emptyWindows, mergeWindows, type PersonWindows } from '../../../src/core/features/person-windows.ts';
import { DUPLICATE_HORIZON_FACTS } from '../../../src/core/features/seen.ts';
import { DAY_MS, HOUR_MS, instant, plus } from '../../../src/core/time.ts';
import { foldOne } from '../../support/fold-history.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));
const YEAR = 365 * DAY_MS;

describe('lateness', () => {
  //   now − 365 d                                          now
  //  ──────(────────────────────────────────────────────────]──▶
  //        a b            a is in no window any more: too late; b is, by a millisecond
  it('counts as long as the fact’s own time is in any window', () => {
    const windows = emptyWindows();
    expect(foldOne(windows, view(1, NOON), plus(NOON, YEAR)).outcome).toBe('too_late');
    expect(foldOne(windows, view(2, NOON), plus(NOON, YEAR - 1)).outcome).toBe('applied');
    expect(windows.acts[1]?.total(plus(NOON, YEAR - 1), YEAR, 'count')).toBe(1);
  });
});

describe('duplicates', () => {
  it('are known for three days', () => {
    const windows = emptyWindows();
    const fact = view(1, NOON);
    expect(foldOne(windows, fact, NOON).outcome).toBe('applied');
    expect(foldOne(windows, fact, plus(NOON, 3 * DAY_MS)).outcome).toBe('duplicate');
    expect(windows.acts[1]?.count).toBe(1);
  });

  it('and not longer, whether or not the record was settled since', () => {
    const windows = emptyWindows();
    foldOne(windows, view(1, NOON), NOON);
    expect(foldOne(windows, view(1, NOON), plus(NOON, 3 * DAY_MS + HOUR_MS)).outcome).toBe('applied');
  });

  it('are known among the newest 2,048 facts', () => {
    const windows = emptyWindows();
    for (let i = 0; i <= DUPLICATE_HORIZON_FACTS; i++) foldOne(windows, view(i, NOON), NOON);
    expect(foldOne(windows, view(1, NOON), NOON).outcome).toBe('duplicate');
    expect(foldOne(windows, view(0, NOON), NOON).outcome).toBe('applied');
  });
});

describe('refunds that name no seller', () => {
  const order = { orderId: 'o1', totalMinor: 100, sellerId: 'sam' };

  it('reach the seller by way of the buyer’s order', () => {
    const ann = emptyWindows();
    foldAllOf(ann, 'Order Completed', order, 'm1');
    const sent = foldAllOf(ann, 'Order Refunded', { orderId: 'o1', totalMinor: 30 }, 'm2');
    expect(sent).toMatchObject([
      { personId: 'sam', fact: { side: 'seller', amountMinor: 30, forward: false } },
    ]);
    expect(soldBySam(order, sent)).toBe(70);
  });

  //   refund of o1 arrives          o1 arrives: its seller is known
  //  ─────────┼─────────────────────────┼────────────▶
  //           └ waits ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄└─▶ sam, once
  it('before the order, once the order comes', () => {
    const ann = emptyWindows();
    expect(foldAllOf(ann, 'Order Refunded', { orderId: 'o1', totalMinor: 30 }, 'm2')).toEqual([]);
    const sent = foldAllOf(ann, 'Order Completed', order, 'm1');
    expect(sent).toHaveLength(1);
    expect(soldBySam(order, sent)).toBe(70);
    expect(foldAllOf(ann, 'Order Completed', order, 'm3')).toEqual([]);
  });

  it('of two orders under one refund id are two refunds', () => {
    const ann = emptyWindows();
    const second = { ...order, orderId: 'o2' };
    foldAllOf(ann, 'Order Refunded', { orderId: 'o1', totalMinor: 30, refundId: 'r' }, 'm1');
    foldAllOf(ann, 'Order Refunded', { orderId: 'o2', totalMinor: 30, refundId: 'r' }, 'm2');
    const sent = [
      ...foldAllOf(ann, 'Order Completed', order, 'm3'),
      ...foldAllOf(ann, 'Order Completed', second, 'm4'),
    ];
    expect(new Set(sent.map(({ fact }) => fact.key)).size).toBe(2);
  });

  it('sent twice under two messages, or also with the seller named, take out once', () => {
    const ann = emptyWindows();
    const refund = { orderId: 'o1', totalMinor: 30, refundId: 'r' };
    foldAllOf(ann, 'Order Completed', order, 'm1');
    const sent = [
      ...foldAllOf(ann, 'Order Refunded', refund, 'm2'),
      ...foldAllOf(ann, 'Order Refunded', refund, 'm3'),
      ...factsOf('Order Refunded', { ...refund, sellerId: 'sam' }, 'm4').filter(
        ({ personId }) => personId === 'sam',
      ),
    ];
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(soldBySam(order, sent)).toBe(70);
    expect(ann.orders?.totalSum).toBe(70);
  });

  it('of a guest whose order is another account’s reach the seller when the two are merged', () => {
    const [guest, ann] = [emptyWindows(), emptyWindows()];
    foldAllOf(ann, 'Order Completed', order, 'm1');
    foldAllOf(guest, 'Order Refunded', { orderId: 'o1', totalMinor: 30 }, 'm2');
    const sent: AddressedFact[] = [];
    for (const met of mergeWindows(ann, guest, NOON))
      forwardReturns(met, { send: (one) => void sent.push(one) });
    expect(ann.orders?.totalSum).toBe(70);
    expect(soldBySam(order, sent)).toBe(70);
  });

  it('cancellations, too', () => {
    const ann = emptyWindows();
    foldAllOf(ann, 'Order Cancelled', { orderId: 'o1' }, 'm2');
    expect(soldBySam(order, foldAllOf(ann, 'Order Completed', order, 'm1'))).toBe(0);
  });
});

describe('prices against their category', () => {
  it('are compared with what the reference says, and with nothing else', () => {
    const ann = emptyWindows();
    const priced = [
      { category: 'bags', priceMinor: 80_000 },
      { category: 'odd', priceMinor: 5 },
    ];
    foldOne(ann, bought(1, priced), NOON);
    expect(ann.orders?.entries[0]?.priceScore).toBe(100); // twice the usual 400.00: one octave
    foldOne(ann, bought(2, [{ category: 'odd', priceMinor: 5 }]), NOON);
    foldOne(ann, bought(3, []), NOON);
    expect(ann.orders?.entries.slice(1).map(({ priceScore }) => priceScore)).toEqual([-32768, -32768]);
  });
});

function view(key: number, at: typeof NOON): AddressedFact['fact'] {
  return { type: 'act', key, at, own: true, act: 'view', value: 0, mark: false };
}

function bought(key: number, priced: OrderFact['priced']): OrderFact {
  const order = { grossMinor: 1, discounted: false, counterparty: '', priced };
  return { type: 'order', side: 'buyer', key, at: NOON, own: true, orderKey: key, ...order };
}

function factsOf(name: string, properties: EventProperties, messageId: string): readonly AddressedFact[] {
  const event = { messageId, personId: 'ann', at: NOON, name, properties };
  const outcome = interpret(event, NOON, { currency: 'CNY', rates: {} });
  if (!outcome.ok) throw new Error(outcome.error.detail);
  return outcome.value;
}

/** Folds ann's own facts of the event; what folding sent to others comes back. */
function foldAllOf(
  ann: PersonWindows,
  name: string,
  properties: EventProperties,
  messageId: string,
): readonly AddressedFact[] {
  return factsOf(name, properties, messageId)
    .filter(({ personId }) => personId === 'ann')
    .flatMap(({ fact }) => foldOne(ann, fact, NOON).sent);
}

/** What sam has sold once his own fact of the order and everything sent to him is folded. */
function soldBySam(order: EventProperties, sent: readonly AddressedFact[]): number | undefined {
  const sam = emptyWindows();
  const own = factsOf('Order Completed', order, 'm1').filter(({ personId }) => personId === 'sam');
  for (const { personId, fact } of [...sent, ...own]) {
    expect(personId).toBe('sam');
    expect((fact as ReturnFact | OrderFact).side).toBe('seller');
    foldOne(sam, fact, NOON);
  }
  return sam.sales?.totalSum;
}
