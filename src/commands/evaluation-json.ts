import { decileTable } from '../core/scoring/evaluation/lift.ts';
import { isoOf } from '../core/time.ts';
import type { Horizon } from '../runtime/training/churn-history.ts';
import { COHORT_KEYS } from '../runtime/training/evaluate-churn.ts';
import {
  summariseOrigins,
  type JudgedOrigin,
  type JudgedOrigins,
} from '../runtime/training/judge-origins.ts';
import { groupsOf } from '../runtime/training/scored-cohort.ts';

export interface EvaluationAbout {
  readonly input: string;
  readonly horizonDays: Horizon;
  readonly seed: number;
  /** Between two cut-offs. */
  readonly stepDays: number;
  readonly durationMs: number;
}

/** What `--json` prints: the cut-off that was asked for at the top, then the same figures for each cut-off. */
export function evaluationJson({ main, earlier, leftOut }: JudgedOrigins, about: EvaluationAbout) {
  const { history, model, evaluation } = main;
  const judged = [main, ...earlier];
  return {
    ...evaluation,
    asOf: isoOf(history.asOf),
    horizonDays: about.horizonDays,
    observedUntil: isoOf(history.observedUntil),
    seconds: about.durationMs / 1000,
    training: trainingOf(model, about.seed),
    deciles: decilesOf(main),
    originStepDays: about.stepDays,
    origins: judged.map((origin) => ({ asOf: isoOf(origin.history.asOf), ...origin.evaluation })),
    originsLeftOut: leftOut.map(({ asOf, why }) => ({ asOf: isoOf(asOf), why })),
    originSummary: summariseOrigins(judged.map((origin) => origin.evaluation)),
  };
}

/** Of what serves, by cohort. */
function decilesOf(origin: JudgedOrigin) {
  return Object.fromEntries(
    COHORT_KEYS.flatMap((cohort) => {
      if (origin.evaluation.cohorts[cohort] === undefined) return [];
      const groups = groupsOf(origin, cohort, origin.evaluation.gate.serves);
      return groups === undefined ? [] : [[cohort, decileTable(groups)]];
    }),
  );
}

function trainingOf(model: JudgedOrigin['model'], seed: number) {
  if ('why' in model) return { seed, model: null, why: model.why };
  const { network, calibration, trainingRows, epochs } = model;
  const { backend, library, settings } = network;
  return { seed, backend, library, settings, rows: trainingRows, epochs, calibration };
}
