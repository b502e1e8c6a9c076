import type { Feature, FeatureEnvironment, Test } from '../features/feature.ts';
import type { PersonWindows } from '../features/person-windows.ts';
import { LONGEST_WINDOW_MS } from '../features/windowed.ts';
import { DAY_MS, HOUR_MS, NEVER, earliest, instant, isoOf, type Instant } from '../time.ts';
import {
  addToBucket,
  bucketFloor,
  bucketOf,
  medianBucket,
  quintileCuts,
  type BucketCounts,
} from './buckets.ts';
import type { ScoreRule } from './score.ts';

/**
 * What the population looked like when the review period began: frozen, versioned, the same for every
 * partition. Nothing in it moves between two reviews, so nobody's tag moves because of somebody else's day.
 */
export interface PopulationInputs {
  /** `none` before the first review, else the instant it was taken at. */
  readonly version: string;
  readonly since: Instant;
  readonly meanOrderMinor: number;
  readonly cuts: Readonly<Record<string, readonly number[]>>;
  readonly usualPriceMinor: Readonly<Record<string, number>>;
}

export const NO_POPULATION: PopulationInputs = {
  version: 'none',
  since: instant(-Infinity),
  meanOrderMinor: NaN,
  cuts: {},
  usualPriceMinor: {},
};

/**
 * One person's part in the counters: orders and value of a year, then per quantile score a bucket, or −1 for who
 * is not ranked: there is no value, or it is 0 (the many who only look must not move the cuts of those who buy).
 */
export type Contribution = readonly number[];

/** A year's value counts up to here: what a packed record can hold. */
const MAX_SUM_MINOR = 2 ** 52;

/** Categories with a usual price; what comes after counts nowhere. */
export const MAX_CATEGORIES = 4096;

/**
 * A change to the counters, as a commit carries it. Sums of changes in any order give the same counters, up to
 * {@link MAX_CATEGORIES}; past that those that came first are kept.
 */
export interface PopulationChange {
  contribution(before: Contribution | undefined, after: Contribution | undefined): void;
  price(category: string, priceMinor: number): void;
}

/** What a person counts for. `scores` are the quantile rules only, in the policy's order. */
export function contributionOf(
  windows: PersonWindows,
  now: Instant,
  environment: FeatureEnvironment,
  scores: readonly ScoreRule[],
): Contribution {
  const orders = windows.orders?.total(now, LONGEST_WINDOW_MS, 'count') ?? 0;
  const sum = windows.orders?.total(now, LONGEST_WINDOW_MS, 'sum') ?? 0;
  return [
    orders,
    Math.min(sum, MAX_SUM_MINOR),
    ...scores.map(({ feature }) => bucketAt(feature, feature.read(windows, now, environment), now)),
  ];
}

/** Not later than the first instant after `now` at which silence changes the contribution. */
export function contributionDue(
  windows: PersonWindows,
  now: Instant,
  environment: FeatureEnvironment,
  scores: readonly ScoreRule[],
): Instant {
  let at = windows.orders?.nextExpiry(now, LONGEST_WINDOW_MS) ?? NEVER;
  for (const { feature } of scores) {
    if (feature.age === true) continue;
    const bucket = bucketAt(feature, feature.read(windows, now, environment), now);
    const edges: Test[] = [{ operator: 'above', value: 0 }];
    if (bucket > 0) edges.push({ operator: 'at_least', value: bucketFloor(bucket) });
    if (bucket !== -1) edges.push({ operator: 'below', value: bucketFloor(bucket + 1) });
    for (const edge of edges) at = earliest(at, feature.flipsAt(windows, now, environment, edge));
  }
  return at;
}

/** Ages go by the day (since the epoch) in which they began, which silence does not move. */
function bucketAt(feature: Feature, value: number, now: Instant): number {
  if (Number.isNaN(value)) return -1;
  if (feature.age !== true) return value === 0 ? -1 : bucketOf(value);
  return Math.floor((now - Math.round(value * ageUnitMs(feature))) / DAY_MS);
}

/** The value that just has the score which begins at `bucket`, by the rule's own comparison. */
function cutValue({ feature, better }: ScoreRule, bucket: number, at: Instant): number {
  if (feature.age === true) {
    const origin = better === 'lower' ? bucket * DAY_MS : (bucket + 1) * DAY_MS - 1;
    return (at - origin) / ageUnitMs(feature);
  }
  return better === 'higher' ? bucketFloor(bucket) : largestBelow(bucketFloor(bucket + 1));
}

function ageUnitMs(feature: Feature): number {
  return feature.unit === 'hours' ? HOUR_MS : DAY_MS;
}

/** The greatest double below a positive one. */
function largestBelow(value: number): number {
  return value * (1 - Number.EPSILON / 2);
}

/** Live counters over the whole population; {@link PopulationCounters.freeze} makes the inputs of a review period. */
export class PopulationCounters implements PopulationChange {
  private orders = 0;
  private sumMinor = 0;
  private readonly buckets: BucketCounts[];
  private readonly prices = new Map<string, BucketCounts>();
  private readonly scores: readonly ScoreRule[];
  private readonly maxCategories: number;

  /** `maxCategories`: a change has no limit of its own, lest it leave out one that the whole has a place for. */
  constructor(scores: readonly ScoreRule[], maxCategories = MAX_CATEGORIES) {
    this.scores = scores;
    this.maxCategories = maxCategories;
    this.buckets = scores.map(() => new Map<number, number>());
  }

  contribution(before: Contribution | undefined, after: Contribution | undefined): void {
    if (before !== undefined) this.count(before, -1);
    if (after !== undefined) this.count(after, 1);
  }

  price(category: string, priceMinor: number): void {
    const counts = this.pricesOf(category);
    if (counts !== undefined) addToBucket(counts, bucketOf(priceMinor), 1);
  }

  freeze(at: Instant): PopulationInputs {
    const cuts = this.scores.flatMap((rule, i) => {
      const counts = this.buckets[i];
      if (counts === undefined || counts.size === 0) return [];
      const newestIsHighest = rule.feature.age === true;
      const best = (rule.better === 'higher') === newestIsHighest ? 'lowest' : 'highest';
      const values = quintileCuts(counts, best).map((bucket) => cutValue(rule, bucket, at));
      return [[rule.name, values] as const];
    });
    const usual = [...this.prices]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([category, counts]) => [category, Math.round(bucketFloor(medianBucket(counts) ?? 0))] as const);
    return {
      version: isoOf(at),
      since: at,
      meanOrderMinor: this.orders === 0 ? NaN : this.sumMinor / this.orders,
      cuts: Object.fromEntries(cuts),
      usualPriceMinor: Object.fromEntries(usual),
    };
  }

  /** Plain data, as a commit or a snapshot carries it; {@link PopulationCounters.add} takes it in. */
  export(): PopulationDelta {
    return {
      orders: this.orders,
      sumMinor: this.sumMinor,
      buckets: this.buckets.map((counts) => [...counts]),
      prices: [...this.prices].map(([category, counts]) => [category, [...counts]]),
    };
  }

  /** Sums: deltas may come in any order and grouping, but for categories past the limit. */
  add(delta: PopulationDelta): void {
    this.orders += delta.orders;
    this.sumMinor += delta.sumMinor;
    delta.buckets.forEach((counts, i) => {
      const mine = this.buckets[i];
      if (mine !== undefined) for (const [bucket, count] of counts) addToBucket(mine, bucket, count);
    });
    for (const [category, counts] of delta.prices) {
      const mine = this.pricesOf(category);
      if (mine !== undefined) for (const [bucket, count] of counts) addToBucket(mine, bucket, count);
    }
  }

  private pricesOf(category: string): BucketCounts | undefined {
    let counts = this.prices.get(category);
    if (counts === undefined && this.prices.size < this.maxCategories) {
      counts = new Map<number, number>();
      this.prices.set(category, counts);
    }
    return counts;
  }

  private count(contribution: Contribution, by: 1 | -1): void {
    this.orders += by * (contribution[0] ?? 0);
    this.sumMinor += by * (contribution[1] ?? 0);
    this.buckets.forEach((counts, i) => {
      const bucket = contribution[i + 2] ?? -1;
      if (bucket >= 0) addToBucket(counts, bucket, by);
    });
  }
}

export interface PopulationDelta {
  readonly orders: number;
  readonly sumMinor: number;
  readonly buckets: readonly (readonly (readonly [number, number])[])[];
  readonly prices: readonly (readonly [string, readonly (readonly [number, number])[]])[];
}
