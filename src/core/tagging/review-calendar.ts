import { DAY_MS, instant, type Instant } from '../time.ts';
import type { ReviewPeriod } from './policy.ts';

const EPOCH_MONDAY_MS = 4 * DAY_MS;

/** The first beginning of a review period (at midnight of the policy's calendar) strictly after `after`. */
export function nextReviewAfter(after: Instant, every: ReviewPeriod, utcOffsetMs: number): Instant {
  const local = after + utcOffsetMs;
  if (every === 'day') return instant((Math.floor(local / DAY_MS) + 1) * DAY_MS - utcOffsetMs);
  if (every === 'week') {
    const week = 7 * DAY_MS;
    return instant((Math.floor((local - EPOCH_MONDAY_MS) / week) + 1) * week + EPOCH_MONDAY_MS - utcOffsetMs);
  }
  const date = new Date(local);
  const months = every === 'month' ? 1 : 3 - (date.getUTCMonth() % 3);
  return instant(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) - utcOffsetMs);
}
