import { describe, expect, it } from 'vitest';
import type { TrackedEvent } from '../../../src/core/events/event.ts';
import { DAY_MS, HOUR_MS } from '../../../src/core/time.ts';
import { countBy, runMarketplace } from './a-marketplace.ts';

const DAYS = 150;

describe('trading', () => {
  const { events, named, records, truth } = runMarketplace({ people: 1_500, days: DAYS });
  const orders = new Map(named('Order Completed').map((order) => [order.properties.orderId ?? '', order]));
  const orderOf = (event: TrackedEvent): TrackedEvent | undefined =>
    orders.get(event.properties.orderId ?? '');

  it('has orders with everything an order says, of resale prices', () => {
    expect(orders.size).toBe(named('Order Completed').length);
    const totals: number[] = [];
    for (const { personId, properties } of orders.values()) {
      const { totalMinor = 0, discountMinor = -1, coupon, products, sellerId, currency } = properties;
      expect(currency).toBe('CNY');
      expect(sellerId).not.toBe(personId);
      expect(discountMinor > 0).toBe(coupon !== undefined);
      expect(products).toHaveLength(1);
      expect(products?.[0]?.priceMinor).toBe(totalMinor + discountMinor);
      totals.push(totalMinor / 100);
    }
    totals.sort((a, b) => a - b);
    const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length;
    expect(mean).toBeGreaterThan(4_000);
    expect(mean).toBeLessThan(10_000);
    expect(totals[totals.length >> 1]).toBeLessThan(mean);
    expect(totals.at(-1)).toBeGreaterThan(50_000);
  });

  it('sells each item once, after it was listed and looked at, save among rings', () => {
    const listedAt = new Map(named('Listing Created').map((event) => [event.properties.productId, event.at]));
    const viewedBy = new Set(named('Product Viewed').map((e) => `${e.personId} ${e.properties.productId}`));
    const sold = new Set<string>();
    for (const order of orders.values()) {
      const productId = order.properties.products?.[0]?.productId ?? '';
      expect(sold.has(productId)).toBe(false);
      sold.add(productId);
      if (truth.get(order.personId)?.fraud === 'wash') continue;
      expect(listedAt.get(productId) ?? 0).toBeLessThan(order.at);
      expect(viewedBy.has(`${order.personId} ${productId}`)).toBe(true);
    }
  });

  it('sells about half of what is listed and lists about what it sells in a steady market', () => {
    const created = named('Listing Created');
    const sold = new Set([...orders.values()].map((order) => order.properties.products?.[0]?.productId));
    const early = created.filter((event) => event.at < (created[0]?.at ?? 0) + (DAYS - 50) * DAY_MS);
    const sellThrough = early.filter((event) => sold.has(event.properties.productId)).length / early.length;
    expect(sellThrough).toBeGreaterThan(0.3);
    expect(sellThrough).toBeLessThan(0.8);
    expect(named('Listing Started').length).toBeGreaterThan(created.length * 0.9);
  });

  it('starts listings that never come to be, and listings that were never started', () => {
    const started = new Set(named('Listing Started').map((event) => event.properties.listingId));
    const created = new Set(named('Listing Created').map((event) => event.properties.listingId));
    expect([...started].filter((id) => !created.has(id)).length).toBeGreaterThan(100);
    expect([...created].filter((id) => !started.has(id)).length).toBeGreaterThan(100);
  });

  it('follows orders only with what concerns them, later, by the right side', () => {
    for (const event of named('Order Shipped', 'Order Delivered', 'Dispute Answered', 'Payout Paid')) {
      const order = orderOf(event);
      expect(order?.properties.sellerId).toBe(event.personId);
      expect(event.properties.buyerId).toBeDefined();
      expect(event.at).toBeGreaterThan(order?.at ?? Infinity);
    }
    for (const event of named('Order Refunded', 'Dispute Opened', 'Dispute Resolved', 'Product Reviewed')) {
      const order = orderOf(event);
      expect(order?.properties.sellerId).toBe(event.properties.sellerId);
      expect(event.at).toBeGreaterThan(order?.at ?? Infinity);
    }
    for (const event of named('Order Cancelled')) {
      expect(event.at).toBeGreaterThan(orderOf(event)?.at ?? Infinity);
    }
  });

  it('takes back and cancels plausibly often, in all the ways there are', () => {
    const refunds = named('Order Refunded');
    const cancellations = named('Order Cancelled');
    expect(refunds.length / orders.size).toBeGreaterThan(0.02);
    expect(refunds.length / orders.size).toBeLessThan(0.12);
    const full = refunds.filter((e) => e.properties.totalMinor === orderOf(e)?.properties.totalMinor);
    const unstated = refunds.filter((e) => e.properties.totalMinor === undefined);
    const partial = refunds.filter(
      (e) => (e.properties.totalMinor ?? Infinity) < (orderOf(e)?.properties.totalMinor ?? 0),
    );
    expect(Math.min(full.length, unstated.length, partial.length)).toBeGreaterThan(5);
    const timesSent = [...countBy(refunds, (e) => e.properties.refundId ?? '').values()];
    expect(timesSent.some((times) => times === 2)).toBe(true);
    const refundsOfOrder = new Map<string, Set<string>>();
    for (const { properties } of refunds) {
      const ids = refundsOfOrder.get(properties.orderId ?? '') ?? new Set();
      refundsOfOrder.set(properties.orderId ?? '', ids.add(properties.refundId ?? ''));
    }
    expect([...refundsOfOrder.values()].some((ids) => ids.size === 2)).toBe(true);
    expect(cancellations.some((e) => e.properties.sellerId === undefined)).toBe(true);
    expect(cancellations.filter((e) => e.properties.sellerId !== undefined).length).toBeGreaterThan(
      cancellations.length / 2,
    );
  });

  it('answers disputes fast and slowly, and decides both ways', () => {
    const openedAt = new Map(named('Dispute Opened').map((e) => [e.properties.disputeId, e.at]));
    const hours = named('Dispute Answered').map(
      (e) => (e.at - (openedAt.get(e.properties.disputeId) ?? 0)) / HOUR_MS,
    );
    expect(hours.filter((h) => h < 12).length).toBeGreaterThan(hours.length * 0.25);
    expect(hours.filter((h) => h > 24).length).toBeGreaterThan(hours.length * 0.15);
    const outcomes = countBy(named('Dispute Resolved'), (e) => e.properties.outcome ?? '');
    expect([...outcomes.keys()].sort()).toEqual(['buyer', 'seller']);
    for (const { properties } of named('Product Reviewed')) {
      expect([1, 2, 3, 4, 5]).toContain(properties.rating);
    }
  });

  it('lets some refunds and cancellations arrive before their order', () => {
    const bad = runMarketplace({ people: 1_500, days: DAYS, lateRate: 0.02 });
    const seen = new Set<string>();
    let early = 0;
    for (const { event } of bad.records) {
      const orderId = event.properties.orderId ?? '';
      if (event.name === 'Order Completed') seen.add(orderId);
      else if (/Refunded|Cancelled/.test(event.name) && !seen.has(orderId)) early++;
    }
    expect(early).toBeGreaterThan(3);
    expect(early).toBeLessThan(orders.size * 0.02);
  });

  it('merges second accounts, whose own events end there', () => {
    const merges = named('Account Merged');
    expect(merges.length).toBeGreaterThan(0);
    for (const { personId, at, properties } of merges) {
      const second = truth.get(properties.previousId ?? '');
      expect(second?.mergedInto).toBe(personId);
      const own = events.filter((event) => event.personId === properties.previousId);
      expect(own.length).toBeGreaterThan(0);
      expect(own.every((event) => event.at <= at)).toBe(true);
    }
    expect(records.length).toBe(events.length);
  });
});
