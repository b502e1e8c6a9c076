/** Quantiles a group of people contributes to the cuts: what Kolmogorov–Smirnov distances are read at. */
const CUTS_PER_GROUP = 25;

/**
 * Bin of a value under ascending `cuts`: the number of cuts below it, so that a value on a cut is in the lower bin.
 * ±Infinity are in the outermost bins, and NaN has a bin of its own, `cuts.length + 1`. O(log cuts).
 */
export function binOf(cuts: readonly number[], value: number): number {
  if (Number.isNaN(value)) return cuts.length + 1;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many bins `cuts` make, that of NaN included. */
export function binCount(cuts: readonly number[]): number {
  return cuts.length + 2;
}

/**
 * Fine cuts between the values of several groups: 25 quantiles of each. A value that as large a part of a group shares
 * has a bin of its own, to the last bit on both sides: there is a cut just below it and one at it. So a constant has
 * three bins, and whatever differs from it is seen. Ascending and finite; NaN is passed over.
 */
export function valueCuts(groups: readonly Float64Array[]): number[] {
  const cuts = new Set<number>();
  for (const group of groups) addCuts(cuts, group.filter((value) => !Number.isNaN(value)).sort());
  return [...cuts].filter(Number.isFinite).sort((a, b) => a - b);
}

function addCuts(cuts: Set<number>, sorted: Float64Array): void {
  const target = sorted.length / CUTS_PER_GROUP;
  let inBin = 0;
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const value = sorted[from] ?? NaN;
    while (to < sorted.length && sorted[to] === value) to++;
    const isShared = to - from > 1 && to - from >= target;
    if (isShared) cuts.add(nextBelow(value));
    inBin += to - from;
    if (isShared || (inBin >= target && to < sorted.length)) {
      cuts.add(value === 0 ? 0 : Math.max(value, -Number.MAX_VALUE));
      inBin = 0;
    }
  }
}

/** The greatest double below `value`. */
function nextBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const double = new Float64Array([value]);
  const bits = new BigInt64Array(double.buffer);
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n);
  return double[0] ?? NaN;
}
