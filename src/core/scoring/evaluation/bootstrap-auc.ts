import { seededRandom } from '../../seeded-random.ts';

export interface BootstrapOptions {
  readonly seed: number;
  /** How many resamples; 200 or more for a 95 % interval. */
  readonly replicates: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The 95 % percentile interval of the ROC-AUC (Efron 1979), resampling customers with all their rows: rows of one
 * customer are alike, and resampled singly would feign certainty. `customers` names each row's customer, by id or
 * index. Scores must be finite. Null when there is only one class.
 *
 * Cost: one sort, then per replicate one draw a customer and one pass over the rows.
 */
export function bootstrapAuc(
  scores: Float64Array,
  labels: Uint8Array,
  customers: ArrayLike<string | number>,
  options: BootstrapOptions,
): Interval | null {
  return percentileInterval(resampledAucs(scores, labels, customers, options));
}

/**
 * The 95 % interval of AUC(scores) − AUC(others) over the same rows and resamples: far narrower than the two
 * intervals suggest, for what is hard to rank is hard for both.
 */
export function bootstrapAucDifference(
  scores: Float64Array,
  others: Float64Array,
  labels: Uint8Array,
  customers: ArrayLike<string | number>,
  options: BootstrapOptions,
): Interval | null {
  const subtrahends = resampledAucs(others, labels, customers, options);
  const differences = resampledAucs(scores, labels, customers, options).map(
    (auc, i) => auc - (subtrahends[i] ?? NaN),
  );
  return percentileInterval(differences);
}

/**
 * The AUC of each resample; NaN where a resample has one class only. A resample is a function of the seed and the
 * customers, not of the scores: those of two scorers over the same rows are paired.
 */
function resampledAucs(
  scores: Float64Array,
  labels: Uint8Array,
  customers: ArrayLike<string | number>,
  { seed, replicates }: BootstrapOptions,
): Float64Array {
  const { order, isTied } = ranked(scores);
  const { indices, count } = numbered(customers);
  // Customer and label of each row in one number, in the order of scores.
  const rows = order.map((row) => (indices[row] ?? 0) * 2 + (labels[row] ?? 0));
  const random = seededRandom(seed, 'bootstrap');
  const drawn = new Uint16Array(count);
  return new Float64Array(replicates).map(() => {
    drawn.fill(0);
    for (let i = 0; i < count; i++) {
      const customer = random.below(count);
      drawn[customer] = (drawn[customer] ?? 0) + 1;
    }
    return weightedAuc(rows, isTied, drawn);
  });
}

function weightedAuc(rows: Uint32Array, isTied: Uint8Array, drawn: Uint16Array): number {
  let doubled = 0;
  let negativesBelow = 0;
  let positives = 0;
  let tiedPositives = 0;
  let tiedNegatives = 0;
  for (let i = 0; i < rows.length; i++) {
    if (isTied[i] === 0) {
      doubled += tiedPositives * (2 * negativesBelow + tiedNegatives);
      negativesBelow += tiedNegatives;
      positives += tiedPositives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
    const row = rows[i] ?? 0;
    const times = drawn[row >>> 1] ?? 0;
    const positive = row & 1;
    tiedPositives += times * positive;
    tiedNegatives += times * (1 - positive);
  }
  doubled += tiedPositives * (2 * negativesBelow + tiedNegatives);
  // 0 / 0 for a resample of one class.
  return doubled / (2 * (positives + tiedPositives) * (negativesBelow + tiedNegatives));
}

/** Rows by rising score, and whether each has the score of the one before it. */
function ranked(scores: Float64Array): { order: Uint32Array; isTied: Uint8Array } {
  const order = Uint32Array.from(scores.keys()).sort((p, q) => (scores[p] ?? NaN) - (scores[q] ?? NaN));
  const isTied = Uint8Array.from(order, (row, i) =>
    i > 0 && scores[row] === scores[order[i - 1] ?? row] ? 1 : 0,
  );
  return { order, isTied };
}

/** Customers as indices from 0, in the order in which they come. */
function numbered(customers: ArrayLike<string | number>): { indices: Uint32Array; count: number } {
  const known = new Map<string | number, number>();
  const indices = new Uint32Array(customers.length);
  for (let row = 0; row < customers.length; row++) {
    const customer = customers[row] ?? NaN;
    let index = known.get(customer);
    if (index === undefined) known.set(customer, (index = known.size));
    indices[row] = index;
  }
  return { indices, count: known.size };
}

/** From the 2.5 % to the 97.5 % quantile, interpolated; NaNs are passed over. */
function percentileInterval(values: Float64Array): Interval | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return null;
  const quantile = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const low = sorted[below] ?? NaN;
    return low + (place - below) * ((sorted[below + 1] ?? low) - low);
  };
  return { low: quantile(0.025), high: quantile(0.975) };
}
