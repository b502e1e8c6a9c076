import { describe, expect, it } from 'vitest';
import { CATALOGUE, CATALOGUE_HASH, featureNamed } from '../../../src/core/features/catalogue.ts';
import {
  passes,
  type Feature,
  type FeatureEnvironment,
  type Test,
} from '../../../src/core/features/feature.ts';
import { emptyWindows, type PersonWindows } from '../../../src/core/features/person-windows.ts';
import { DAY_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';
import { foldOne } from '../../support/fold-history.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));
const ENVIRONMENT: FeatureEnvironment = {
  meanOrderMinor: NaN,
  cuts: {},
  currency: 'CNY',
  minorPerMajor: 100,
  utcOffsetMs: 0,
};

describe('tests', () => {
  it('compare as they say, and all of them fail where there is no answer', () => {
    const answers = (value: number): boolean[] =>
      (['at_least', 'above', 'at_most', 'below'] as const).map((operator) =>
        passes({ operator, value: 3 }, value),
      );
    expect(answers(2)).toEqual([false, false, true, true]);
    expect(answers(3)).toEqual([true, false, true, false]);
    expect(answers(4)).toEqual([true, true, false, false]);
    expect(answers(NaN)).toEqual([false, false, false, false]);
  });
});

describe('when a test changes its answer in silence', () => {
  //   order 0.30          order 19.99                        now
  //  ─────┼────────────────────┼──────────────────────────────]──▶
  //    40 days ago         10 days ago
  const windows = buyerOf([40, 30], [10, 1999]);

  it('a value falls when its oldest order leaves the window', () => {
    expect(flip('value_90d', { operator: 'at_least', value: 20.29 }, windows)).toBe(days(50));
    expect(flip('value_90d', { operator: 'at_least', value: 20 }, windows)).toBe(days(50));
    expect(flip('value_90d', { operator: 'at_least', value: 19.99 }, windows)).toBe(days(80));
    expect(flip('value_90d', { operator: 'at_most', value: 19.99 }, windows)).toBe(days(50));
    expect(flip('value_90d', { operator: 'below', value: 19.99 }, windows)).toBe(days(80));
    expect(flip('value_90d', { operator: 'above', value: 0 }, windows)).toBe(days(80));
    expect(flip('value_90d', { operator: 'at_least', value: 0 }, windows)).toBe(NEVER);
    expect(flip('value_90d', { operator: 'at_least', value: 21 }, windows)).toBe(NEVER);
  });

  it('by the very comparison that is made, whatever a threshold rounds to', () => {
    const third = 0.1 + 0.2; // a hair above the 0.30 of one order
    const one = buyerOf([10, 30]);
    expect(flip('value_90d', { operator: 'at_least', value: third }, one)).toBe(NEVER);
    expect(flip('value_90d', { operator: 'below', value: third }, one)).toBe(NEVER);
    expect(flip('value_90d', { operator: 'at_least', value: 0.3 }, one)).toBe(days(80));
  });

  it('an age passes its threshold to the millisecond', () => {
    expect(flip('days_since_order', { operator: 'at_least', value: 90 }, windows)).toBe(days(80));
    expect(flip('days_since_order', { operator: 'above', value: 90 }, windows)).toBe(plus(days(80), 1));
    expect(flip('days_since_order', { operator: 'at_most', value: 90 }, windows)).toBe(plus(days(80), 1));
    expect(flip('days_since_order', { operator: 'below', value: 90 }, windows)).toBe(days(80));
    expect(flip('days_since_order', { operator: 'at_least', value: 10 }, windows)).toBe(NEVER);
    expect(flip('days_since_order', { operator: 'at_least', value: 1 }, emptyWindows())).toBe(NEVER);
  });

  it('a threshold no number reaches is never passed', () => {
    for (const value of [1e300, Infinity, -1e300, -Infinity, NaN]) {
      for (const name of ['value_90d', 'orders_365d', 'days_since_order', 'orders_decayed'])
        expect(flip(name, { operator: 'at_least', value }, windows)).toBe(NEVER);
    }
  });

  it('life totals and gaps wait for a fact', () => {
    for (const name of ['orders_total', 'value_total', 'mean_order_gap_days'])
      expect(flip(name, { operator: 'at_least', value: 1 }, windows)).toBe(NEVER);
  });

  it('a mean changes when an order leaves, and ends with the last', () => {
    // 0.30 and 19.99: mean 10.145; once the older has left 19.99; then none
    expect(flip('average_order_365d', { operator: 'above', value: 15 }, windows)).toBe(days(365 - 40));
    expect(flip('average_order_365d', { operator: 'above', value: 5 }, windows)).toBe(days(365 - 10));
  });

  it('the month of the calendar ends at its midnight, wherever the policy keeps its calendar', () => {
    const april = instant(Date.UTC(2024, 3, 1));
    const month = { operator: 'above', value: 0 } as const;
    const march = buyerOf([2, 100]);
    expect(flip('order_value_month', month, march)).toBe(april);
    const east = { ...ENVIRONMENT, utcOffsetMs: 8 * 3_600_000 };
    expect(named('order_value_month').flipsAt(march, NOON, east, month)).toBe(plus(april, -8 * 3_600_000));
    expect(flip('order_value_month', month, buyerOf([20, 100]))).toBe(NEVER);
  });

  //   29 Feb  10:00        16:00 = 1 March in Shanghai          3 March
  //  ─────────┼─────────────┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼┼───────────┼──▶
  //        1 order, closed  └─ 1,025 orders kept one by one
  it('a busy month keeps its value until it ends, as coarse on its first day as on its last', () => {
    const shanghai = { ...ENVIRONMENT, utcOffsetMs: 8 * 3_600_000 };
    const begins = instant(Date.UTC(2024, 1, 29, 16));
    const busy = emptyWindows();
    placeOrder(busy, 0, plus(begins, -6 * 3_600_000), 100);
    for (let i = 1; i <= 1025; i++) placeOrder(busy, i, plus(begins, i * 1000), 0);
    const value = (at: Instant): number => named('order_value_month').read(busy, at, shanghai);
    const first = value(plus(begins, 2_000_000));
    for (let hours = 1; hours < 31 * 24; hours++) expect(value(plus(begins, hours * 3_600_000))).toBe(first);
    expect(value(plus(begins, 31 * DAY_MS))).toBe(0);
  });

  it('decay crosses a threshold after its own time', () => {
    // one order ten days old decays from 2^(−10/90) to a half in 80 days
    const one = buyerOf([10, 100]);
    expect(flip('orders_decayed', { operator: 'above', value: 0.5 }, one)).toBe(days(80));
    expect(flip('orders_decayed', { operator: 'above', value: 0 }, one)).toBe(days(355));
  });
});

describe('the catalogue', () => {
  it('has one feature of each name, in an order and under a hash that models can rely on', () => {
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
    for (const { name } of CATALOGUE) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(CATALOGUE_HASH).toMatch(/^[0-9a-f]{8,12}$/);
    expect(featureNamed('no_such_feature')).toBeUndefined();
  });

  it('answers for a person of whom nothing is known, in words as well', () => {
    const nobody = emptyWindows();
    for (const feature of CATALOGUE) {
      const value = feature.read(nobody, NOON, ENVIRONMENT);
      expect(Number.isNaN(value) || value === 0).toBe(true);
      expect(feature.words(value, nobody, ENVIRONMENT)).toMatch(/^\S.*\S$/);
    }
  });
});

function buyerOf(...orders: readonly (readonly [daysAgo: number, grossMinor: number])[]): PersonWindows {
  const windows = emptyWindows();
  orders.forEach(([daysAgo, grossMinor], i) => {
    placeOrder(windows, i, plus(NOON, -daysAgo * DAY_MS), grossMinor);
  });
  return windows;
}

function placeOrder(windows: PersonWindows, key: number, at: Instant, grossMinor: number): void {
  const order = { grossMinor, discounted: false, counterparty: '', priced: [] };
  foldOne(windows, { type: 'order', side: 'buyer', key, at, own: true, orderKey: key + 1, ...order }, NOON);
}

function flip(name: string, test: Test, windows: PersonWindows): Instant {
  return named(name).flipsAt(windows, NOON, ENVIRONMENT, test);
}

function days(fromNow: number): Instant {
  return plus(NOON, fromNow * DAY_MS);
}

function named(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`no feature ${name}`);
  return feature;
}
