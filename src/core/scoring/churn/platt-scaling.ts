import { fitLogistic, predictLogistic } from './logistic-regression.ts';

/** P(1) = 1 / (1 + e^−(intercept + slope · score)). */
export interface PlattScaling {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Probabilities for a scorer that has none, by the order of its scores (or its reverse: the slope may be negative).
 * Platt (1999): logistic regression on the score, with the targets drawn in from 0 and 1 by Laplace's rule, which
 * keeps the fit finite where the scores part the classes without error and where there is only one class.
 * Scores are finite. For nobody: always ½.
 */
export function fitPlatt(scores: ArrayLike<number>, labels: ArrayLike<number>): PlattScaling {
  let ones = 0;
  for (let i = 0; i < labels.length; i++) ones += labels[i] ?? 0;
  const high = (ones + 1) / (ones + 2);
  const low = 1 / (labels.length - ones + 2);
  const targets = Float64Array.from(labels, (label) => (label === 1 ? high : low));
  const rows = Array.from({ length: scores.length }, (_, i) => [scores[i] ?? NaN]);
  const { intercept, coefficients } = fitLogistic(rows, targets, { l2: 0 });
  return { slope: coefficients[0] ?? 0, intercept };
}

export function plattProbability({ slope, intercept }: PlattScaling, score: number): number {
  return predictLogistic({ intercept, coefficients: [slope] }, [score]);
}
