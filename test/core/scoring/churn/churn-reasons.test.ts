import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../../src/core/events/fact.ts';
import { featureNamed } from '../../../../src/core/features/catalogue.ts';
import { emptyWindows } from '../../../../src/core/features/person-windows.ts';
import { CHURN_INPUTS } from '../../../../src/core/scoring/churn/churn-inputs.ts';
import { churnReasons } from '../../../../src/core/scoring/churn/churn-reasons.ts';
import { DAY_MS, instant, plus, type Instant } from '../../../../src/core/time.ts';
import { foldOne } from '../../../support/fold-history.ts';

const NOON = instant(Date.UTC(2026, 2, 31, 12));
const ENVIRONMENT = {
  meanOrderMinor: NaN,
  cuts: {},
  currency: 'CNY',
  minorPerMajor: 100,
  utcOffsetMs: 0,
};
const named = (feature: string): string => `<${feature}>`;
const NOTHING: ReadonlySet<string> = new Set();

describe('reasons', () => {
  it('add up the inputs of a family, and come from what raises the risk most to what lowers it most', () => {
    const contributions = contributionsOf({
      log_days_since_order: 0.5,
      log_active_days_30d: 0.9,
      visit_trend: 0.3,
      log_searches_30d: -0.2,
      log_own_disputes_365d: -0.8,
    });
    expect(churnReasons(contributions, 0, named, NOTHING)).toEqual([
      {
        family: 'visits',
        share: near(1 / 2.3),
        logitChange: near(1),
        words: '<active_days_30d>; <active_days_90d>',
      },
      {
        family: 'order recency',
        share: near(0.5 / 2.3),
        logitChange: near(0.5),
        words: '<days_since_order>',
      },
      {
        family: 'after-sales',
        share: near(0.8 / 2.3),
        logitChange: near(-0.8),
        words: '<own_disputes_365d>',
      },
    ]);
  });

  it('are told with what pulled the family its way, the strongest first', () => {
    const contributions = contributionsOf({
      log_unsold_listings_365d: -0.2,
      log_listings_per_sale_30d: 0.6,
    });
    const [reason] = churnReasons(contributions, 0, named, NOTHING);
    expect(reason?.words).toBe('<listings_30d>; <sales_30d>');
  });

  it('find words for a family whose strongest input is no feature', () => {
    const [reason] = churnReasons(contributionsOf({ mbg_logit: 1, log_order_gap: 0.2 }), 0, named, NOTHING);
    expect(reason?.words).toBe('<mean_order_gap_days>; <orders_total>');
  });

  it('tell of orders what the history that was learnt from made of orders alone', () => {
    const contributions = contributionsOf({
      shrunk_returned_order_share_365d: 0.5,
      log_orders_90d: 0.1,
      log_days_since_activity: 0.4,
    });
    const ofOrders = new Set(['shrunk_returned_order_share_365d', 'log_days_since_activity']);
    expect(churnReasons(contributions, 0, named, ofOrders)).toMatchObject([
      { family: 'order frequency', logitChange: near(0.6), words: '<orders_365d>; <orders_90d>' },
      { family: 'order recency', logitChange: near(0.4), words: '<days_since_order>' },
    ]);
    expect(churnReasons(contributions, 0, named, NOTHING)).toMatchObject([
      { family: 'after-sales', words: '<returned_order_share_365d>' },
      { family: 'visits', words: '<days_since_activity>' },
      { family: 'order frequency', words: '<orders_90d>' },
    ]);
  });

  it('are none for somebody like the typical person in everything', () => {
    expect(churnReasons(contributionsOf({}), 0, named, NOTHING)).toEqual([]);
  });

  it('hold an attribution that missed much for less sure', () => {
    const contributions = contributionsOf({ log_days_since_order: 1, log_orders_90d: 0.06 });
    const families = (residual: number): string[] =>
      churnReasons(contributions, residual, named, NOTHING).map(({ family }) => family);
    expect(families(0)).toEqual(['order recency', 'order frequency']);
    expect(families(-0.5)).toEqual(['order recency']);
  });

  it('keep to their rules whatever was contributed', () => {
    const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), {
      minLength: CHURN_INPUTS.length,
      maxLength: CHURN_INPUTS.length,
    });
    fc.assert(
      fc.property(numbers, fc.double({ min: -1, max: 1, noNaN: true }), (contributions, residual) => {
        const reasons = churnReasons(contributions, residual, named, NOTHING);
        expect(reasons.length).toBeLessThanOrEqual(4);
        const shares = reasons.map(({ share }) => share);
        expect(shares.every((share) => share >= 0.05)).toBe(true);
        expect(sum(shares)).toBeLessThanOrEqual(1 + 1e-9);
        const changes = reasons.map(({ logitChange }) => logitChange);
        expect(changes).toEqual(changes.toSorted((a, b) => b - a));
        expect(new Set(reasons.map(({ family }) => family)).size).toBe(reasons.length);

        const changeOf = changesByFamily(contributions);
        const total = sum([...changeOf.values(), residual].map(Math.abs));
        for (const { family, share, logitChange, words } of reasons) {
          expect(logitChange).toBeCloseTo(changeOf.get(family) ?? NaN, 9);
          expect(share).toBeCloseTo(Math.abs(logitChange) / total, 9);
          expect(words).not.toBe('');
        }
        // Nothing larger was passed over.
        const told = new Set<string>(reasons.map(({ family }) => family));
        for (const [family, change] of changeOf) {
          const share = Math.abs(change) / total;
          if (told.has(family) || share < 0.05 + 1e-9) continue;
          expect(reasons).toHaveLength(4);
          expect(share).toBeLessThanOrEqual(Math.min(...shares) + 1e-9);
        }
      }),
    );
  });

  it('scale with the logit and do not depend on its unit', () => {
    const contributions = contributionsOf({ log_days_since_order: 0.5, visit_trend: 0.4, mbg_logit: -0.3 });
    const doubled = contributions.map((contribution) => 2 * contribution);
    const plain = churnReasons(contributions, 0.1, named, NOTHING);
    expect(churnReasons(doubled, 0.2, named, NOTHING)).toEqual(
      plain.map((reason) => ({ ...reason, logitChange: 2 * reason.logitChange })),
    );
  });
});

describe('the words of a reason', () => {
  it("are the person's own numbers", () => {
    const windows = emptyWindows();
    //  order      order      order                    now
    //  ──┴──── 21 d ─┴─── 21 d ─┴─────── 62 d ─────────]
    for (const [key, ago] of [104, 83, 62].entries()) {
      const at = plus(NOON, -ago * DAY_MS);
      foldOne(windows, orderAt(key, at), at);
    }
    const contributions = contributionsOf({
      log_recency_to_gap: 1,
      log_order_gap: 0.2,
      visit_trend: 0.4,
    });
    const say = (name: string): string => {
      const feature = featureNamed(name);
      return feature?.words(feature.read(windows, NOON, ENVIRONMENT), windows, ENVIRONMENT) ?? name;
    };
    const words = churnReasons(contributions, 0, say, NOTHING).map((reason) => reason.words);
    expect(words).toEqual([
      'last order 62 days ago (2026-01-28); usually an order every 21 days',
      'no active days in the last 30 days; 2 active days in the last 90 days',
    ]);
  });
});

function contributionsOf(byInput: Readonly<Record<string, number>>): number[] {
  const names = CHURN_INPUTS.map(({ name }) => name);
  for (const name of Object.keys(byInput)) expect(names).toContain(name);
  return names.map((name) => byInput[name] ?? 0);
}

function changesByFamily(contributions: readonly number[]): Map<string, number> {
  const changes = new Map<string, number>();
  CHURN_INPUTS.forEach(({ family }, i) =>
    changes.set(family, (changes.get(family) ?? 0) + (contributions[i] ?? 0)),
  );
  return changes;
}

function orderAt(key: number, at: Instant): Fact {
  const common = { key, at, own: true, orderKey: key, grossMinor: 1000, discounted: false } as const;
  return { ...common, type: 'order', side: 'buyer', counterparty: '', priced: [] };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function near(value: number): unknown {
  return expect.closeTo(value, 9);
}
