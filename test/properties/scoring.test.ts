import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureNamed } from '../../src/core/features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../../src/core/features/feature.ts';
import type { PersonWindows } from '../../src/core/features/person-windows.ts';
import {
  addToBucket,
  bucketFloor,
  bucketOf,
  medianBucket,
  quintileCuts,
  type BucketCounts,
} from '../../src/core/scoring/buckets.ts';
import { PopulationCounters, contributionOf, type Contribution } from '../../src/core/scoring/population.ts';
import { scoreFeature, type ScoreRule } from '../../src/core/scoring/score.ts';
import { DAY_MS, HOUR_MS, instant } from '../../src/core/time.ts';
import { histories } from '../support/arbitraries.ts';
import { foldAll } from '../support/fold-history.ts';

const LAST_BUCKET = 36_863;
const bucket = fc.integer({ min: 0, max: 300 });
const buckets = fc.array(bucket, { minLength: 1, maxLength: 60 });

describe('log buckets', () => {
  it('bucketOf undoes bucketFloor over the whole range', () => {
    for (let b = 0; b <= LAST_BUCKET; b++) expect(bucketOf(bucketFloor(b))).toBe(b);
  });

  it('a value lies between the floor of its bucket and that of the next', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), (value) => {
        const b = bucketOf(value);
        expect(b).toBeGreaterThanOrEqual(0);
        expect(b).toBeLessThanOrEqual(LAST_BUCKET);
        expect(bucketFloor(b)).toBeLessThanOrEqual(value);
        if (b < LAST_BUCKET) expect(value).toBeLessThan(bucketFloor(b + 1));
      }),
      { numRuns: 20_000 },
    );
  });

  it('the edges of a bucket belong to it and to its neighbour, to the last bit', () => {
    for (let b = 1; b <= LAST_BUCKET; b++) {
      const below = bucketFloor(b) * (1 - Number.EPSILON / 2);
      expect(below).toBeLessThan(bucketFloor(b));
      expect(bucketOf(below)).toBe(b - 1);
    }
  });
});

describe('quintile cuts', () => {
  it('give everybody the score of their mid-rank, found by sorting and counting', () => {
    fc.assert(
      fc.property(buckets, fc.constantFrom('highest' as const, 'lowest' as const), (people, best) => {
        const cuts = quintileCuts(countsOf(people), best);
        expect(cuts.length).toBeLessThanOrEqual(4);
        for (const one of people) {
          const reached = cuts.filter((cut) => (best === 'highest' ? one >= cut : one <= cut)).length;
          const worse = people.filter((other) => (best === 'highest' ? other < one : other > one)).length;
          expect(1 + reached).toBe(
            naiveScore(worse, people.filter((other) => other === one).length, people.length),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('do not depend on the order in which people came', () => {
    fc.assert(
      fc.property(buckets, (people) => {
        const there = quintileCuts(countsOf(people), 'highest');
        expect(quintileCuts(countsOf([...people].reverse()), 'highest')).toEqual(there);
      }),
    );
  });

  it('the median bucket has at most half of the people below it and at most half above', () => {
    fc.assert(
      fc.property(buckets, (people) => {
        const median = medianBucket(countsOf(people)) ?? -1;
        expect(people.filter((one) => one < median).length * 2).toBeLessThan(people.length);
        expect(people.filter((one) => one > median).length * 2).toBeLessThanOrEqual(people.length);
      }),
    );
  });
});

const RULES: readonly ScoreRule[] = [
  { name: 'recency', feature: named('days_since_order'), better: 'lower', by: 'quantiles' },
  { name: 'tenure', feature: named('tenure_days'), better: 'higher', by: 'quantiles' },
  { name: 'patience', feature: named('received_dispute_waiting_hours'), better: 'lower', by: 'quantiles' },
  { name: 'frequency', feature: named('orders_365d'), better: 'higher', by: 'quantiles' },
  { name: 'monetary', feature: named('value_365d'), better: 'higher', by: 'quantiles' },
  { name: 'thrift', feature: named('orders_365d'), better: 'lower', by: 'quantiles' },
  { name: 'keeping', feature: named('returned_order_share_365d'), better: 'lower', by: 'quantiles' },
];

const ENVIRONMENT: FeatureEnvironment = {
  meanOrderMinor: NaN,
  cuts: {},
  currency: 'CNY',
  minorPerMajor: 100,
  utcOffsetMs: 0,
};

describe('population counters', () => {
  const contribution = fc.tuple(
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: 0, max: 10_000_000 }),
    ...RULES.map(() => fc.oneof(fc.constant(-1), bucket)),
  );
  const price = fc.record({
    category: fc.constantFrom('bags', 'shoes', '__proto__'),
    priceMinor: fc.integer({ min: 0, max: 1_000_000 }),
  });

  it('are exact under deletion: whoever left has left no trace', () => {
    fc.assert(
      fc.property(
        fc.array(contribution),
        fc.array(contribution),
        fc.array(fc.boolean()),
        (stay, leave, order) => {
          const counters = new PopulationCounters(RULES);
          stay.forEach((one, i) => {
            counters.contribution(undefined, one);
            const gone = leave[i];
            if (gone !== undefined) counters.contribution(undefined, gone);
          });
          leave.slice(stay.length).forEach((one) => counters.contribution(undefined, one));
          const leaving = order[0] === true ? [...leave].reverse() : leave;
          for (const one of leaving) counters.contribution(one, undefined);
          expect(plain(counters)).toEqual(plain(countersOf(stay)));
        },
      ),
    );
  });

  it('move a person from what they counted for to what they count for', () => {
    fc.assert(
      fc.property(fc.array(contribution, { minLength: 1 }), (states) => {
        const counters = new PopulationCounters(RULES);
        let before: Contribution | undefined;
        for (const after of states) {
          counters.contribution(before, after);
          before = after;
        }
        expect(plain(counters)).toEqual(plain(countersOf(before === undefined ? [] : [before])));
      }),
    );
  });

  it('are sums of deltas, in any order and grouping', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ people: fc.array(contribution), prices: fc.array(price) }), { maxLength: 4 }),
        (parts) => {
          const deltas = parts.map(({ people, prices }) => {
            const counters = countersOf(people);
            for (const { category, priceMinor } of prices) counters.price(category, priceMinor);
            return counters.export();
          });
          const [forth, back] = [deltas, [...deltas].reverse()].map((list) => {
            const counters = new PopulationCounters(RULES);
            for (const delta of list) counters.add(delta);
            return counters;
          }) as [PopulationCounters, PopulationCounters];
          const whole = countersOf(parts.flatMap(({ people }) => people));
          for (const { category, priceMinor } of parts.flatMap(({ prices }) => prices))
            whole.price(category, priceMinor);
          expect(plain(forth)).toEqual(plain(whole));
          expect(plain(back)).toEqual(plain(whole));
          const at = instant(Date.UTC(2024, 0, 1));
          expect(forth.freeze(at)).toEqual(whole.freeze(at));
        },
      ),
    );
  });
});

describe('frozen cut points', () => {
  it('give every person the score of their mid-rank in the population they were taken from', () => {
    const people = fc.array(histories({ days: 400, latestDays: 0, bursts: false, duplicates: false }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(people, (all) => {
        const now = instant(Math.max(...all.map(({ end }) => end)));
        const population = all.map(({ arrivals }) => foldAll(arrivals));
        const counters = countersOf(population.map((one) => contributionOf(one, now, ENVIRONMENT, RULES)));
        const environment = { ...ENVIRONMENT, cuts: counters.freeze(now).cuts };
        for (const rule of RULES) {
          const groups = population.map((one) => goodnessOf(rule, one, now));
          population.forEach((one, i) => {
            const score = scoreFeature(rule).read(one, now, environment);
            const mine = groups[i] ?? NaN;
            if (Number.isNaN(mine)) {
              const hasValue = !Number.isNaN(rule.feature.read(one, now, ENVIRONMENT));
              const worst = environment.cuts[rule.name] === undefined ? NaN : 1;
              if (!hasValue) expect(score).toBeNaN();
              else if (rule.better === 'higher') expect(score).toBe(worst);
              return;
            }
            const rest = groups.filter((other) => !Number.isNaN(other));
            const worse = rest.filter((other) => other < mine).length;
            const ties = rest.filter((other) => other === mine).length;
            expect(`${rule.name} ${score}`).toBe(`${rule.name} ${naiveScore(worse, ties, rest.length)}`);
          });
        }
      }),
      { numRuns: 200 },
    );
  });
});

/**
 * A number that is greater the better, equal for those who tie: ages by the day they began, the rest by its
 * bucket. NaN for who is not ranked: there is no value, or nothing of what is counted.
 */
function goodnessOf({ feature, better }: ScoreRule, windows: PersonWindows, now: number): number {
  const value = feature.read(windows, instant(now), ENVIRONMENT);
  if (Number.isNaN(value) || (value === 0 && feature.age !== true)) return NaN;
  const unitMs = feature.name.endsWith('hours') ? HOUR_MS : DAY_MS;
  const size =
    feature.age === true ? -Math.floor(Math.round(now - value * unitMs) / DAY_MS) : bucketOf(value);
  return better === 'higher' ? size : -size;
}

/** 1 for the worst fifth by mid-rank, 5 for the best. */
function naiveScore(worse: number, ties: number, all: number): number {
  const midRank = worse + ties / 2;
  return 1 + [1, 2, 3, 4].filter((fifth) => midRank * 5 > fifth * all).length;
}

function countsOf(people: readonly number[]): BucketCounts {
  const counts: BucketCounts = new Map();
  for (const one of people) addToBucket(counts, one, 1);
  return counts;
}

function countersOf(people: readonly Contribution[]): PopulationCounters {
  const counters = new PopulationCounters(RULES);
  for (const one of people) counters.contribution(undefined, one);
  return counters;
}

function plain(counters: PopulationCounters): unknown {
  const { orders, sumMinor, buckets: counted, prices } = counters.export();
  return {
    orders,
    sumMinor,
    buckets: counted.map((counts) => new Map(counts)),
    prices: new Map(prices.map(([category, counts]) => [category, new Map(counts)])),
  };
}

function named(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`no feature ${name}`);
  return feature;
}
