/** What a row speaks of: values, tags, how many hold a tag, or what came true of predictions. */
export type DriftKind = 'feature' | 'score' | 'segment' | 'segment_size' | 'calibration';

/** One row of the table `drift`. */
export interface DriftRow {
  /** Epoch milliseconds. */
  readonly measured_at: number;
  readonly kind: DriftKind;
  /** Of a feature, a score, a dimension. */
  readonly name: string;
  /**
   * `all`: everybody against everybody, which nothing is alarmed by, because a population that grows older differs from
   * itself; `like tenure`: people against people of like tenure; a tenure band; or, of `segment_size`, the tag.
   */
  readonly stratum: string;
  /** People compared. Of `segment_size`: who held the tag before. Of `calibration`: 0. */
  readonly n_reference: number;
  /** People compared, or who hold the tag now. What `like tenure` lacks against `all` has too few of like tenure. */
  readonly n_current: number;
  /** Population stability index; null where too few people can be compared, as all that follows from it. */
  readonly psi: number | null;
  /** Jensen–Shannon divergence, bits: 0 to 1. */
  readonly js: number | null;
  /** Kolmogorov–Smirnov distance between the numbers that exist; null for tags. */
  readonly ks: number | null;
  /** Of `ks`. It alarms nobody; the alarm is of `psi`. */
  readonly p_value: number | null;
  /** Of `psi`, or of `calibration` the gap: the probability of at least that much without drift. */
  readonly drift_p_value: number | null;
  /** What `psi`, or the gap between `expected` and `observed`, must pass to alarm; null where nothing is tested. */
  readonly limit: number | null;
  readonly alarm: boolean;
  /** The part of `psi` of `all` that comes from another mix of tenures alone; may be more than all of it, or negative. */
  readonly tenure_part: number | null;
  /** Of `calibration`: mean of the predictions, and share that came true with its 95 % interval. */
  readonly expected: number | null;
  readonly observed: number | null;
  readonly observed_low: number | null;
  readonly observed_high: number | null;
  /** Of `segment_size`: people gained by cause; adds up to n_current − n_reference. Empty elsewhere. */
  readonly causes: Readonly<Record<string, number>>;
}

/** A row of which it is not yet known how much must be asked of it: that depends on all that is tested with it. */
export interface Finding {
  readonly row: Omit<DriftRow, 'limit' | 'alarm'>;
  /** Undefined where nothing is tested. */
  readonly test?: DriftTest;
}

export interface DriftTest {
  /** What is held against the limit. */
  readonly statistic: number;
  /** Probability of at least `statistic` without drift. */
  readonly pValue: number;
  /** The limit at a level: at or above the value that is passed with that probability without drift. */
  limitAt(level: number): number;
}

/** A row without any of the numbers. */
export function blankRow(
  row: Pick<DriftRow, 'measured_at' | 'kind' | 'name' | 'stratum' | 'n_reference' | 'n_current'>,
): Omit<DriftRow, 'limit' | 'alarm'> {
  return {
    ...row,
    psi: null,
    js: null,
    ks: null,
    p_value: null,
    drift_p_value: null,
    tenure_part: null,
    expected: null,
    observed: null,
    observed_low: null,
    observed_high: null,
    causes: {},
  };
}
