import { DAY_MS, instant, MINUTE_MS, type Instant } from '../../core/time.ts';

/**
 * The simulation moves in slices of ten minutes, numbered from 0 at the start of the run. A slice is short
 * enough that a million people's events of one slice are sorted in memory, and every plan of a person
 * (joining, pausing, leaving) is a slice number, which fits 32 bits.
 */
export const SLICE_MS = 10 * MINUTE_MS;
export const SLICES_PER_DAY = DAY_MS / SLICE_MS;

/** Later than any run: the slice of what never happens. */
export const NO_SLICE = 0x7fffffff;

export function startOfSlice(startAt: Instant, slice: number): Instant {
  return instant(startAt + slice * SLICE_MS);
}

export function sliceAt(startAt: Instant, at: number): number {
  return Math.floor((at - startAt) / SLICE_MS);
}
