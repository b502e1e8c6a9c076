import { featureNamed } from '../../src/core/features/catalogue.ts';
import type { Feature, Operator } from '../../src/core/features/feature.ts';
import { scoreFeature, type ScoreRule } from '../../src/core/scoring/score.ts';
import {
  featuresOf,
  type Condition,
  type Dimension,
  type Policy,
  type TagRule,
  type TriggerRule,
} from '../../src/core/tagging/policy.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';

/** The feature of the catalogue; throws for a name it does not have. */
export function featureOf(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`no feature ${name}`);
  return feature;
}

/** A test on a feature; `keep` is where the exit band ends. */
export function when(
  feature: string | Feature,
  operator: Operator,
  value: number,
  keep: number = value,
): Condition {
  const found = typeof feature === 'string' ? featureOf(feature) : feature;
  return { kind: 'test', feature: found, enter: { operator, value }, keep: { operator, value: keep } };
}

export function all(...of: Condition[]): Condition {
  return { kind: 'all', of };
}

export function any(...of: Condition[]): Condition {
  return { kind: 'any', of };
}

export function not(of: Condition): Condition {
  return { kind: 'not', of };
}

export function tag(name: string, condition: Condition, dwellDays = 0, graceDays = 0): TagRule {
  return {
    name,
    about: name,
    when: condition,
    dwellMs: dwellDays * DAY_MS,
    graceMs: graceDays * DAY_MS,
  };
}

export function dimension(name: string, ...tags: TagRule[]): Dimension {
  return { name, about: name, side: 'both', tags, ladder: false, among: undefined };
}

export function ladder(name: string, ...tags: TagRule[]): Dimension {
  return { ...dimension(name, ...tags), ladder: true };
}

/** A policy of nothing but what is given. */
export function policyOf(parts: Partial<Policy>): Policy {
  return {
    name: 'test',
    version: 'test@1-0',
    currency: 'CNY',
    rates: {},
    utcOffsetMs: 8 * HOUR_MS,
    reviewEvery: 'week',
    scores: [],
    dimensions: [],
    triggers: [],
    ...parts,
  };
}

const SCORES = {
  r: { name: 'r', feature: featureOf('days_since_order'), better: 'lower', by: 'quantiles' },
  f: { name: 'f', feature: featureOf('orders_90d'), better: 'higher', by: 'quantiles' },
  m: { name: 'm', feature: featureOf('average_order_ratio'), better: 'higher', by: { bands: [1, 2, 3, 5] } },
  seller_r: {
    name: 'seller_r',
    feature: featureOf('days_since_seller_activity'),
    better: 'lower',
    by: { bands: [60, 30, 14, 7] },
  },
  seller_f: { name: 'seller_f', feature: featureOf('listings_30d'), better: 'higher', by: 'quantiles' },
  seller_m: { name: 'seller_m', feature: featureOf('average_sale_365d'), better: 'higher', by: 'quantiles' },
} as const satisfies Record<string, ScoreRule>;

const { r, f, m, seller_f: sellerF, seller_m: sellerM } = SCORES;

const DIMENSIONS: readonly Dimension[] = [
  dimension(
    'buyer_class',
    tag('dormant', all(when('orders_total', 'at_least', 1), when('days_since_activity', 'at_least', 14))),
    tag(
      'active',
      all(when('orders_30d', 'at_least', 2, 1), when('days_since_order', 'at_most', 15, 20)),
      3,
      5,
    ),
    tag('ordinary', when('orders_total', 'at_least', 1)),
    tag('potential', any(when('item_views_7d', 'at_least', 3, 1), when('searches_30d', 'above', 1))),
  ),
  ladder(
    'level',
    tag('gold', all(when('orders_90d', 'at_least', 4, 3), when('value_90d', 'at_least', 4000, 2500)), 5, 3),
    tag('silver', when('value_90d', 'at_least', 1500, 1000), 4, 2),
    tag('bronze', when('value_90d', 'at_least', 200, 100), 2, 2),
  ),
  dimension(
    'standing',
    tag(
      'calm',
      all(
        when('orders_total', 'at_least', 1),
        not(any(when('item_views_7d', 'at_least', 30, 12), when('own_disputes_365d', 'at_least', 1))),
        not(all(when('sessions_7d', 'at_least', 8), not(when('cart_additions_7d', 'at_least', 1)))),
      ),
      1,
    ),
    tag('restless', not(when('days_since_activity', 'at_least', 5)), 1, 2),
  ),
  dimension(
    'key',
    tag(
      'key',
      all(
        when(scoreFeature(r), 'at_least', 4, 3),
        when(scoreFeature(f), 'at_least', 3),
        when(scoreFeature(m), 'at_least', 2, 1),
      ),
      0,
      4,
    ),
    tag('promising', any(when(scoreFeature(f), 'at_least', 4), when(scoreFeature(r), 'at_least', 5))),
  ),
  dimension(
    'seller_class',
    tag(
      'high',
      all(when(scoreFeature(sellerF), 'at_least', 4, 3), when(scoreFeature(sellerM), 'at_least', 3, 2)),
      2,
    ),
    tag('quiet', all(when('listings_total', 'at_least', 1), when('days_since_seller_activity', 'above', 20))),
    tag('seller', when('listings_total', 'at_least', 1)),
    tag(
      'thinking',
      any(when('listing_starts_30d', 'at_least', 1), when('selling_page_views_30d', 'at_least', 1)),
    ),
  ),
  dimension(
    'acquaintance',
    tag('old', when('tenure_days', 'at_least', 20)),
    tag('known', when('tenure_days', 'at_least', 5)),
  ),
  dimension(
    'review',
    tag('due', any(when('largest_order_30d', 'above', 5000), when('order_value_month', 'above', 9000))),
  ),
];

const TRIGGERS: readonly TriggerRule[] = [
  trigger('welcome_back', 'buyer_class', 'dormant', [], 30),
  trigger('thank_you', 'buyer_class', 'active', ['potential', 'ordinary', 'none'], 10),
  trigger('sell_guide', 'seller_class', 'thinking', [], 60),
  trigger('farewell', 'level', 'none', ['bronze'], 0),
];

function trigger(
  name: string,
  on: string,
  to: string,
  from: readonly string[],
  cooldownDays: number,
): TriggerRule {
  return {
    name,
    about: name,
    dimension: on,
    to,
    from,
    cooldownMs: cooldownDays * DAY_MS,
    action: `${name}_action`,
  };
}

/**
 * A policy in which a month is long: exit bands, dwell, grace, a ladder, `not` inside `any` inside `not`, scores
 * by quantiles and by bands, triggers with and without a cool-down. Independent of the packs of models/policies.
 */
export const TEST_POLICY: Policy = policyOf({
  scores: Object.values(SCORES),
  dimensions: DIMENSIONS,
  triggers: TRIGGERS,
});

/** Without bands, dwell, grace, levels and reviews: tags that are a function of the facts alone. */
export function withoutMemory(policy: Policy): Policy {
  const dimensions = policy.dimensions.filter(
    ({ tags }) => !tags.some((tag) => featuresOf(tag.when).some((feature) => feature.population)),
  );
  return {
    ...policy,
    dimensions: dimensions.map((dimension) => ({
      ...dimension,
      ladder: false,
      tags: dimension.tags.map((tag) => ({ ...tag, when: withoutBands(tag.when), dwellMs: 0, graceMs: 0 })),
    })),
  };
}

function withoutBands(condition: Condition): Condition {
  switch (condition.kind) {
    case 'test':
      return { ...condition, keep: condition.enter };
    case 'not':
      return { ...condition, of: withoutBands(condition.of) };
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map(withoutBands) };
  }
}
