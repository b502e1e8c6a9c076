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

/** Which way the risk goes with what ranks people; a fit that goes another way, or none, ranks otherwise. */
const WAY: Readonly<Record<PlainKey, 1 | -1 | undefined>> = {
  recency: 1,
  decayedCount: -1,
  logisticRfm: undefined,
};

/**
 * The same baseline to be served: fitted for both horizons to the same rows. Undefined for the closed form, which serves
 * by its parameters, and where the labels of a horizon are too few to give probabilities in the baseline's own order.
 */
export function fitServedBaseline(history: ChurnHistory, key: BaselineKey): PlainScorer | undefined {
  const plain = PLAIN_KEYS.find((one) => one === key);
  if (plain === undefined) return undefined;
  const rows = { 30: labelledRows(history, 30), 90: labelledRows(history, 90) };
  if (rows[30].length === 0 || rows[90].length === 0) return undefined;
  const fits = { 30: fitPlain(history, 30, rows[30], plain), 90: fitPlain(history, 90, rows[90], plain) };
  const way = WAY[plain];
  const keepsOrder = Object.values(fits).every(
    ({ coefficients: [first = 0] }) => way === undefined || first * way > 0,
  );
  return keepsOrder ? { key: plain, fits } : undefined;
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
