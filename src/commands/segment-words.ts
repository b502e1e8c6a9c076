import { featureNamed } from '../core/features/catalogue.ts';
import type { InputRole, SegmentInput } from '../core/scoring/segments/segment-inputs.ts';
import type { Naming } from '../core/scoring/segments/segment-names.ts';
import type { SegmentOutcome, TrainedSegments } from '../runtime/training/train-segments.ts';
import { formatCount } from './terminal/numbers.ts';

export const KIND_WORDS: Readonly<Record<Naming, string>> = {
  value_segment: 'value: what people are worth, and whether they still come',
  style: 'style: how people take part',
};

/** How a name is given, and what it means to whoever works with it. */
export const NAME_WORDS: Readonly<Record<Naming, Readonly<Record<string, string>>>> = {
  value_segment: {
    high_value: 'in the upper third of the groups by orders and money',
    potential: 'in the upper third by active days, not (yet) by orders and money',
    dormant: 'in the third of the longest silence and of the fewest active days',
    ordinary: 'none of these',
  },
  style: {
    trend_follower: 'far above the average in looking at new arrivals, and further in that than in ordering',
    collector: 'far above the average in the price of an order, and further in that than in the number',
    socialite: 'far above the average in community posts, and further in that than in orders and prices',
    none: 'nothing that marks them',
  },
};

/** Where the candidate has each kind from. */
export function placeWords({ naming, how, model }: SegmentOutcome, { models }: TrainedSegments): string {
  const chosen = models[naming];
  if (chosen === undefined) return how === 'none' ? 'left out' : 'left out: it did not pass';
  if (chosen !== model) return `stays as it is in force: ${chosen.version}`;
  return how === 'refitted' ? 'goes on from the model in force' : 'fitted anew';
}

/** What an input is called where there is little room. */
export const ROLE_WORDS: Readonly<Record<InputRole, string>> = {
  recency: 'last order',
  frequency: 'orders',
  value: 'value',
  engagement: 'active days',
  returns: 'returned',
  price: 'per order',
  novelty: 'new arrivals',
  community: 'posts',
};

/** A median in the unit of its feature. */
export function typicalWords(
  { feature }: SegmentInput,
  value: number | null | undefined,
  currency: string,
): string {
  if (value === null || value === undefined) return '–';
  switch (featureNamed(feature)?.unit) {
    case 'money':
      return `${formatCount(value)} ${currency}`;
    case 'ratio':
      return `${Math.round(100 * value)} %`;
    case 'days':
      return `${formatCount(value)} d`;
    default:
      return value < 10 ? String(Math.round(10 * value) / 10) : formatCount(value);
  }
}
