import { hasBothClasses, type ScoreGroups } from './score-groups.ts';

/**
 * Area under the ROC curve: the probability that a positive row scores above a negative one, ties counting half
 * (mid-ranks). Null when there is only one class, or nobody.
 */
export function rocAuc(groups: ScoreGroups): number | null {
  if (!hasBothClasses(groups)) return null;
  let doubled = 0;
  let negativesBelow = 0;
  for (let i = 0; i < groups.scores.length; i++) {
    const positives = groups.positives[i] ?? 0;
    const negatives = (groups.rows[i] ?? 0) - positives;
    doubled += positives * (2 * negativesBelow + negatives);
    negativesBelow += negatives;
  }
  return doubled / (2 * groups.totalPositives * negativesBelow);
}

/**
 * Average precision, Σ (recall gained) · precision over the thresholds from the highest down; rows of one score are
 * taken in together. A scorer that knows nothing gets the base rate. Null when there is only one class, or nobody.
 */
export function prAuc(groups: ScoreGroups): number | null {
  if (!hasBothClasses(groups)) return null;
  let sum = 0;
  let rowsAbove = 0;
  let positivesAbove = 0;
  for (let i = groups.scores.length - 1; i >= 0; i--) {
    const positives = groups.positives[i] ?? 0;
    rowsAbove += groups.rows[i] ?? 0;
    positivesAbove += positives;
    sum += (positives * positivesAbove) / rowsAbove;
  }
  return sum / groups.totalPositives;
}

export interface RocPoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/**
 * The ROC curve for drawing, from (0, 0) to (1, 1), both rates rising. Of more than `most` points, as many are kept
 * as are evenly far apart along the curve; each that is kept is exact. Empty when there is only one class.
 */
export function rocPoints(groups: ScoreGroups, most = 200): RocPoint[] {
  if (!hasBothClasses(groups)) return [];
  const negatives = groups.totalRows - groups.totalPositives;
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  let rowsAbove = 0;
  let positivesAbove = 0;
  let steps = 0;
  for (let i = groups.scores.length - 1; i >= 0; i--) {
    rowsAbove += groups.rows[i] ?? 0;
    positivesAbove += groups.positives[i] ?? 0;
    const falsePositiveRate = (rowsAbove - positivesAbove) / negatives;
    const truePositiveRate = positivesAbove / groups.totalPositives;
    // Along the curve the sum of the rates goes from 0 to 2; the first point past each mark is kept.
    const mark = Math.floor(((falsePositiveRate + truePositiveRate) / 2) * (most - 1));
    if (groups.scores.length < most || mark > steps || i === 0)
      points.push({ falsePositiveRate, truePositiveRate });
    steps = mark;
  }
  return points;
}
