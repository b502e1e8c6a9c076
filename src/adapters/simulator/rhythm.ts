import { DAY_MS, HOUR_MS, type Instant } from '../../core/time.ts';
import { startOfSlice } from './slices.ts';

/** The marketplace keeps China's time, all year UTC+8. */
const LOCAL_OFFSET_MS = 8 * HOUR_MS;

/** Visits by local hour, relative to the busiest: a lunch bump and an evening peak. */
const BY_HOUR = [
  0.22, 0.12, 0.06, 0.04, 0.03, 0.05, 0.12, 0.25, 0.35, 0.42, 0.46, 0.5, 0.6, 0.52, 0.45, 0.45, 0.46, 0.5,
  0.6, 0.78, 0.94, 1, 0.82, 0.48,
];
/** Monday first. */
const BY_WEEKDAY = [0.76, 0.74, 0.75, 0.78, 0.86, 1, 0.98];
/** January first: low around the lunar new year, high in the autumn of shopping festivals. */
const BY_MONTH = [0.72, 0.6, 0.76, 0.76, 0.8, 0.86, 0.72, 0.72, 0.8, 0.86, 1, 0.88];
/** Month and day of the great sales (18 June, 11 November, 12 December) and of their eves. */
const FESTIVALS = new Set(['6-17', '6-18', '11-10', '11-11', '12-12']);
const FESTIVAL_LIFT = 1.5;

/** The busiest ten minutes there can be, relative to the average ones; what visit rates are scaled up by. */
export const PEAK_OVER_MEAN = FESTIVAL_LIFT / (mean(BY_HOUR) * mean(BY_WEEKDAY) * mean(BY_MONTH));

/** Season, week and day as one number between 0 and 1, computed once a slice. */
export class Rhythm {
  /** Relative to the busiest slice there can be: the probability that a peak-rate visit takes place now. */
  busyness = 0;
  /** A day of great sales: more coupons, more orders. */
  festival = false;
  weekend = false;
  private readonly startAt: Instant;

  constructor(startAt: Instant) {
    this.startAt = startAt;
  }

  moveTo(slice: number): void {
    const local = new Date(startOfSlice(this.startAt, slice) + LOCAL_OFFSET_MS);
    const weekday = (local.getUTCDay() + 6) % 7;
    const month = local.getUTCMonth();
    this.festival = FESTIVALS.has(`${month + 1}-${local.getUTCDate()}`);
    this.weekend = weekday >= 5;
    this.busyness =
      (BY_HOUR[local.getUTCHours()] ?? 0) *
      (BY_WEEKDAY[weekday] ?? 0) *
      (BY_MONTH[month] ?? 0) *
      (this.festival ? 1 : 1 / FESTIVAL_LIFT);
  }
}

/** Number of the local calendar day. */
export function localDayOf(at: number): number {
  return Math.floor((at + LOCAL_OFFSET_MS) / DAY_MS);
}

function mean(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
}
