import { bootstrapAuc, type BootstrapOptions } from './bootstrap-auc.ts';
import { liftAt } from './lift.ts';
import { brierScore, brierSkill, calibrationError, calibrationLine, logLoss } from './probability-metrics.ts';
import { prAuc, rocAuc } from './ranking-metrics.ts';
import { groupScores } from './score-groups.ts';

/** What one scorer said of the rows of a cohort. */
export interface ScoredRows {
  /** Higher is more likely to churn; need not be probabilities. */
  readonly scores: Float64Array;
  /** Of churning; absent for a scorer that has none. */
  readonly probabilities?: Float64Array;
  /** 1 for churned, 0 for stayed. */
  readonly labels: Uint8Array;
  /** Whose row it is, by id or index: what the bootstrap resamples. */
  readonly customers: ArrayLike<string | number>;
}

/** How well one scorer did on one cohort. Null: not measurable, or (from `brier` on) without probabilities. */
export interface ScorerMetrics {
  readonly auc: number | null;
  /** 95 % interval of the AUC, over customers. */
  readonly aucLow: number | null;
  readonly aucHigh: number | null;
  readonly prAuc: number | null;
  readonly liftAt5: number | null;
  readonly liftAt10: number | null;
  readonly liftAt20: number | null;
  readonly brier: number | null;
  readonly brierSkill: number | null;
  readonly logLoss: number | null;
  readonly ece: number | null;
  readonly calibrationSlope: number | null;
  readonly calibrationIntercept: number | null;
  /** Rows without a finite score, or with a probability outside [0, 1]. One such row, and all else is null. */
  readonly unusableScores: number;
}

/** The AUC, lift and precision are of the scores, all else is of the probabilities. */
export function measureScorer(rows: ScoredRows, bootstrap: BootstrapOptions): ScorerMetrics {
  const { scores, probabilities, labels, customers } = rows;
  const unusableScores = scores.reduce((sum, score, i) => {
    const probability = probabilities?.[i] ?? 0;
    return Number.isFinite(score) && probability >= 0 && probability <= 1 ? sum : sum + 1;
  }, 0);
  const ranking = unusableScores > 0 ? undefined : groupScores(scores, labels);
  const judged =
    ranking === undefined || probabilities === undefined ? undefined : groupScores(probabilities, labels);
  const interval = ranking && bootstrapAuc(scores, labels, customers, bootstrap);
  const line = judged && calibrationLine(judged);
  return {
    auc: ranking ? rocAuc(ranking) : null,
    aucLow: interval?.low ?? null,
    aucHigh: interval?.high ?? null,
    prAuc: ranking ? prAuc(ranking) : null,
    liftAt5: (ranking && liftAt(ranking, 0.05)?.lift) ?? null,
    liftAt10: (ranking && liftAt(ranking, 0.1)?.lift) ?? null,
    liftAt20: (ranking && liftAt(ranking, 0.2)?.lift) ?? null,
    brier: judged ? brierScore(judged) : null,
    brierSkill: judged ? brierSkill(judged) : null,
    logLoss: judged ? logLoss(judged) : null,
    ece: judged ? calibrationError(judged) : null,
    calibrationSlope: line?.slope ?? null,
    calibrationIntercept: line?.intercept ?? null,
    unusableScores,
  };
}
