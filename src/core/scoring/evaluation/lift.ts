import { baseRateOf, equalSlices, hasBothClasses, sliceFromTop, type ScoreGroups } from './score-groups.ts';

/** What acting on the top of the ranking finds. */
export interface Lift {
  /** Share of positives at the top … */
  readonly rate: number;
  /** … and over all: a lift says nothing without it, for at a base rate of ½ no lift is above 2. */
  readonly baseRate: number;
  /** rate / baseRate. */
  readonly lift: number;
  /** Share of all positives that are at the top. */
  readonly captured: number;
}

/**
 * The lift of the highest `share` of rows (0.1 is a tenth; not rounded to whole rows). Rows of one score on the cut
 * are shared fairly. Null when there is only one class, or nobody.
 */
export function liftAt(groups: ScoreGroups, share: number): Lift | null {
  const baseRate = baseRateOf(groups);
  const [top] = sliceFromTop(groups, [groups.totalRows * share]);
  if (baseRate === null || top === undefined || !hasBothClasses(groups)) return null;
  const rate = top.positives / top.rows;
  return { rate, baseRate, lift: rate / baseRate, captured: top.positives / groups.totalPositives };
}

export interface Decile {
  /** 1 holds the highest scores. */
  readonly decile: number;
  /** A tenth of all, so not always whole. */
  readonly rows: number;
  readonly meanScore: number;
  /** Share of positives. */
  readonly rate: number;
  /** rate / base rate; null when nobody is positive. */
  readonly lift: number | null;
  /** Share of all positives in this decile and those above it; null when nobody is positive. */
  readonly captured: number | null;
}

/**
 * The ranking in tenths, ties shared fairly; empty for nobody. Of probabilities it is the calibration curve: meanScore
 * against rate.
 */
export function decileTable(groups: ScoreGroups): Decile[] {
  const all = groups.totalPositives;
  let found = 0;
  return equalSlices(groups, 10).map(({ rows, positives, scoreSum }, i) => {
    found += positives;
    const rate = positives / rows;
    return {
      decile: i + 1,
      rows,
      meanScore: scoreSum / rows,
      rate,
      lift: all === 0 ? null : (rate * groups.totalRows) / all,
      captured: all === 0 ? null : found / all,
    };
  });
}
