import { calibrated } from '../../core/scoring/churn/churn-calibration.ts';
import { orderProbability } from '../../core/scoring/churn/mbg-nbd.ts';
import { plainProbability } from '../../core/scoring/churn/plain-scorer.ts';
import { HORIZON_DAYS, type ChurnNetwork } from '../../ports/churn-network.ts';
import type { ServedChurnModel } from '../../ports/served-models.ts';
import type { SeenRows } from '../training/churn-rows.ts';

/** What a model answered, row by row. */
export interface RowScores {
  /** For instance `churn_90d`. */
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** A churn model that is asked about many at one instant. */
export interface RowScorer {
  readonly model: Pick<ServedChurnModel, 'calibration' | 'closedForm' | 'plain'>;
  /** Undefined: a baseline answers. */
  readonly network: ChurnNetwork | undefined;
}

/** Probability of churning within each horizon. `rows` are seen with the model's own closed form. */
export function scoresOf({ model, network }: RowScorer, rows: SeenRows, of: readonly number[]): RowScores[] {
  const inputs = rows.inputsOf(of);
  const raw = network?.predict(inputs, of.length);
  return HORIZON_DAYS.map((days, column) => {
    const values = Float64Array.from(of, (row, i) => {
      if (raw !== undefined) {
        const answer = raw[i * HORIZON_DAYS.length + column] ?? NaN;
        return calibrated(answer, model.calibration[days], inputs, i * rows.width);
      }
      const measures = rows.measures[row];
      if (measures === undefined) return NaN;
      return model.plain === undefined
        ? 1 - orderProbability(measures.history, model.closedForm, days)
        : plainProbability(model.plain, measures, days);
    });
    return { name: `churn_${days}d`, values };
  });
}
