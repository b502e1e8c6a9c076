import type { ScorerKey } from '../core/scoring/evaluation/gate.ts';
import type { CohortKey } from '../runtime/training/evaluate-churn.ts';
import type { FigureOverOrigins } from '../runtime/training/judge-origins.ts';
import { formatShare } from './terminal/numbers.ts';

export const COHORT_WORDS: Readonly<Record<CohortKey, string>> = {
  all: 'everybody',
  repeaters: 'two orders or more',
  activeLast90Days: 'last order less than 90 days ago: whom an offer can keep',
  oneOrder: 'one order only',
  sellers: 'who sold something, too',
};

export const SCORER_WORDS: Readonly<Record<ScorerKey, string>> = {
  model: 'model',
  recency: 'recency',
  decayedCount: 'decayed count',
  mbgNbd: 'MBG/NBD',
  logisticRfm: 'logistic R, F, M',
};

/** What was predicted, in a sentence. */
export function labelInWords(horizonDays: number): string {
  return (
    `Churned means: no completed order in the ${horizonDays} days after the cut-off, ` +
    'of those that were not cancelled or given back in full.'
  );
}

/** – where it could not be measured. */
export function figure(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

export function shareOf(value: number | null): string {
  return value === null ? '–' : formatShare(value);
}

export function interval(low: number | null, high: number | null): string {
  return low === null || high === null ? '–' : `${low.toFixed(3)}–${high.toFixed(3)}`;
}

/** `.774 .766–.781`: the mean and the range, without the zeros that all of them begin with. */
export function rangeOf(figures: FigureOverOrigins | null): string {
  if (figures === null) return '–';
  const short = (value: number): string => value.toFixed(3).replace(/^0/, '');
  return `${short(figures.mean)} ${short(figures.least)}–${short(figures.most)}`;
}

/** Paragraphs. */
export const HOW_TO_READ = [
  'AUC: how often of a churner and a stayer the churner has the higher score; .5 is a coin. PR-AUC: precision over all thresholds; the share of churners is that of knowing nothing. Lift: churners among the 5, 10, 20 % with the highest scores, over the share of churners in all.',
  'Brier, log loss and ECE: how far the probabilities are off; lower is better. Skill: the share of the Brier score saved over saying the base rate to everybody. Slope 1 and intercept 0 are right; a slope below 1 says the probabilities are too extreme.',
];
