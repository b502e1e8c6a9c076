/**
 * What an input says about a person: names are given by roles, so that a model may measure them by other features.
 * `novelty`: looking at what is new; `community`: taking part beside trading.
 */
export const INPUT_ROLES = [
  ...(['recency', 'frequency', 'value', 'engagement', 'returns'] as const),
  ...(['price', 'novelty', 'community'] as const),
] as const;

export type InputRole = (typeof INPUT_ROLES)[number];

/** One column of a segment model: a number of the catalogue that is never negative, taken as log1p. */
export interface SegmentInput {
  readonly feature: string;
  readonly role: InputRole;
  /** For a person of whom the feature has no value: no segment at all, or the mean, which speaks neither way. */
  readonly missing: 'no_segment' | 'mean';
  /** Smaller deviations between people are not stretched to one; units of log1p. Absent: LEAST_DEVIATION. */
  readonly leastDeviation?: number;
}

/**
 * Of shares. One of few acts is 0 or 1 by chance, and most people's lie close together: stretched like the others, that
 * chance is the widest gap there is. On the simulated marketplace it parted the silent by whether they had once
 * returned something, and left no room for a segment of those who still come.
 */
const LEAST_SHARE_DEVIATION = 0.2;

/**
 * The proposed inputs of `value_segment`. Who never ordered has no value segment. Recency counts up in silence and
 * orders fade, so that a silent person's segment ages without an event. They fade rather than leave a window: those
 * who came together, in a campaign or when the shop opened, would leave it together, and the centroids with them. On
 * CDNOW as of January 1998, when the first customers' year was over, a refit on `orders_365d` and `value_365d` moved a
 * centroid by 6 standard deviations; on these, by less than .4.
 */
export const VALUE_INPUTS: readonly SegmentInput[] = [
  { feature: 'days_since_order', role: 'recency', missing: 'no_segment' },
  { feature: 'orders_decayed', role: 'frequency', missing: 'no_segment' },
  { feature: 'value_decayed', role: 'value', missing: 'no_segment' },
  { feature: 'active_days_90d', role: 'engagement', missing: 'no_segment' },
  {
    feature: 'returned_order_share_365d',
    role: 'returns',
    missing: 'mean',
    leastDeviation: LEAST_SHARE_DEVIATION,
  },
];

/** The proposed inputs of `style`. Who looked at no item for 90 days shows no style. */
export const STYLE_INPUTS: readonly SegmentInput[] = [
  {
    feature: 'new_arrival_share_90d',
    role: 'novelty',
    missing: 'no_segment',
    leastDeviation: LEAST_SHARE_DEVIATION,
  },
  { feature: 'orders_365d', role: 'frequency', missing: 'no_segment' },
  { feature: 'average_order_365d', role: 'price', missing: 'mean' },
  { feature: 'community_posts_365d', role: 'community', missing: 'no_segment' },
];

/**
 * Feature values, in the order of the inputs, as logarithms; NaN where the mean will stand. Undefined for a person
 * without a segment. Values below zero, which no proposed feature has, count as zero.
 */
export function logInputs(
  inputs: readonly SegmentInput[],
  values: readonly number[],
): readonly number[] | undefined {
  const logs: number[] = [];
  for (let column = 0; column < inputs.length; column++) {
    const value = values[column] ?? NaN;
    if (Number.isNaN(value) && inputs[column]?.missing === 'no_segment') return undefined;
    logs.push(Math.log1p(Math.max(0, value)));
  }
  return logs;
}
