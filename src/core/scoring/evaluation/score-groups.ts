/**
 * The rows of an evaluation, by score: rows of one score are one group, so that nothing measured on groups can
 * depend on the order of rows. Label 1 is positive (churned).
 */
export interface ScoreGroups {
  /** The distinct scores, rising. */
  readonly scores: Float64Array;
  /** Per group: rows, and positive ones among them. */
  readonly rows: Float64Array;
  readonly positives: Float64Array;
  readonly totalRows: number;
  readonly totalPositives: number;
}

/** Scores must be finite (a RangeError otherwise), labels 0 or 1. Sorts once: O(n log n). */
export function groupScores(scores: Float64Array, labels: Uint8Array): ScoreGroups {
  if (!scores.every(Number.isFinite)) throw new RangeError('a score is not a finite number');
  const ofPositives = scores.filter((_, i) => labels[i] === 1).sort();
  const ofNegatives = scores.filter((_, i) => labels[i] !== 1).sort();
  const distinct: number[] = [];
  const rows: number[] = [];
  const positives: number[] = [];
  for (let p = 0, n = 0; p < ofPositives.length || n < ofNegatives.length;) {
    const score = Math.min(ofPositives[p] ?? Infinity, ofNegatives[n] ?? Infinity);
    const [p0, n0] = [p, n];
    while (ofPositives[p] === score) p++;
    while (ofNegatives[n] === score) n++;
    distinct.push(score);
    rows.push(p - p0 + n - n0);
    positives.push(p - p0);
  }
  return {
    scores: Float64Array.from(distinct),
    rows: Float64Array.from(rows),
    positives: Float64Array.from(positives),
    totalRows: scores.length,
    totalPositives: ofPositives.length,
  };
}

/** Share of positives; null for nobody. */
export function baseRateOf({ totalRows, totalPositives }: ScoreGroups): number | null {
  return totalRows === 0 ? null : totalPositives / totalRows;
}

/** Whether there is anything to tell apart. */
export function hasBothClasses({ totalRows, totalPositives }: ScoreGroups): boolean {
  return totalPositives > 0 && totalPositives < totalRows;
}

/** A stretch of the ranking. Fractions of rows are expectations over the order of rows of one score. */
export interface Slice {
  readonly rows: number;
  readonly positives: number;
  readonly scoreSum: number;
}

/**
 * Cuts the ranking from the highest score downwards into slices of `sizes` rows, which need not be whole. A group
 * that a cut goes through is shared in proportion: each side gets its rows at the group's own share of positives.
 */
export function sliceFromTop(groups: ScoreGroups, sizes: readonly number[]): Slice[] {
  let group = groups.scores.length - 1;
  let left = groups.rows[group] ?? 0;
  return sizes.map((size) => {
    let [needed, rows, positives, scoreSum] = [size, 0, 0, 0];
    while (needed > 0 && group >= 0) {
      // Either the slice or the group is used up to nothing, exactly: sums could round to a standstill.
      const taken = Math.min(left, needed);
      needed -= taken;
      rows += taken;
      positives += (taken * (groups.positives[group] ?? 0)) / (groups.rows[group] ?? 1);
      scoreSum += taken * (groups.scores[group] ?? 0);
      left -= taken;
      if (left <= 0) left = groups.rows[--group] ?? 0;
    }
    return { rows, positives, scoreSum };
  });
}

/** Slices of equal size, from the highest scores to the lowest; none for nobody. */
export function equalSlices(groups: ScoreGroups, count: number): Slice[] {
  if (groups.totalRows === 0) return [];
  return sliceFromTop(groups, Array<number>(count).fill(groups.totalRows / count));
}
