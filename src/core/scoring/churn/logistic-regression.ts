import { solveCholesky } from './cholesky.ts';

/** P(1) = 1 / (1 + e^−(intercept + Σ coefficient · input)), on the inputs as they are. */
export interface LogisticModel {
  readonly intercept: number;
  readonly coefficients: readonly number[];
}

export interface LogisticOptions {
  /**
   * Ridge: l2 / 2 times the sum of the squared coefficients of the standardised inputs is added to the summed
   * loss. Above 0 the fit is finite also where the classes can be told apart without error.
   */
  readonly l2: number;
  /** How often each row counts, ≥ 0; once without it. */
  readonly weights?: ArrayLike<number>;
}

const MOST_STEPS = 100;
const MOST_HALVINGS = 40;
/** The last step is the one that promises to lower the summed loss by less than this share: less cannot be seen. */
const TOLERANCE = 1e-14;

/**
 * Logistic regression by Newton's method with halved steps, inputs standardised inside, the intercept not
 * penalised. `targets` are 0 or 1, or what lies between them (the share of 1 among equal rows). Rows are of one
 * width, and finite; a RangeError otherwise. An input that never varies gets 0, and so does one of two that are
 * the same but for scale, when there is no ridge. Where the targets are all 0 or all 1 no finite fit exists: then
 * the coefficients are 0 and the intercept says (ones + 1) / (rows + 2), Laplace's rule of succession.
 *
 * About ten passes over the rows, each of the width squared.
 */
export function fitLogistic(
  rows: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  { l2, weights }: LogisticOptions,
): LogisticModel {
  const width = rows[0]?.length ?? 0;
  const weight = Float64Array.from(rows, (_, i) => (weights === undefined ? 1 : (weights[i] ?? NaN)));
  let total = 0;
  let ones = 0;
  for (let i = 0; i < rows.length; i++) {
    total += weight[i] ?? 0;
    ones += (weight[i] ?? 0) * (targets[i] ?? NaN);
  }
  if (ones <= 0 || ones >= total) {
    return {
      intercept: Math.log((ones + 1) / (total - ones + 1)),
      coefficients: Array<number>(width).fill(0),
    };
  }
  const columns = Array.from({ length: width }, (_, j) => standardised(rows, j, weight, total));
  const problem = { inputs: columns.map(({ values }) => values), targets, weight, l2 };

  let beta = new Float64Array(width + 1);
  beta[0] = Math.log(ones / (total - ones));
  let current = derivatives(problem, beta);
  if (!Number.isFinite(current.loss)) throw new RangeError('a row, target or weight is not a finite number');
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = solveCholesky(current.hessian, current.gradient);
    const promised = direction.reduce((sum, d, j) => sum + d * (current.gradient[j] ?? 0), 0);
    if (promised <= TOLERANCE * current.loss) {
      beta = beta.map((b, j) => b - (direction[j] ?? NaN));
      break;
    }
    let next = { beta, derivatives: current };
    for (let halving = 0, share = 1; halving < MOST_HALVINGS; halving++, share /= 2) {
      const tried = beta.map((b, j) => b - share * (direction[j] ?? 0));
      const there = derivatives(problem, tried);
      if (there.loss < current.loss) {
        next = { beta: tried, derivatives: there };
        break;
      }
    }
    if (next.beta === beta) break;
    ({ beta, derivatives: current } = next);
  }

  const coefficients = columns.map(({ scale }, j) => (beta[j + 1] ?? NaN) / scale);
  const shift = columns.reduce((sum, { mean }, j) => sum + mean * (coefficients[j] ?? NaN), 0);
  return { intercept: (beta[0] ?? NaN) - shift, coefficients };
}

/** Probability of a 1. */
export function predictLogistic(model: LogisticModel, row: ArrayLike<number>): number {
  let sum = model.intercept;
  for (let j = 0; j < model.coefficients.length; j++) sum += (model.coefficients[j] ?? NaN) * (row[j] ?? NaN);
  return sigmoid(sum);
}

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

interface Column {
  readonly values: Float64Array;
  readonly mean: number;
  readonly scale: number;
}

function standardised(
  rows: readonly ArrayLike<number>[],
  j: number,
  weight: Float64Array,
  total: number,
): Column {
  const raw = Float64Array.from(rows, (row) => row[j] ?? NaN);
  const mean = raw.reduce((sum, x, i) => sum + (weight[i] ?? 0) * x, 0) / total;
  const spread = Math.sqrt(raw.reduce((sum, x, i) => sum + (weight[i] ?? 0) * (x - mean) ** 2, 0) / total);
  // Below this it is the rounding of the mean, or of the squares, not a difference between rows.
  const isConstant = spread <= Math.max(1e-12 * Math.abs(mean), 1e-150);
  const scale = isConstant ? 1 : spread;
  return { values: raw.map((x) => (isConstant ? 0 : (x - mean) / scale)), mean, scale };
}

interface Problem {
  readonly inputs: readonly Float64Array[];
  readonly targets: ArrayLike<number>;
  readonly weight: Float64Array;
  readonly l2: number;
}

interface Derivatives {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** Lower triangle, row by row. */
  readonly hessian: Float64Array;
}

function derivatives({ inputs, targets, weight, l2 }: Problem, beta: Float64Array): Derivatives {
  const size = beta.length;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const row = new Float64Array(size);
  row[0] = 1;
  let loss = 0;
  for (let i = 0; i < weight.length; i++) {
    let logOdds = beta[0] ?? NaN;
    for (let j = 1; j < size; j++) {
      row[j] = inputs[j - 1]?.[i] ?? NaN;
      logOdds += (beta[j] ?? NaN) * (row[j] ?? NaN);
    }
    const w = weight[i] ?? NaN;
    const target = targets[i] ?? NaN;
    // −[t·ln p + (1 − t)·ln(1 − p)], without rounding p to 0 or 1 first.
    loss += w * (Math.max(logOdds, 0) - target * logOdds + Math.log1p(Math.exp(-Math.abs(logOdds))));
    const p = sigmoid(logOdds);
    const curvature = w * p * (1 - p);
    for (let j = 0; j < size; j++) {
      const x = row[j] ?? NaN;
      gradient[j] = (gradient[j] ?? 0) + w * (p - target) * x;
      const ofRow = j * size;
      for (let k = 0; k <= j; k++)
        hessian[ofRow + k] = (hessian[ofRow + k] ?? 0) + curvature * x * (row[k] ?? NaN);
    }
  }
  for (let j = 1; j < size; j++) {
    const b = beta[j] ?? NaN;
    loss += (l2 / 2) * b * b;
    gradient[j] = (gradient[j] ?? 0) + l2 * b;
    hessian[j * size + j] = (hessian[j * size + j] ?? 0) + l2;
  }
  return { loss, gradient, hessian };
}
