/** Buckets per doubling: a bucket is 2.2 % wide, and every whole number up to 45 has one of its own. */
const PER_OCTAVE = 32;
const ONE = 1 << 12;
/** Holds the largest number there is, and infinity. */
const LAST = ONE + 1024 * PER_OCTAVE - 1;

/**
 * Log bucket of a non-negative number: a whole number from 0, which is the bucket of 0 and of values below 2^-127,
 * to 36,863.
 */
export function bucketOf(value: number): number {
  if (!(value > 0)) return 0;
  const near = Math.min(LAST, Math.max(0, ONE + Math.floor(PER_OCTAVE * Math.log2(value))));
  // The logarithm may be off by one bucket at its edges, which are what the scores are cut at.
  if (value < bucketFloor(near)) return near - 1;
  return near < LAST && value >= bucketFloor(near + 1) ? near + 1 : near;
}

/** The least value of a bucket: `bucketOf(value) === b` exactly when bucketFloor(b) ≤ value < bucketFloor(b + 1). */
export function bucketFloor(bucket: number): number {
  return bucket <= 0 ? 0 : 2 ** ((bucket - ONE) / PER_OCTAVE);
}

/** How many of a population lie in each bucket. Exact under deletion: −1 undoes +1, in any order. */
export type BucketCounts = Map<number, number>;

export function addToBucket(counts: BucketCounts, bucket: number, by: number): void {
  const count = (counts.get(bucket) ?? 0) + by;
  if (count === 0) counts.delete(bucket);
  else counts.set(bucket, count);
}

/**
 * The buckets at which scores 2, 3, 4, 5 begin; fewer when nobody has the highest. A bucket's score follows from
 * its mid-rank (those who are worse plus half of those in it, over all), so that ties share one score and a
 * population that is all alike scores 3. `best`: whether the highest bucket is the best or the lowest.
 */
export function quintileCuts(counts: BucketCounts, best: 'highest' | 'lowest'): number[] {
  const buckets = [...counts].sort(([a], [b]) => (best === 'highest' ? a - b : b - a));
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const cuts: number[] = [];
  let worse = 0;
  for (const [bucket, count] of buckets) {
    const midRank = (worse + count / 2) / total;
    while (cuts.length < 4 && midRank > (cuts.length + 1) / 5) cuts.push(bucket);
    worse += count;
  }
  return cuts;
}

/** The bucket of the median; undefined for nobody. */
export function medianBucket(counts: BucketCounts): number | undefined {
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  for (const [bucket, count] of buckets) {
    below += count;
    if (below * 2 >= total) return bucket;
  }
  return undefined;
}
