import { describe, expect, it } from 'vitest';
import { featureNamed } from '../../../src/core/features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../../../src/core/features/feature.ts';
import { emptyWindows, type PersonWindows } from '../../../src/core/features/person-windows.ts';
import { bucketOf } from '../../../src/core/scoring/buckets.ts';
import { PopulationCounters, contributionDue, contributionOf } from '../../../src/core/scoring/population.ts';
import { scoreFeature, type ScoreRule } from '../../../src/core/scoring/score.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, plus } from '../../../src/core/time.ts';
import { foldOne } from '../../support/fold-history.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));
const ENVIRONMENT: FeatureEnvironment = {
  meanOrderMinor: NaN,
  cuts: {},
  currency: 'CNY',
  minorPerMajor: 100,
  utcOffsetMs: 0,
};
const RECENCY: ScoreRule = {
  name: 'r',
  feature: named('days_since_order'),
  better: 'lower',
  by: 'quantiles',
};
const FREQUENCY: ScoreRule = { name: 'f', feature: named('orders_365d'), better: 'higher', by: 'quantiles' };
const THRIFT: ScoreRule = { name: 't', feature: named('orders_365d'), better: 'lower', by: 'quantiles' };

describe('scores by bands', () => {
  const score = scoreFeature({
    name: 'r',
    feature: named('days_since_order'),
    better: 'lower',
    by: { bands: [365, 180, 90, 30] },
  });

  it.each([
    [400, 1],
    [365, 2],
    [180, 3],
    [91, 3],
    [90, 4],
    [30, 5],
    [0, 5],
  ])('an order %d days ago scores %d: a value on a cut has the better score', (daysAgo, expected) => {
    const windows = buyer([0]);
    expect(score.read(windows, plus(NOON, daysAgo * DAY_MS), ENVIRONMENT)).toBe(expected);
  });

  it('fall in silence at the first millisecond past a cut', () => {
    const windows = buyer([0]);
    const test = { operator: 'at_least', value: 5 } as const;
    expect(score.flipsAt(windows, NOON, ENVIRONMENT, test)).toBe(plus(NOON, 30 * DAY_MS + 1));
  });

  it('do not exist for who never ordered', () => {
    expect(score.read(emptyWindows(), NOON, ENVIRONMENT)).toBeNaN();
    expect(score.flipsAt(emptyWindows(), NOON, ENVIRONMENT, { operator: 'at_least', value: 1 })).toBe(NEVER);
  });

  it('end when the value ends, even below every cut', () => {
    // a mean order of 1.00 scores 1 until the only order is a year old; then there is no mean and no score
    const mean = scoreFeature({
      name: 'm',
      feature: named('average_order_365d'),
      better: 'higher',
      by: { bands: [5, 10, 20, 40] },
    });
    const windows = buyer([0]);
    expect(mean.read(windows, NOON, ENVIRONMENT)).toBe(1);
    const test = { operator: 'at_most', value: 1 } as const;
    expect(mean.flipsAt(windows, NOON, ENVIRONMENT, test)).toBe(plus(NOON, 365 * DAY_MS));
  });
});

describe('scores by quantiles', () => {
  it('do not exist before the first review', () => {
    expect(scoreFeature(FREQUENCY).read(buyer([0]), NOON, ENVIRONMENT)).toBeNaN();
  });

  it('of five that all differ are 1 to 5, whichever end is better', () => {
    const people = [1, 2, 3, 4, 5].map((orders) =>
      buyer(Array.from({ length: orders }, (_, i) => 40 * i + 5 * orders)),
    );
    const scores = scoresOf(people);
    expect(scores.map(({ f }) => f)).toEqual([1, 2, 3, 4, 5]);
    expect(scores.map(({ t }) => t)).toEqual([5, 4, 3, 2, 1]);
    expect(scores.map(({ r }) => r)).toEqual([5, 4, 3, 2, 1]);
  });

  it('of people who are all alike are 3', () => {
    const scores = scoresOf([buyer([5]), buyer([5]), buyer([5]), buyer([5])]);
    expect(scores).toEqual(Array.from({ length: 4 }, () => ({ r: 3, f: 3, t: 3 })));
  });

  it('of those who tie are the same, by the middle of their ranks', () => {
    // six of one order (mid-rank .3), three of two (.75), one of three (.95)
    const people = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3].map((orders) =>
      buyer(Array.from({ length: orders }, (_, i) => i)),
    );
    expect(scoresOf(people).map(({ f }) => f)).toEqual([2, 2, 2, 2, 2, 2, 4, 4, 4, 5]);
  });

  it('part days at midnight: one who came at it is newer than one who came a millisecond before', () => {
    const tenure: ScoreRule = {
      name: 'tenure',
      feature: named('tenure_days'),
      better: 'higher',
      by: 'quantiles',
    };
    const midnight = instant(Date.UTC(2024, 2, 9));
    const [newer, older] = [buyerAt(midnight), buyerAt(plus(midnight, -1))];
    expect(scoresBy(tenure, [newer, older])).toEqual([2, 4]);
    expect(scoresBy(RECENCY, [newer, older])).toEqual([4, 2]);
  });

  it('part buckets at their floor: two orders are more than anything below two', () => {
    const counters = new PopulationCounters([THRIFT]);
    counters.contribution(undefined, [0, 0, bucketOf(2) - 1]);
    counters.contribution(undefined, [0, 0, bucketOf(2)]);
    const environment = { ...ENVIRONMENT, cuts: counters.freeze(NOON).cuts };
    expect(scoreFeature(THRIFT).read(buyer([1, 2]), NOON, environment)).toBe(2);
    expect(scoreFeature(THRIFT).read(buyer([1]), NOON, environment)).toBe(4);
  });

  it('by recency do not depend on the time of day anybody was counted at', () => {
    const midnight = instant(Date.UTC(2024, 2, 9));
    const windows = buyerAt(midnight);
    for (let day = 0; day < 400; day++) {
      const at = plus(midnight, day * DAY_MS + 12_345_678 + 7 * day);
      expect(contributionOf(windows, at, ENVIRONMENT, [RECENCY])[2]).toBe(midnight / DAY_MS);
    }
  });

  it('of ages in hours go by the day, too', () => {
    const waiting: ScoreRule = { ...RECENCY, feature: named('received_dispute_waiting_hours') };
    const windows = emptyWindows();
    const opened = {
      type: 'case',
      key: 1,
      at: NOON,
      own: false,
      side: 'seller',
      caseKey: 1,
      step: 'opened',
      lost: false,
    } as const;
    foldOne(windows, opened, NOON);
    for (const hours of [0, 5, 100, 5000]) {
      const now = plus(NOON, hours * HOUR_MS);
      expect(contributionOf(windows, now, ENVIRONMENT, [waiting])[2]).toBe(Math.floor(NOON / DAY_MS));
    }
    expect(contributionDue(windows, NOON, ENVIRONMENT, [waiting])).toBe(NEVER);
  });
});

describe('what a person counts for', () => {
  it('is packable, whatever the feature says: infinite ratios have the last bucket', () => {
    expect(bucketOf(Infinity)).toBe(36_863);
    const windows = buyer([1]);
    foldOne(windows, sale(9), NOON);
    const unlisted: ScoreRule = { ...FREQUENCY, feature: named('sell_through_365d') };
    expect(contributionOf(windows, NOON, ENVIRONMENT, [unlisted])).toEqual([1, 100, 36_863]);
  });

  it('rises in silence, too: two sold, one listed later; the sales leave first, and it is unsold again', () => {
    const windows = emptyWindows();
    for (const key of [1, 2]) foldOne(windows, { ...sale(key), at: plus(NOON, -DAY_MS) }, NOON);
    foldOne(
      windows,
      { type: 'act', key: 3, at: NOON, own: true, act: 'listing', value: 0, mark: false },
      NOON,
    );
    const unsold: ScoreRule = { ...FREQUENCY, feature: named('unsold_listings_365d') };
    let due = NOON;
    while (contributionOf(windows, due, ENVIRONMENT, [unsold])[2] === -1) {
      due = contributionDue(windows, due, ENVIRONMENT, [unsold]);
    }
    expect(due).toBe(plus(NOON, 364 * DAY_MS));
  });
});

function scoresOf(people: readonly PersonWindows[]): { r: number; f: number; t: number }[] {
  const [r, f, t] = [RECENCY, FREQUENCY, THRIFT].map((rule) => scoresBy(rule, people));
  return people.map((_, i) => ({ r: r?.[i] ?? NaN, f: f?.[i] ?? NaN, t: t?.[i] ?? NaN }));
}

/** Each one's score among all of them, by cuts frozen now. */
function scoresBy(rule: ScoreRule, people: readonly PersonWindows[]): number[] {
  const counters = new PopulationCounters([rule]);
  for (const one of people) counters.contribution(undefined, contributionOf(one, NOON, ENVIRONMENT, [rule]));
  const environment = { ...ENVIRONMENT, cuts: counters.freeze(NOON).cuts };
  return people.map((one) => scoreFeature(rule).read(one, NOON, environment));
}

function buyer(daysAgo: readonly number[]): PersonWindows {
  const windows = emptyWindows();
  daysAgo.forEach((ago, i) => foldOne(windows, order(i + 1, plus(NOON, -ago * DAY_MS)), NOON));
  return windows;
}

function buyerAt(at: typeof NOON): PersonWindows {
  const windows = emptyWindows();
  foldOne(windows, order(1, at), at);
  return windows;
}

function order(key: number, at: typeof NOON): Parameters<typeof foldOne>[1] {
  const rest = { grossMinor: 100, discounted: false, counterparty: '', priced: [] };
  return { type: 'order', side: 'buyer', key, at, own: true, orderKey: key, ...rest };
}

function sale(key: number): Parameters<typeof foldOne>[1] {
  const rest = { grossMinor: 100, discounted: false, counterparty: '', priced: [] };
  return { type: 'order', side: 'seller', key, at: NOON, own: false, orderKey: key, ...rest };
}

function named(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`no feature ${name}`);
  return feature;
}
