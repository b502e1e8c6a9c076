import {
  BASELINE_KEYS,
  SCORER_KEYS,
  judgeGate,
  type BaselineKey,
  type GateFigures,
  type GateResult,
  type ScorerKey,
} from '../../core/scoring/evaluation/gate.ts';
import { measureScorer, type ScorerMetrics } from '../../core/scoring/evaluation/measure-scorer.ts';
import { regretOfLabel, type LabelRegret } from '../../core/scoring/evaluation/regret-of-label.ts';
import type { LoadChurnNetwork } from '../../ports/churn-network.ts';
import type { ServedChurnModel } from '../../ports/served-models.ts';
import type { ChurnHistory, Horizon } from './churn-history.ts';
import type { SeenRows } from './churn-rows.ts';
import { fitBaselines } from './fit-baselines.ts';
import { scoreRows } from './score-rows.ts';
import type { ChurnModel, NoModel } from './train-churn-model.ts';

/** Who is looked at by themselves. A cohort of nobody is left out, but for the four every evaluation has. */
export const COHORT_KEYS = ['all', 'repeaters', 'activeLast90Days', 'oneOrder', 'sellers'] as const;
export type CohortKey = (typeof COHORT_KEYS)[number];

export interface CohortEvaluation extends Readonly<Record<ScorerKey, ScorerMetrics>> {
  readonly n: number;
  /** Share of them who churned; null for nobody. */
  readonly baseRate: number | null;
}

export interface ChurnEvaluation {
  /** People with an order up to the cut-off. */
  readonly population: number;
  readonly baseRate: number | null;
  readonly cohorts: Readonly<Partial<Record<CohortKey, CohortEvaluation>>>;
  readonly gate: GateResult;
  /** People called churned who came back within 180 days; null when the data end before. */
  readonly regret: LabelRegret | null;
}

/** What was said of one row of the cut-off by every scorer; for charts. */
export interface ScoredCutoff {
  readonly rows: readonly number[];
  readonly labels: Uint8Array;
  readonly scores: Readonly<Record<ScorerKey, Float64Array>>;
  /** Undefined for a scorer without probabilities. */
  readonly probabilities: Readonly<Record<ScorerKey, Float64Array | undefined>>;
}

/** What a score is made with. Without a network there is none. */
type Scoring = Pick<ServedChurnModel, 'network' | 'calibration'>;

/** What judging takes besides people and a model. */
export interface ChurnJudging {
  readonly load: LoadChurnNetwork;
  /** The model as it would be served, forced: written down as a registry keeps it, and read again. */
  readonly readBack: (
    history: ChurnHistory,
    model: ChurnModel,
  ) => Promise<Scoring & Pick<ServedChurnModel, 'closedForm'>>;
  readonly seed: number;
}

const ACTIVE_DAYS = 90;
const REPLICATES = 200;
const NO_NETWORK: Scoring = { network: undefined, calibration: { 30: null, 90: null } };

/**
 * Judges model and baselines on the cut-off, which none of them has seen, against what came after it. The gate's
 * question of reproducibility is answered by scoring again with what was read back: its network, calibration and closed form.
 */
export async function evaluateChurn(
  history: ChurnHistory,
  horizon: Horizon,
  model: ChurnModel | NoModel,
  { load, readBack, seed }: ChurnJudging,
): Promise<{ readonly evaluation: ChurnEvaluation; readonly scored: ScoredCutoff }> {
  const rows = history.rowsAt(0).filter((row) => !Number.isNaN(history.label(row, horizon)));
  const labels = Uint8Array.from(rows, (row) => history.label(row, horizon));
  const scoresBy = (scoring: Scoring, seen: SeenRows): Promise<Float64Array> =>
    modelScores(scoring, seen, rows, horizon, load);
  const byModel = await scoresBy('why' in model ? NO_NETWORK : model, history.rows);
  const reproducible = async (): Promise<boolean> => {
    if ('why' in model) return true;
    const stored = await readBack(history, model);
    const again = await scoresBy(stored, history.rows.seenWith(stored.closedForm));
    return byModel.every((score, i) => Object.is(score, again[i]));
  };
  const scored = scoreAll(history, rows, labels, horizon, byModel);
  const cohorts = Object.fromEntries(
    COHORT_KEYS.flatMap((key) => {
      const members = cohortMembers(history, rows, key);
      if (members.length === 0 && key === 'sellers') return [];
      return [[key, evaluateCohort(scored, members, seed)]];
    }),
  ) as Record<Exclude<CohortKey, 'sellers'>, CohortEvaluation>;
  const gate = judgeGate({
    cohorts: {
      all: gateFigures(cohorts.all, 'why' in model),
      activeLast90Days: gateFigures(cohorts.activeLast90Days, 'why' in model),
    },
    unusableScores: cohorts.all.model.unusableScores,
    reproducible: await reproducible(),
  });
  const regret = regretOfLabel(
    rows.map((row) => history.nextOrderAt(row)),
    { asOf: history.asOf, horizonDays: horizon, observedUntil: history.observedUntil },
  );
  const { n, baseRate } = cohorts.all;
  const reasons =
    'why' in model ? [`No model could be trained: ${model.why}.`, ...gate.reasons] : gate.reasons;
  return {
    evaluation: { population: n, baseRate, cohorts, gate: { ...gate, reasons }, regret },
    scored,
  };
}

async function modelScores(
  { network: stored, calibration }: Scoring,
  seen: SeenRows,
  rows: readonly number[],
  horizon: Horizon,
  load: LoadChurnNetwork,
): Promise<Float64Array> {
  if (stored === undefined) return new Float64Array(rows.length).fill(NaN);
  const network = await load(stored);
  try {
    return scoreRows({ rows: seen }, rows, horizon, network, calibration[horizon]);
  } finally {
    network.dispose();
  }
}

function scoreAll(
  history: ChurnHistory,
  rows: readonly number[],
  labels: Uint8Array,
  horizon: Horizon,
  byModel: Float64Array,
): ScoredCutoff {
  const baselines = fitBaselines(history, horizon);
  const scores: Partial<Record<ScorerKey, Float64Array>> = { model: byModel };
  const probabilities: Partial<Record<ScorerKey, Float64Array | undefined>> = { model: byModel };
  for (const key of BASELINE_KEYS) {
    const said = rows.map(baselines[key]);
    scores[key] = Float64Array.from(said, ({ score }) => score);
    probabilities[key] = said.some(({ probability }) => probability === undefined)
      ? undefined
      : Float64Array.from(said, ({ probability }) => probability ?? NaN);
  }
  return {
    rows,
    labels,
    scores: scores as Record<ScorerKey, Float64Array>,
    probabilities: probabilities as Record<ScorerKey, Float64Array | undefined>,
  };
}

/** Positions in `rows` of who belongs to a cohort. */
export function cohortMembers(history: ChurnHistory, rows: readonly number[], key: CohortKey): number[] {
  return rows.flatMap((row, i) => {
    const measures = history.rows.measures[row];
    if (measures === undefined) return [];
    const { orders, recencyDays, sales } = measures;
    const belongs = {
      all: true,
      repeaters: orders >= 2,
      activeLast90Days: recencyDays < ACTIVE_DAYS,
      oneOrder: orders === 1,
      sellers: sales > 0,
    }[key];
    return belongs ? [i] : [];
  });
}

function evaluateCohort(scored: ScoredCutoff, members: readonly number[], seed: number): CohortEvaluation {
  const labels = Uint8Array.from(members, (i) => scored.labels[i] ?? 0);
  const customers = members.map((i) => scored.rows[i] ?? -1);
  const pick = (from: Float64Array): Float64Array => Float64Array.from(members, (i) => from[i] ?? NaN);
  const metrics = SCORER_KEYS.map((key) => {
    const probabilities = scored.probabilities[key];
    const rows = {
      scores: pick(scored.scores[key]),
      labels,
      customers,
      ...(probabilities === undefined ? {} : { probabilities: pick(probabilities) }),
    };
    return [key, measureScorer(rows, { seed, replicates: REPLICATES })] as const;
  });
  const churned = labels.reduce<number>((sum, label) => sum + label, 0);
  return {
    n: members.length,
    baseRate: members.length === 0 ? null : churned / members.length,
    ...(Object.fromEntries(metrics) as Record<ScorerKey, ScorerMetrics>),
  };
}

function gateFigures(
  cohort: CohortEvaluation,
  withoutModel: boolean,
): Partial<Record<ScorerKey, GateFigures>> {
  const baselines: Partial<Record<BaselineKey, GateFigures>> = {};
  for (const key of BASELINE_KEYS) baselines[key] = cohort[key];
  return withoutModel ? baselines : { ...baselines, model: cohort.model };
}
