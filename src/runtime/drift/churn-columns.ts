import { CHURN_INPUTS, MBG_COLUMN } from '../../core/scoring/churn/churn-inputs.ts';
import type { Column, Snapshot } from '../../core/scoring/drift/drift-reference.ts';
import type { Feature, FeatureEnvironment } from '../../core/features/feature.ts';
import type { Person } from '../../core/person.ts';
import type { Instant } from '../../core/time.ts';
import { ChurnRows, type SeenRows } from '../training/churn-rows.ts';
import { NumberColumn } from './number-column.ts';

/** What a model answered, row by row. */
export interface RowScores {
  /** For instance `churn_90d`. */
  readonly name: string;
  readonly values: ArrayLike<number>;
}

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
  private readonly scores: readonly { readonly feature: Feature; readonly column: NumberColumn }[];

  private readonly environment: FeatureEnvironment;
  private readonly at: Instant;

  constructor(environment: FeatureEnvironment, at: Instant, scores: readonly Feature[] = []) {
    this.environment = environment;
    this.at = at;
    this.scores = scores.map((feature) => ({ feature, column: new NumberColumn() }));
  }

  /** Ids that were merged into another are nobody; who never ordered is no buyer. */
  add(personId: string, { windows }: Person): void {
    if (windows.mergedInto !== '') return;
    const before = this.rows.rows;
    this.rows.add(personId, windows, this.at, this.environment);
    if (this.rows.rows === before) return;
    for (const { feature, column } of this.scores)
      column.push(feature.read(windows, this.at, this.environment));
  }

  /** Scores that nobody has are left out: no model is in force. */
  snapshot(): Snapshot {
    const scores = this.scores.flatMap(({ feature: { name }, column: { values } }) =>
      values.every(Number.isNaN) ? [] : [{ name, values }],
    );
    const rows = this.rows.seenWith(undefined);
    return churnSnapshot(rows, [...rows.personIds.keys()], this.at, scores);
  }
}
