import { CHURN_INPUTS, MBG_COLUMN } from '../../core/scoring/churn/churn-inputs.ts';
import type { Column, Snapshot } from '../../core/scoring/drift/drift-reference.ts';
import type { FeatureEnvironment } from '../../core/features/feature.ts';
import type { Person } from '../../core/person.ts';
import type { Instant } from '../../core/time.ts';
import { ChurnRows, type SeenRows } from '../training/churn-rows.ts';
import { scoresOf, type RowScorer, type RowScores } from './row-scores.ts';

/**
 * Buyers as the churn model sees them: its inputs, and what it answered. The same columns from a training's rows and from
 * the people of now. `of`: the rows that are meant, all of them of one instant; scores are in their order. Tenure is
 * that as a buyer, since the first order. The closed form's input is left out: it is a function of the others,
 * and of parameters that are another model's tomorrow.
 */
export function churnSnapshot(
  rows: SeenRows,
  of: readonly number[],
  at: Instant,
  scores: readonly RowScores[] = [],
): Snapshot {
  const inputs = rows.inputsOf(of);
  const columns = CHURN_INPUTS.flatMap(({ name }, column): Column[] => {
    if (column === MBG_COLUMN) return [];
    const values = Float32Array.from(of, (_, i) => inputs[i * rows.width + column] ?? NaN);
    return [{ kind: 'feature', name, values }];
  });
  return {
    at,
    tenureDays: Float32Array.from(of, (row) => rows.measures[row]?.history.age ?? NaN),
    columns: [...columns, ...scores.map(({ name, values }): Column => ({ kind: 'score', name, values }))],
  };
}

/** The buyers of now, gathered one by one for the comparison with those a model learnt from. */
export class BuyerColumns {
  private readonly rows = new ChurnRows();
  private readonly environment: FeatureEnvironment;
  private readonly at: Instant;
  private readonly scorer: RowScorer | undefined;

  /** Without a scorer there are no scores. */
  constructor(environment: FeatureEnvironment, at: Instant, scorer?: RowScorer) {
    this.environment = environment;
    this.at = at;
    this.scorer = scorer;
  }

  /** Ids that were merged into another are nobody; who never ordered is no buyer. */
  add(personId: string, { windows }: Person): void {
    if (windows.mergedInto === '') this.rows.add(personId, windows, this.at, this.environment);
  }

  snapshot(): Snapshot {
    const rows = this.rows.seenWith(this.scorer?.model.closedForm);
    const all = [...rows.personIds.keys()];
    const scores = this.scorer === undefined || all.length === 0 ? [] : scoresOf(this.scorer, rows, all);
    return churnSnapshot(rows, all, this.at, scores);
  }
}
