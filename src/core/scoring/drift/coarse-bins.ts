/** Bins that are compared: for every fine bin the coarse one it is part of. */
export interface CoarseBins {
  readonly of: readonly number[];
  readonly count: number;
}

export interface BinSizes {
  /** Most bins for numbers, besides those for NaN and for what is out of range. */
  readonly mostBins: number;
  /** People expected per bin in the smaller sample; bins are fewer rather than emptier. */
  readonly leastExpected: number;
  /** People in the smaller sample. */
  readonly people: number;
}

/**
 * Merges neighbouring fine bins of numbers into at most `mostBins` of like share in the reference, each with at least half
 * a bin's due. `shares`: of the reference; the last is that of NaN, which keeps a bin of its own. What lies below the
 * lowest reference value gets a bin of its own too when that value is itself a whole bin (a constant, a floor
 * such as 0), likewise above the highest; otherwise the outermost bins are open. Only the reference and the
 * sizes decide, never the sample that is compared: the law of the index without drift rests on that.
 */
export function numericBins(shares: readonly number[], sizes: BinSizes): CoarseBins {
  const numbers = shares.slice(0, -1);
  const first = numbers.findIndex((share) => share > 0);
  const last = numbers.findLastIndex((share) => share > 0);
  const total = numbers.reduce((sum, share) => sum + share, 0);
  const most = Math.min(
    sizes.mostBins,
    Math.max(1, Math.floor((sizes.people * total) / sizes.leastExpected)),
  );
  const isWhole = (bin: number): boolean => bin >= 0 && (numbers[bin] ?? 0) >= total / most / 2;
  const of: number[] = [];
  let bin = 0;
  let ended = 0;
  let below = 0;
  let start = 0;
  numbers.forEach((share, i) => {
    const due = Math.max(total / most, (total - start) / (most - ended));
    const isInside = i > first && i <= last && ended < most - 1;
    const ends = isInside && endsBin(below - start, share, total - below, due, total / most / 2);
    if (ends) ended++;
    if (ends || (i === first && i > 0 && isWhole(first)) || (i === last + 1 && isWhole(last))) {
      bin++;
      start = below;
    }
    of.push(bin);
    below += share;
  });
  of.push(bin + 1);
  return { of, count: bin + 2 };
}

/**
 * Whether a bin that holds `held` ends before a fine bin of share `next`: it and what is `left` are both worth a bin, and
 * it is at least as near to its due as it would be with `next`.
 */
function endsBin(held: number, next: number, left: number, due: number, least: number): boolean {
  return held >= least && left >= least && due - held <= held + next - due;
}

/**
 * Bins of tags: one each, but those that expect fewer than half of `leastExpected` people share one. The last, of tags
 * that the reference does not list, also takes those that nobody held in it.
 */
export function tagBins(shares: readonly number[], sizes: BinSizes): CoarseBins {
  const unseen = 0;
  const rare = 1;
  let count = 2;
  const of = shares.map((share) => {
    if (share === 0) return unseen;
    return share * sizes.people < sizes.leastExpected / 2 ? rare : count++;
  });
  return { of, count };
}

/** Shares by coarse bin. */
export function mergeShares(bins: CoarseBins, shares: readonly number[]): number[] {
  const merged = new Array<number>(bins.count).fill(0);
  shares.forEach((share, i) => {
    const bin = bins.of[i] ?? 0;
    merged[bin] = (merged[bin] ?? 0) + share;
  });
  return merged;
}
