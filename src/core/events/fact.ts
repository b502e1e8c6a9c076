import type { Instant } from '../time.ts';

/**
 * Kinds of acts that are counted and summed and need no matching with other facts. The number is what packed
 * state stores: append, never renumber.
 */
export const ACTS = {
  activity: 0,
  view: 1, // mark: of a new arrival
  browse: 2, // mark: list sorted or filtered by price or discount
  search: 3,
  cart: 4,
  checkout: 5,
  wishlist: 6,
  coupon: 7,
  share: 8,
  review: 9, // value: rating × 100
  post: 10,
  check_in: 11,
  member_event: 12,
  referral: 13,
  selling_page: 14,
  listing_start: 15,
  listing: 16, // value: price
  price_change: 17,
  listing_removal: 18,
  authentication: 19,
  shipment: 20,
  delivery: 21,
  payout: 22, // value: amount
  rating_received: 23, // value: rating × 100
  violation: 24,
  offer: 25, // value: amount
} as const;

export type Act = keyof typeof ACTS;
export const ACT_NAMES = Object.keys(ACTS) as readonly Act[];

/** Which side of a trade the person was on. */
export type Side = 'buyer' | 'seller';

interface FactBase {
  /** Identity for the receiver: 48-bit hash of messageId and role. A second fact of the same key is a duplicate. */
  readonly key: number;
  readonly at: Instant;
  /** The person did it (as against: it happened to them). Only own facts end silence. */
  readonly own: boolean;
}

export interface ActFact extends FactBase {
  readonly type: 'act';
  readonly act: Act;
  readonly value: number;
  readonly mark: boolean;
  /** For price references: what was looked at, listed or offered. */
  readonly category?: string | undefined;
  readonly priceMinor?: number | undefined;
}

export interface OrderFact extends FactBase {
  readonly type: 'order';
  readonly side: Side;
  readonly orderKey: number;
  readonly grossMinor: number;
  readonly discounted: boolean;
  /** The other person of the trade; empty when unknown. */
  readonly counterparty: string;
  /** Line items with a known category and price. */
  readonly priced: readonly { readonly category: string; readonly priceMinor: number }[];
}

export interface ReturnFact extends FactBase {
  readonly type: 'return';
  readonly side: Side;
  readonly orderKey: number;
  /** null: everything that is left. */
  readonly amountMinor: number | null;
  readonly cancelled: boolean;
  /** Identity of the return beyond the duplicate horizon. */
  readonly returnKey: number;
  /** Tell the seller, whose id only the buyer's own order knows. */
  readonly forward: boolean;
}

export interface ShipmentFact extends FactBase {
  readonly type: 'shipment';
  readonly orderKey: number;
}

/** A step of a dispute, seen from one side. */
export interface CaseFact extends FactBase {
  readonly type: 'case';
  readonly side: Side;
  readonly caseKey: number;
  readonly step: 'opened' | 'answered' | 'resolved';
  /** On `resolved`: the seller was found wrong. */
  readonly lost: boolean;
}

/** To the person that ceases to exist: hand everything to `into`, and whatever still comes. */
export interface MergeFact extends FactBase {
  readonly type: 'merge';
  readonly into: string;
}

/** To the person that remains: another history to be taken in as if it had always been one. */
export interface AbsorbFact extends FactBase {
  readonly type: 'absorb';
  readonly from: string;
  readonly record: Uint8Array;
}

export type Fact = ActFact | OrderFact | ReturnFact | ShipmentFact | CaseFact | MergeFact | AbsorbFact;

export interface AddressedFact {
  readonly personId: string;
  readonly fact: Fact;
}
