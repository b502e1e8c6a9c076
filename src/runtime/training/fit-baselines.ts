import { fitLogistic, predictLogistic } from '../../core/scoring/churn/logistic-regression.ts';
import { orderProbability } from '../../core/scoring/churn/mbg-nbd.ts';
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
  const labels = training.map((row) => history.label(row, horizon));
  const measuresOf = (row: number): RowMeasures => {
    const measures = history.rows.measures[row];
    if (measures === undefined) throw new RangeError(`no row ${row}`);
    return measures;
  };
  const logistic = (inputs: (measures: RowMeasures) => readonly number[]) => {
    if (training.length === 0) return () => undefined;
    const model = fitLogistic(
      training.map((row) => inputs(measuresOf(row))),
      labels,
      { l2: RIDGE },
    );
    return (row: number) => predictLogistic(model, inputs(measuresOf(row)));
  };
  const logRecency = (measures: RowMeasures): number => Math.log1p(measures.recencyDays);
  const logDecayed = (measures: RowMeasures): number => Math.log(measures.decayedOrders + 0.01);
  const byRecency = logistic((measures) => [logRecency(measures)]);
  const byDecayed = logistic((measures) => [logDecayed(measures)]);
  const byRfm = logistic((measures) => [
    logRecency(measures),
    Math.log1p(measures.orders),
    Math.log1p(measures.meanOrder),
  ]);
  const { closedForm } = history;
  return {
    recency: (row) => ({ score: measuresOf(row).recencyDays, probability: byRecency(row) }),
    decayedCount: (row) => ({ score: -measuresOf(row).decayedOrders, probability: byDecayed(row) }),
    mbgNbd(row) {
      if (closedForm === undefined) return { score: NaN, probability: undefined };
      const probability = 1 - orderProbability(measuresOf(row).history, closedForm, horizon);
      return { score: probability, probability };
    },
    logisticRfm(row) {
      const probability = byRfm(row);
      return { score: probability ?? NaN, probability };
    },
  };
}
