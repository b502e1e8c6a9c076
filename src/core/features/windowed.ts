import { DAY_MS, instant, type Instant } from '../time.ts';

/**
 * What a window can add up. `count` of facts, `sum` of their values (money, hundredths of a rating …),
 * `marks` of those that carry the mark (discounted, new arrival …). All are ≥ 0 for every fact.
 */
export type Measure = 'count' | 'sum' | 'marks';

/**
 * Facts of one kind of one person, readable over any rolling window (now − windowMs, now].
 *
 * Laws, whatever holds the facts (tested against a naive list): adding commutes; a window read twice gives
 * the same; in silence `total` never grows, and it first falls below `threshold` at `lastsUntil`. Exact to the
 * millisecond while the window holds at most {@link EXACT_FACTS} facts; past that a fact of the tail may count
 * up to one hop longer than its time (1 h in windows up to 2 days, 1 day otherwise), never shorter.
 */
export interface Windowed {
  total(now: Instant, windowMs: number, measure: Measure): number;
  /** When `total` first falls below `threshold` if nothing happens; NEVER if it is below already or threshold ≤ 0. */
  lastsUntil(now: Instant, windowMs: number, measure: Measure, threshold: number): Instant;
  /** When the oldest fact in the window leaves it; NEVER for an empty window. */
  nextExpiry(now: Instant, windowMs: number): Instant;
  /** Σ of the measure × 2^(−age / halfLifeMs) over the facts of the last {@link LONGEST_WINDOW_MS}. */
  decayed(now: Instant, halfLifeMs: number, measure: Measure): number;
}

/** Facts of a kind kept to the millisecond. */
export const EXACT_FACTS = 64;
/** What is older counts in life totals only, and arrives `too_late`. */
export const LONGEST_WINDOW_MS = 365 * DAY_MS;
/** Windows up to this long have hourly tails. */
export const HOURLY_WINDOW_MS = 2 * DAY_MS;

/**
 * What is older has left every window, and so has the whole day (UTC) it lies in: a fact goes at the same instant
 * whether it was kept one by one or in a hop, so that no trace of the order of arrival stays.
 */
export function agedBefore(now: Instant): Instant {
  return instant(Math.floor((now - LONGEST_WINDOW_MS) / DAY_MS) * DAY_MS);
}

/** Sums stop at 2^53: past that they would lose cents and could not be packed. Commutes and associates. */
export function addUp(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}
