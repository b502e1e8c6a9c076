import { predictLogistic, type LogisticModel } from './logistic-regression.ts';

/** What the plain baselines know of somebody who has ordered. */
export interface PlainMeasures {
  /** Days since the last completed order. */
  readonly recencyDays: number;
  /** Orders ever, each halved every 90 days. */
  readonly decayedOrders: number;
  /** Orders ever. */
  readonly orders: number;
  /** Major units. */
  readonly meanOrder: number;
}

/** Baselines that are a logistic regression on a handful of numbers; MBG/NBD is the other one. */
export const PLAIN_KEYS = ['recency', 'decayedCount', 'logisticRfm'] as const;
export type PlainKey = (typeof PLAIN_KEYS)[number];

const logRecency = ({ recencyDays }: PlainMeasures): number => Math.log1p(recencyDays);

/** The inputs of each regression, in the order of its coefficients. */
export const PLAIN_INPUTS: Readonly<Record<PlainKey, (measures: PlainMeasures) => readonly number[]>> = {
  recency: (measures) => [logRecency(measures)],
  decayedCount: ({ decayedOrders }) => [Math.log(decayedOrders + 0.01)],
  logisticRfm: (measures) => [
    logRecency(measures),
    Math.log1p(measures.orders),
    Math.log1p(measures.meanOrder),
  ],
};

/** Coefficients of each. */
export const PLAIN_WIDTHS: Readonly<Record<PlainKey, number>> = {
  recency: 1,
  decayedCount: 1,
  logisticRfm: 3,
};

/** A fitted baseline, as plain data: by horizon in days. */
export interface PlainScorer {
  readonly key: PlainKey;
  readonly fits: Readonly<Record<30 | 90, LogisticModel>>;
}

/** P(no order within so many days) of somebody who has ordered. */
export function plainProbability({ key, fits }: PlainScorer, measures: PlainMeasures, days: 30 | 90): number {
  return predictLogistic(fits[days], PLAIN_INPUTS[key](measures));
}
