import type { Instant } from '../time.ts';

/**
 * What a source system said happened, once: a Segment-spec call after its shape was checked at the edge.
 * Strings are strings, instants are instants, money is in minor units; whether it *means* anything (a known
 * name, an amount that makes sense, the currency of the policy) is decided in core/events/interpret.ts.
 */
export interface TrackedEvent {
  /** Unique per event at its source; a second event of the same person with the same id counts once. */
  readonly messageId: string;
  /** `userId`, or `anonymousId` when there is none. Never empty. */
  readonly personId: string;
  /** When it happened, by the source's clock. */
  readonly at: Instant;
  /** A name of core/events/names.ts, or any other: unknown names count as activity. */
  readonly name: string;
  readonly properties: EventProperties;
}

/** Only what Tidemark reads; everything else a source sends is dropped at the edge. */
export interface EventProperties {
  readonly orderId?: string;
  /** Gross value of an order, or the amount given back by a refund (absent there: all of it). */
  readonly totalMinor?: number;
  /** ISO 4217, upper case. Absent: the policy's reporting currency. */
  readonly currency?: string;
  readonly discountMinor?: number;
  readonly coupon?: string;
  /** The other side of an order, refund, dispute or review. */
  readonly sellerId?: string;
  /** On events that a seller's system sends about an order (shipping, disputes): whose order it was. */
  readonly buyerId?: string;
  /** Identity of a refund: the same refund sent twice under two messageIds counts once. */
  readonly refundId?: string;
  readonly disputeId?: string;
  readonly listingId?: string;
  readonly productId?: string;
  readonly category?: string;
  readonly priceMinor?: number;
  readonly quantity?: number;
  readonly products?: readonly ProductLine[];
  /** What a `Product List Filtered` list is sorted or filtered by: price, discount, newest … */
  readonly sortedBy?: readonly string[];
  readonly query?: string;
  /** Part of the site a page view belongs to; `selling` counts as interest in selling. */
  readonly section?: string;
  /** 1–5. */
  readonly rating?: number;
  readonly newArrival?: boolean;
  /** `Account Merged`: the id that ceases to exist. */
  readonly previousId?: string;
  /** `Dispute Resolved`: who was found right. */
  readonly outcome?: 'buyer' | 'seller';
}

export interface ProductLine {
  readonly productId?: string;
  readonly category?: string;
  readonly priceMinor?: number;
  readonly quantity?: number;
  readonly sellerId?: string;
}

/** Why a record cannot be used. The stream goes on without it; the dead letter keeps it. */
export type RejectReason =
  | 'malformed' // not JSON, not a row of the format, half a line
  | 'invalid_shape' // JSON, but fields are missing or of the wrong type
  | 'missing_person'
  | 'invalid_timestamp' // absent, unreadable, or before 1990
  | 'future_timestamp' // more than 5 minutes ahead of the receiver
  | 'too_late' // older than every window when it arrived
  | 'negative_amount'
  | 'invalid_amount' // not a finite number, or past 2^43 minor units
  | 'foreign_currency' // not the policy's currency, and no rate is given
  | 'missing_order_id'
  | 'unmatched_return' // a return that matches no earlier purchase in the file
  | 'after_until'; // replay: past the stated end

export interface Rejection {
  readonly reason: RejectReason;
  /** One sentence with the field and the value, for whoever mends the source. */
  readonly detail: string;
}
