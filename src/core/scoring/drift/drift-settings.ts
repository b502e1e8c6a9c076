export interface DriftSettings {
  /** Most bins a stratum's numbers are compared in, besides those for NaN and for what is out of range. */
  readonly mostBins: number;
  /** People expected per bin in the smaller sample: where there are few, bins are fewer rather than emptier. */
  readonly leastExpected: number;
  /** Least population stability index, over what chance makes of it, that anybody would act on. */
  readonly minimumEffect: number;
}

/**
 * A normal value that moves by d standard deviations has an index of d², so .04 is a fifth of a standard deviation, what
 * Cohen (1988) calls a small effect; a yes-or-no of one half has it when it moves by ten points.
 */
export const DEFAULT_DRIFT_SETTINGS: DriftSettings = { mostBins: 10, leastExpected: 10, minimumEffect: 0.04 };

/** Strata with fewer people in the smaller sample are not compared: there would not be two bins. */
export function leastPeople({ leastExpected }: DriftSettings): number {
  return 2 * leastExpected;
}
