import type { EventProperties, TrackedEvent } from '../../core/events/event.ts';
import { toMajor } from '../../core/money.ts';
import { isoOf, type Instant } from '../../core/time.ts';

/**
 * One event as a `track` call on one line of JSON, without the line's end. `decodeSegment` gives the same event
 * back (amounts up to 2^50 minor units; `receivedAt` and `at` to the millisecond). `receivedAt` comes first, so
 * that a reader who only wants the order of arrival need not parse the rest.
 */
export function encodeSegment(record: {
  readonly receivedAt: Instant;
  readonly event: TrackedEvent;
}): string {
  const { messageId, personId, at, name, properties } = record.event;
  return JSON.stringify({
    receivedAt: isoOf(record.receivedAt),
    type: 'track',
    messageId,
    userId: personId,
    timestamp: isoOf(at),
    event: name,
    properties: wireProperties(properties),
  });
}

/** Absent fields stay `undefined`, which JSON leaves out. */
function wireProperties(properties: EventProperties): object {
  const { currency } = properties;
  return {
    order_id: properties.orderId,
    total: major(properties.totalMinor, currency),
    currency,
    discount: major(properties.discountMinor, currency),
    coupon: properties.coupon,
    seller_id: properties.sellerId,
    buyer_id: properties.buyerId,
    refund_id: properties.refundId,
    dispute_id: properties.disputeId,
    listing_id: properties.listingId,
    previous_id: properties.previousId,
    product_id: properties.productId,
    category: properties.category,
    price: major(properties.priceMinor, currency),
    quantity: properties.quantity,
    rating: properties.rating,
    query: properties.query,
    section: properties.section,
    products: properties.products?.map((line) => ({
      product_id: line.productId,
      category: line.category,
      price: major(line.priceMinor, currency),
      quantity: line.quantity,
      seller_id: line.sellerId,
    })),
    sorts: properties.sortedBy?.map((type) => ({ type })),
    new_arrival: properties.newArrival,
    outcome: properties.outcome,
  };
}

function major(minor: number | undefined, currency: string | undefined): number | undefined {
  return minor === undefined ? undefined : toMajor(minor, currency ?? '');
}
