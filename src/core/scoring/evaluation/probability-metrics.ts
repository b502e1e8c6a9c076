import { fitLogistic } from '../churn/logistic-regression.ts';
import { baseRateOf, equalSlices, hasBothClasses, type ScoreGroups } from './score-groups.ts';

/** Of what is less likely than this, the logarithm is that of this. */
const CLIP = 1e-15;
const BINS = 10;

/*
 * Here the scores are probabilities of a positive, from 0 to 1. All are null for nobody.
 */

/** Mean squared distance between probability and outcome (Brier 1950); less is better. */
export function brierScore(groups: ScoreGroups): number | null {
  return meanOver(groups, (p, positives, negatives) => positives * (1 - p) ** 2 + negatives * p * p);
}

/**
 * Share of the Brier score that is saved over saying the base rate of these rows to everybody: 1 is perfect, below 0
 * is worse than that. Null when there is only one class.
 */
export function brierSkill(groups: ScoreGroups): number | null {
  const brier = brierScore(groups);
  const rate = baseRateOf(groups);
  if (brier === null || rate === null || !hasBothClasses(groups)) return null;
  return 1 - brier / (rate * (1 - rate));
}

/** Mean −ln of the probability given to what happened, which counts as 1e-15 where it is less. */
export function logLoss(groups: ScoreGroups): number | null {
  return meanOver(groups, (p, positives, negatives) => -positives * logOf(p) - negatives * logOf(1 - p));
}

/**
 * Expected calibration error: the mean distance between mean probability and share of positives over ten bins of
 * equal mass. Rows of one probability on the border of two bins are shared in proportion, whatever their order.
 */
export function calibrationError(groups: ScoreGroups): number | null {
  if (groups.totalRows === 0) return null;
  const distances = equalSlices(groups, BINS).map(({ scoreSum, positives }) =>
    Math.abs(scoreSum - positives),
  );
  return distances.reduce((sum, distance) => sum + distance, 0) / groups.totalRows;
}

/** Log odds of a positive = intercept + slope · log odds as predicted. */
export interface CalibrationLine {
  /** 1 is right, below 1 the probabilities are too extreme, above too timid. */
  readonly slope: number;
  /** 0 is right; at slope 1, above 0 they are too low. */
  readonly intercept: number;
}

/**
 * Cox (1958): logistic regression of the outcome on the predicted log odds (probabilities clipped as in
 * {@link logLoss}). Null when no finite line exists: one class, one probability, or classes that a threshold parts
 * without error.
 */
export function calibrationLine(groups: ScoreGroups): CalibrationLine | null {
  if (!hasBothClasses(groups) || groups.scores.length < 2 || isParted(groups)) return null;
  const rows = Array.from(groups.scores, (p) => [logOf(p) - logOf(1 - p)]);
  const shares = groups.positives.map((positives, i) => positives / (groups.rows[i] ?? NaN));
  const { intercept, coefficients } = fitLogistic(rows, shares, { l2: 0, weights: groups.rows });
  return { slope: coefficients[0] ?? NaN, intercept };
}

function meanOver(
  { scores, rows, positives, totalRows }: ScoreGroups,
  lossOf: (probability: number, positives: number, negatives: number) => number,
): number | null {
  if (totalRows === 0) return null;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const ones = positives[i] ?? 0;
    sum += lossOf(scores[i] ?? NaN, ones, (rows[i] ?? 0) - ones);
  }
  return sum / totalRows;
}

function logOf(probability: number): number {
  return Math.log(Math.max(CLIP, probability));
}

/** Whether some threshold has only one class on either side; rows on it may be of both. */
function isParted({ rows, positives }: ScoreGroups): boolean {
  const withPositives = [...positives.keys()].filter((i) => (positives[i] ?? 0) > 0);
  const withNegatives = [...rows.keys()].filter((i) => (rows[i] ?? 0) > (positives[i] ?? 0));
  const least = ([first = NaN]: readonly number[]): number => first;
  const most = (indices: readonly number[]): number => indices.at(-1) ?? NaN;
  return least(withPositives) >= most(withNegatives) || least(withNegatives) >= most(withPositives);
}
