import { describe, expect, it } from 'vitest';
import type { EventProperties, TrackedEvent } from '../../../src/core/events/event.ts';
import type { AddressedFact, Fact, OrderFact } from '../../../src/core/events/fact.ts';
import {
  BETWEEN_SELLERS,
  FUTURE_TOLERANCE_MS,
  interpret,
  type MoneyRules,
} from '../../../src/core/events/interpret.ts';
import { EVENT_NAMES, type EventName } from '../../../src/core/events/names.ts';
import { hash48 } from '../../../src/core/hash.ts';
import { HOUR_MS, instant, plus } from '../../../src/core/time.ts';

const NOW = instant(Date.UTC(2024, 5, 1, 12));
const MONEY: MoneyRules = { currency: 'CNY', rates: { USD: 7.25, JPY: 0.046, KWD: 23.5 } };

/** All that any of them reads; `ann` sends it. */
const FULL: EventProperties = {
  orderId: 'o1',
  totalMinor: 1999,
  sellerId: 'sam',
  refundId: 'r1',
  disputeId: 'd1',
  previousId: 'old-ann',
  priceMinor: 1999,
  category: 'bags',
  rating: 4.5,
  outcome: 'buyer',
};

/** For each name what the facts are, the sender's first: `person: kind (own)`. */
const MEANINGS: Readonly<Record<EventName, string>> = {
  'Products Searched': 'ann: search (own)',
  'Product List Viewed': 'ann: browse (own)',
  'Product List Filtered': 'ann: browse (own)',
  'Promotion Viewed': 'ann: browse (own)',
  'Promotion Clicked': 'ann: browse (own)',
  'Product Clicked': 'ann: browse (own)',
  'Product Viewed': 'ann: view (own)',
  'Product Added': 'ann: cart (own)',
  'Product Removed': 'ann: activity (own)',
  'Cart Viewed': 'ann: activity (own)',
  'Checkout Started': 'ann: checkout (own)',
  'Checkout Step Viewed': 'ann: activity (own)',
  'Checkout Step Completed': 'ann: activity (own)',
  'Payment Info Entered': 'ann: activity (own)',
  'Order Updated': 'ann: activity (own)',
  'Order Completed': 'ann: order as buyer (own), sam: order as seller',
  'Order Refunded': 'ann: return as buyer, sam: return as seller',
  'Order Cancelled': 'ann: return as buyer, sam: return as seller',
  'Coupon Entered': 'ann: activity (own)',
  'Coupon Applied': 'ann: coupon (own)',
  'Coupon Denied': 'ann: activity (own)',
  'Coupon Removed': 'ann: activity (own)',
  'Product Added to Wishlist': 'ann: wishlist (own)',
  'Product Removed from Wishlist': 'ann: activity (own)',
  'Wishlist Product Added to Cart': 'ann: cart (own)',
  'Product Shared': 'ann: share (own)',
  'Cart Shared': 'ann: share (own)',
  'Product Reviewed': 'ann: review (own), sam: rating_received',
  'Listing Started': 'ann: listing_start (own)',
  'Listing Created': 'ann: listing (own)',
  'Listing Price Changed': 'ann: price_change (own)',
  'Listing Removed': 'ann: listing_removal (own)',
  'Item Authenticated': 'ann: authentication (own)',
  'Order Shipped': 'ann: shipment (own), ann: shipment (own)',
  'Order Delivered': 'ann: delivery',
  'Dispute Opened': 'ann: case as buyer (own), sam: case as seller',
  'Dispute Answered': 'ann: case as buyer (own), sam: case as seller',
  'Dispute Resolved': 'ann: case as buyer, sam: case as seller',
  'Payout Paid': 'ann: payout',
  'Offer Made': 'ann: offer (own)',
  'Community Posted': 'ann: post (own)',
  'Checked In': 'ann: check_in (own)',
  'Member Event Attended': 'ann: member_event (own)',
  'Referral Completed': 'ann: referral (own)',
  'Policy Violated': 'ann: violation',
  'Tier Invited': 'ann: activity',
  'Tag Overridden': 'ann: activity',
  'Consent Changed': 'ann: activity (own)',
  'Account Merged': 'old-ann: merge',
  'Erasure Requested': 'ann: activity (own)',
  'Signed Up': 'ann: activity (own)',
  'Signed In': 'ann: activity (own)',
  'Page Viewed': 'ann: activity (own)',
  'Profile Updated': 'ann: activity (own)',
  'Group Joined': 'ann: activity (own)',
};

describe('what each event means', () => {
  it.each(EVENT_NAMES)('%s', (name) => {
    expect(factsOf(name, FULL).map(inWords).join(', ')).toBe(MEANINGS[name]);
  });

  it.each(['Something Else', '', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'an unknown name (%j) counts as activity',
    (name) => {
      expect(factsOf(name, {}).map(inWords)).toEqual(['ann: activity (own)']);
    },
  );

  it('every fact of one event has a key of its own, the same each time', () => {
    for (const name of EVENT_NAMES) {
      const keys = factsOf(name, FULL).map(({ personId, fact }) => `${personId} ${fact.key}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(factsOf(name, FULL).map(({ personId, fact }) => `${personId} ${fact.key}`)).toEqual(keys);
    }
  });

  it('marks views of new arrivals, and lists sorted by price or discount', () => {
    expect(only('Product Viewed', { newArrival: true })).toMatchObject({ act: 'view', mark: true });
    expect(only('Product Viewed', {})).toMatchObject({ act: 'view', mark: false });
    for (const by of ['Price (low to high)', 'discount', 'On Sale'])
      expect(only('Product List Filtered', { sortedBy: ['color', by] })).toMatchObject({ mark: true });
    expect(only('Product List Filtered', { sortedBy: ['newest'] })).toMatchObject({ mark: false });
  });

  it('takes pages of the selling section for interest in selling', () => {
    expect(only('Page Viewed', { section: 'selling' })).toMatchObject({ act: 'selling_page' });
    expect(only('Page Viewed', { section: 'home' })).toMatchObject({ act: 'activity' });
  });

  it('keeps a rating in hundredths, and only from 1 to 5', () => {
    expect(
      factsOf('Product Reviewed', { rating: 4.5, sellerId: 'sam' }).map(({ fact }) => fact),
    ).toMatchObject([
      { act: 'review', value: 450 },
      { act: 'rating_received', value: 450 },
    ]);
    for (const rating of [0, -3, 5.5, NaN, Infinity, 1e9])
      expect(factsOf('Product Reviewed', { rating, sellerId: 'sam' }).map(({ fact }) => fact)).toMatchObject([
        { act: 'review', value: 0 },
      ]);
  });

  it('knows the price of what was viewed or listed where the category is known, too', () => {
    expect(only('Product Viewed', { category: 'bags', priceMinor: 500 })).toMatchObject({ priceMinor: 500 });
    expect(only('Product Viewed', { priceMinor: 500 })).toMatchObject({ priceMinor: undefined });
    expect(only('Listing Created', { priceMinor: 500 })).toMatchObject({ act: 'listing', value: 500 });
  });
});

describe('orders', () => {
  it('take the total, or else the value of the lines', () => {
    const products = [{ priceMinor: 300, quantity: 2 }, { priceMinor: 50 }];
    expect(ordersOf({ orderId: 'o', totalMinor: 500, products })[0]).toMatchObject({ grossMinor: 500 });
    expect(ordersOf({ orderId: 'o', products })[0]).toMatchObject({ grossMinor: 650 });
    expect(ordersOf({ orderId: 'o' })[0]).toMatchObject({ grossMinor: 0, counterparty: '' });
  });

  it('are discounted by a discount or a coupon', () => {
    expect(ordersOf({ orderId: 'o', discountMinor: 1 })[0]).toMatchObject({ discounted: true });
    expect(ordersOf({ orderId: 'o', coupon: 'TEN' })[0]).toMatchObject({ discounted: true });
    expect(ordersOf({ orderId: 'o', discountMinor: 0 })[0]).toMatchObject({ discounted: false });
  });

  it('of one seller are that seller’s whole sale, wherever the seller is named', () => {
    const named: EventProperties[] = [
      { orderId: 'o', totalMinor: 900, sellerId: 'sam' },
      { orderId: 'o', totalMinor: 900, products: [{ sellerId: 'sam', priceMinor: 1 }, { priceMinor: 2 }] },
      { orderId: 'o', totalMinor: 900, sellerId: 'platform', products: [{ sellerId: 'sam', priceMinor: 1 }] },
    ];
    for (const properties of named) {
      const [bought, sold] = factsOf('Order Completed', properties);
      expect(bought).toMatchObject({ personId: 'ann', fact: { grossMinor: 900, counterparty: 'sam' } });
      expect(sold).toMatchObject({ personId: 'sam', fact: { grossMinor: 900, counterparty: 'ann' } });
    }
  });

  it('of several sellers are shared by the value of their lines, and their buyer names them all', () => {
    const products = [
      { sellerId: 'sam', priceMinor: 100, quantity: 3 },
      { sellerId: 'tia', priceMinor: 600 },
      { sellerId: 'sam', priceMinor: 100 },
    ];
    expect(factsOf('Order Completed', { orderId: 'o', totalMinor: 500, products }).map(inMoney)).toEqual([
      'ann 500 with sam+tia',
      'sam 200 with ann',
      'tia 300 with ann',
    ]);
  });

  it('are shared equally where no line has a value', () => {
    const products = ['sam', 'tia', 'uma'].map((sellerId) => ({ sellerId }));
    expect(factsOf('Order Completed', { orderId: 'o', totalMinor: 100, products }).map(inMoney)).toEqual([
      'ann 100 with sam+tia+uma',
      'sam 33 with ann',
      'tia 34 with ann',
      'uma 33 with ann',
    ]);
  });

  it('without an id are rejected', () => {
    expect(reasonOf('Order Completed', { totalMinor: 1 })).toBe('missing_order_id');
    expect(reasonOf('Order Refunded', { totalMinor: 1 })).toBe('missing_order_id');
    expect(reasonOf('Order Cancelled', {})).toBe('missing_order_id');
  });
});

describe('refunds and cancellations', () => {
  it('give back the amount, or without one all of it', () => {
    expect(factsOf('Order Refunded', { orderId: 'o', totalMinor: 40 })[0]?.fact).toMatchObject({
      amountMinor: 40,
    });
    expect(factsOf('Order Refunded', { orderId: 'o' })[0]?.fact).toMatchObject({ amountMinor: null });
    const cancelled = factsOf('Order Cancelled', { orderId: 'o', totalMinor: 40 })[0]?.fact;
    expect(cancelled).toMatchObject({ amountMinor: null, cancelled: true });
  });

  it('go to the seller at once when the seller is named, and by way of the buyer’s order when not', () => {
    const told = factsOf('Order Refunded', { orderId: 'o', sellerId: 'sam' });
    expect(told.map(inWords)).toEqual(['ann: return as buyer', 'sam: return as seller']);
    expect(told.map(({ fact }) => 'forward' in fact && fact.forward)).toEqual([false, false]);
    const untold = factsOf('Order Refunded', { orderId: 'o' });
    expect(untold.map(inWords)).toEqual(['ann: return as buyer']);
    expect(untold[0]?.fact).toMatchObject({ forward: true });
  });

  it('are known by their refund id, or else by their message', () => {
    const keys = (messageId: string, properties: EventProperties): unknown =>
      factsOf('Order Refunded', { orderId: 'o', ...properties }, messageId).map(
        ({ fact }) => 'returnKey' in fact && fact.returnKey,
      );
    expect(keys('m1', { refundId: 'r' })).toEqual(keys('m2', { refundId: 'r' }));
    expect(keys('m1', {})).not.toEqual(keys('m2', {}));
  });
});

describe('disputes', () => {
  const sides = (properties: EventProperties): string[] =>
    factsOf('Dispute Answered', { disputeId: 'd', ...properties }).map(inWords);

  it('are the sender’s as a buyer, unless the sender is the seller', () => {
    expect(sides({ sellerId: 'sam' })).toEqual(['ann: case as buyer (own)', 'sam: case as seller']);
    expect(sides({ buyerId: 'bob' })).toEqual(['ann: case as seller (own)', 'bob: case as buyer']);
    expect(sides({ buyerId: 'bob', sellerId: 'ann' })).toEqual([
      'ann: case as seller (own)',
      'bob: case as buyer',
    ]);
    expect(sides({ buyerId: 'ann', sellerId: 'sam' })).toEqual([
      'ann: case as buyer (own)',
      'sam: case as seller',
    ]);
    expect(sides({ buyerId: 'ann' })).toEqual(['ann: case as buyer (own)']);
    expect(sides({})).toEqual(['ann: case as buyer (own)']);
  });

  it('are known by their own id, or else by the order’s; without either they are activity', () => {
    const key = (properties: EventProperties): unknown => only('Dispute Opened', properties);
    expect(key({ disputeId: 'd', orderId: 'o' })).toMatchObject({ caseKey: hash48('d') });
    expect(key({ orderId: 'o' })).toMatchObject({ caseKey: hash48('o') });
    expect(key({})).toMatchObject({ type: 'act', act: 'activity' });
  });

  it('are lost by the seller when the buyer is found right', () => {
    expect(only('Dispute Resolved', { disputeId: 'd', outcome: 'buyer' })).toMatchObject({ lost: true });
    expect(only('Dispute Resolved', { disputeId: 'd', outcome: 'seller' })).toMatchObject({ lost: false });
    expect(only('Dispute Resolved', { disputeId: 'd' })).toMatchObject({ lost: false });
  });
});

describe('merges', () => {
  it('are told to the id that ceases to exist', () => {
    const [told] = factsOf('Account Merged', { previousId: 'guest' });
    expect(told).toMatchObject({ personId: 'guest', fact: { type: 'merge', into: 'ann' } });
  });

  it('without a previous id are rejected, into oneself are activity', () => {
    expect(reasonOf('Account Merged', {})).toBe('missing_person');
    expect(factsOf('Account Merged', { previousId: 'ann' }).map(inWords)).toEqual(['ann: activity (own)']);
  });
});

describe('time', () => {
  //   at − 5 min − 1 ms   at − 5 min            at
  //   ────────┼───────────────┼─────────────────┼───────▶ received
  //   rejected│ accepted, dated at arrival      │ accepted, dated as it says
  it('up to 5 minutes ahead of the receiver is set back to the arrival', () => {
    for (const aheadMs of [0, 1, FUTURE_TOLERANCE_MS]) expect(accepted(plus(NOW, aheadMs)).at).toBe(NOW);
    expect(reasonOf('Signed In', {}, plus(NOW, FUTURE_TOLERANCE_MS + 1))).toBe('future_timestamp');
  });

  it('however late stays as it is: what is too late, the person’s windows say', () => {
    for (const lateMs of [1, HOUR_MS, 10_000 * 24 * HOUR_MS])
      expect(accepted(plus(NOW, -lateMs)).at).toBe(NOW - lateMs);
  });
});

function read(
  name: string,
  properties: EventProperties,
  at = NOW,
  messageId = 'm1',
): ReturnType<typeof interpret> {
  const event: TrackedEvent = { messageId, personId: 'ann', at, name, properties };
  return interpret(event, NOW, MONEY);
}

function factsOf(name: string, properties: EventProperties, messageId = 'm1'): readonly AddressedFact[] {
  const outcome = read(name, properties, NOW, messageId);
  if (!outcome.ok) throw new Error(outcome.error.detail);
  return outcome.value;
}

function only(name: string, properties: EventProperties): Fact {
  const [first, ...rest] = factsOf(name, properties);
  if (first === undefined || rest.length > 0) throw new Error(`${rest.length + 1} facts`);
  return first.fact;
}

function ordersOf(properties: EventProperties): OrderFact[] {
  return factsOf('Order Completed', properties).map(({ fact }) => fact as OrderFact);
}

function reasonOf(name: string, properties: EventProperties, at = NOW): string {
  const outcome = read(name, properties, at);
  return outcome.ok ? 'accepted' : outcome.error.reason;
}

function accepted(at: typeof NOW): Fact {
  const outcome = read('Signed In', {}, at);
  if (!outcome.ok || outcome.value[0] === undefined) throw new Error('rejected');
  return outcome.value[0].fact;
}

function inWords({ personId, fact }: AddressedFact): string {
  const what = fact.type === 'act' ? fact.act : 'side' in fact ? `${fact.type} as ${fact.side}` : fact.type;
  return `${personId}: ${what}${fact.own ? ' (own)' : ''}`;
}

function inMoney({ personId, fact }: AddressedFact): string {
  const order = fact as OrderFact;
  return `${personId} ${order.grossMinor} with ${order.counterparty.replaceAll(BETWEEN_SELLERS, '+')}`;
}
