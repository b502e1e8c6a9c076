/** `priceScore` of an order without a comparable price. */
export const NO_PRICE_SCORE = -32768;

/** One order, or what is known of it before it arrives (`placedAt` 0: a refund came first and waits). */
export interface LedgerEntry {
  readonly key: number;
  placedAt: number;
  grossMinor: number;
  discounted: boolean;
  /** 100 × log2(price / the category's usual price), rounded; mean over the lines. */
  priceScore: number;
  counterparty: string;
  cancelled: boolean;
  shippedAt: number;
  /** By key. Amount null: all that is left. */
  returns: { readonly key: number; amountMinor: number | null }[];
  /** The earliest instant known of it; a waiting entry is dropped a longest window later. */
  noticedAt: number;
}

/** What is known of an order of which only the key has been heard. */
export function unplacedEntry(key: number, noticedAt: number): LedgerEntry {
  return {
    key,
    placedAt: 0,
    grossMinor: 0,
    discounted: false,
    priceScore: NO_PRICE_SCORE,
    counterparty: '',
    cancelled: false,
    shippedAt: 0,
    returns: [],
    noticedAt,
  };
}

export function netMinor(entry: LedgerEntry): number {
  if (entry.placedAt === 0 || entry.cancelled) return 0;
  let left = entry.grossMinor;
  for (const back of entry.returns) left -= back.amountMinor ?? left;
  return Math.max(left, 0);
}

export function counts(entry: LedgerEntry): boolean {
  if (entry.placedAt === 0 || entry.cancelled) return false;
  if (entry.returns.length === 0) return true;
  return netMinor(entry) > 0;
}
