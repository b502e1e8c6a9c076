import { SCORER_KEYS, type ScorerKey } from '../../core/scoring/evaluation/gate.ts';
import type { Instant } from '../../core/time.ts';
import type { ChurnHistory, Horizon } from './churn-history.ts';
import {
  COHORT_KEYS,
  evaluateChurn,
  type ChurnEvaluation,
  type ChurnJudging,
  type CohortKey,
  type ScoredCutoff,
} from './evaluate-churn.ts';
import type { ChurnModel, NoModel } from './train-churn-model.ts';

/** A cut-off at which model and baselines were judged. */
export interface JudgedOrigin {
  readonly history: ChurnHistory;
  readonly model: ChurnModel | NoModel;
  readonly evaluation: ChurnEvaluation;
  readonly scored: ScoredCutoff;
}

/** A cut-off that the data do not allow to judge at, and why. */
export interface OriginLeftOut {
  readonly asOf: Instant;
  readonly why: string;
}

export interface JudgedOrigins {
  readonly main: JudgedOrigin;
  /** Latest first. */
  readonly earlier: readonly JudgedOrigin[];
  readonly leftOut: readonly OriginLeftOut[];
}

export interface OriginJudging extends ChurnJudging {
  readonly horizon: Horizon;
  /** How many models learn at the same time. */
  readonly atOnce: number;
  readonly train: (history: ChurnHistory) => Promise<ChurnModel | NoModel>;
}

/**
 * Trains and judges at each cut-off by itself. The first, which was asked for, is judged also without a model; an
 * earlier one that is too early for a model is named instead.
 */
export async function judgeOrigins(
  histories: readonly [ChurnHistory, ...ChurnHistory[]],
  { horizon, atOnce, train, ...judging }: OriginJudging,
): Promise<JudgedOrigins> {
  const judge = async (history: ChurnHistory, isMain: boolean): Promise<JudgedOrigin | OriginLeftOut> => {
    const model = await train(history);
    if (!isMain && 'why' in model) return { asOf: history.asOf, why: model.why };
    return { history, model, ...(await evaluateChurn(history, horizon, model, judging)) };
  };
  const results: (JudgedOrigin | OriginLeftOut)[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < histories.length; i = next++) {
      const history = histories[i];
      if (history !== undefined) results[i] = await judge(history, i === 0);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, histories.length) }, lane));
  const judged = results.filter((result) => 'evaluation' in result);
  const [main, ...earlier] = judged;
  if (main === undefined) throw new Error('the cut-off asked for was not judged');
  return { main, earlier, leftOut: results.filter((result) => 'why' in result) };
}

export interface FigureOverOrigins {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

const SUMMARISED = ['auc', 'brier', 'ece'] as const;

/** A scorer over all cut-offs; null where it could not be measured at one. */
export type ScorerOverOrigins = Readonly<Record<(typeof SUMMARISED)[number], FigureOverOrigins | null>>;
export type OriginSummary = Readonly<
  Partial<Record<CohortKey, Readonly<Record<ScorerKey, ScorerOverOrigins>>>>
>;

/** Mean and range of each scorer's figures over the cut-offs, by cohort; cohorts that are there at all of them. */
export function summariseOrigins(evaluations: readonly ChurnEvaluation[]): OriginSummary {
  const everywhere = COHORT_KEYS.filter((key) =>
    evaluations.every(({ cohorts }) => cohorts[key] !== undefined),
  );
  return Object.fromEntries(
    everywhere.map((cohort) => [
      cohort,
      Object.fromEntries(
        SCORER_KEYS.map((scorer) => [
          scorer,
          Object.fromEntries(
            SUMMARISED.map((figure) => [
              figure,
              overOrigins(evaluations.map(({ cohorts }) => cohorts[cohort]?.[scorer][figure] ?? null)),
            ]),
          ),
        ]),
      ),
    ]),
  );
}

function overOrigins(values: readonly (number | null)[]): FigureOverOrigins | null {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length || known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { mean, least: Math.min(...known), most: Math.max(...known) };
}
