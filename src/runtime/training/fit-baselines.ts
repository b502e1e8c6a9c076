import {
  fitLogistic,
  predictLogistic,
  type LogisticModel,
} from '../../core/scoring/churn/logistic-regression.ts';
import { orderProbability } from '../../core/scoring/churn/mbg-nbd.ts';
import {
  PLAIN_INPUTS,
  PLAIN_KEYS,
  type PlainKey,
  type PlainScorer,
} from '../../core/scoring/churn/plain-scorer.ts';
import type { BaselineKey } from '../../core/scoring/evaluation/gate.ts';
import type { ChurnHistory, Horizon } from './churn-history.ts';
import type { RowMeasures } from './churn-rows.ts';
import { labelledRows } from './labelled-rows.ts';

/** What a scorer says of one row: a score that ranks, and a probability of churning where it has one. */
export interface RowScore {
  readonly score: number;
  readonly probability: number | undefined;
}

export type Scorer = (row: number) => RowScore;

/** Keeps a fit finite where an input tells the classes apart. */
const RIDGE = 1;

/**
 * The plain baselines, each fitted to the snapshots before the cut-off. Recency and the decayed count get their
 * probabilities by logistic regression on themselves, which keeps their order. Without a labelled snapshot only the
 * closed form has any.
 */
export function fitBaselines(history: ChurnHistory, horizon: Horizon): Record<BaselineKey, Scorer> {
  const training = labelledRows(history, horizon);
  const plain = (key: PlainKey): ((row: number) => number | undefined) => {
    if (training.length === 0) return () => undefined;
    const fit = fitPlain(history, horizon, training, key);
    return (row) => predictLogistic(fit, PLAIN_INPUTS[key](measuresOf(history, row)));
  };
  const [byRecency, byDecayed, byRfm] = [plain('recency'), plain('decayedCount'), plain('logisticRfm')];
  const { closedForm } = history;
  return {
    recency: (row) => ({ score: measuresOf(history, row).recencyDays, probability: byRecency(row) }),
    decayedCount: (row) => ({ score: -measuresOf(history, row).decayedOrders, probability: byDecayed(row) }),
    mbgNbd(row) {
      if (closedForm === undefined) return { score: NaN, probability: undefined };
      const probability = 1 - orderProbability(measuresOf(history, row).history, closedForm, horizon);
      return { score: probability, probability };
    },
    logisticRfm(row) {
      const probability = byRfm(row);
      return { score: probability ?? NaN, probability };
    },
  };
}

/** A baseline as it can be served; `plain` is undefined for the closed form, which serves by its parameters. */
export interface ServableBaseline {
  readonly key: BaselineKey;
  readonly plain: PlainScorer | undefined;
}

/**
 * The first of these that can serve, fitted for each horizon to the snapshots that are labelled for it; the closed form
 * always can. A regression cannot where labels of one kind, or by chance, leave it without the order that it was judged
 * by: over 90 days, for the score is of these, the risk of a baseline that ranks by one number must go that number's way.
 */
export function fitServableBaseline(
  history: ChurnHistory,
  bestFirst: readonly BaselineKey[],
): ServableBaseline {
  const rows = { 30: labelledRows(history, 30), 90: labelledRows(history, 90) };
  for (const key of bestFirst) {
    const plain = PLAIN_KEYS.find((one) => one === key);
    if (plain === undefined) break;
    if (rows[30].length === 0 || rows[90].length === 0) continue;
    const fit = (horizon: Horizon) => fitPlain(history, horizon, rows[horizon], plain);
    const fits = { 30: fit(30), 90: fit(90) };
    if (keepsOrder(plain, fits[90])) return { key, plain: { key: plain, fits } };
  }
  return { key: 'mbgNbd', plain: undefined };
}

function keepsOrder(key: PlainKey, { coefficients: [first = 0] }: LogisticModel): boolean {
  if (key === 'logisticRfm') return true;
  return key === 'recency' ? first > 0 : first < 0;
}

function fitPlain(
  history: ChurnHistory,
  horizon: Horizon,
  rows: readonly number[],
  key: PlainKey,
): LogisticModel {
  return fitLogistic(
    rows.map((row) => PLAIN_INPUTS[key](measuresOf(history, row))),
    rows.map((row) => history.label(row, horizon)),
    { l2: RIDGE },
  );
}

function measuresOf({ rows }: ChurnHistory, row: number): RowMeasures {
  const measures = rows.measures[row];
  if (measures === undefined) throw new RangeError(`no row ${row}`);
  return measures;
}
