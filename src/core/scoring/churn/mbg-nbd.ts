import { logGamma } from './log-gamma.ts';
import { nelderMead } from './nelder-mead.ts';

/**
 * What the closed form knows of a customer. Times count from the first purchase day, in any unit that the
 * parameters and the horizon share: 0 ≤ ageAtLast ≤ age.
 */
export interface PurchaseHistory {
  /** Purchase days after the first (x). */
  readonly repeats: number;
  /** Time from the first purchase day to the last (t_x); 0 without repeats. */
  readonly ageAtLast: number;
  /** Time from the first purchase day to now (T). */
  readonly age: number;
}

/**
 * Purchase rates are gamma distributed over people (shape r, rate α in time units), the probability of leaving after
 * a purchase is beta distributed (a, b). All > 0.
 */
export interface MbgNbdParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

/**
 * Probability that the customer has not left. Falls in silence. Ranks people badly (MODELS.md): score with
 * {@link orderProbability}. Formulas: Batislam, Denizel, Filiztekin 2007.
 */
export function aliveProbability(history: PurchaseHistory, { r, alpha, a, b }: MbgNbdParameters): number {
  const { repeats, ageAtLast, age } = history;
  const silence = Math.log1p((age - ageAtLast) / (alpha + ageAtLast));
  return 1 / (1 + Math.exp(Math.log(a / (b + repeats)) + (r + repeats) * silence));
}

/** Probability of at least one purchase in (now, now + horizon]. Grows with the horizon, falls in silence. */
export function orderProbability(
  history: PurchaseHistory,
  parameters: MbgNbdParameters,
  horizon: number,
): number {
  const { r, alpha } = parameters;
  const none = -(r + history.repeats) * Math.log1p(horizon / (alpha + history.age));
  return aliveProbability(history, parameters) * -Math.expm1(none);
}

/** Sum over the customers, natural logarithm. Depends on the unit of time: each repeat is a density in it. */
export function logLikelihood(histories: readonly PurchaseHistory[], parameters: MbgNbdParameters): number {
  return logLikelihoodOf(grouped(histories), parameters);
}

export interface MbgNbdFit {
  readonly parameters: MbgNbdParameters;
  /** At the parameters, in the histories' unit of time. */
  readonly logLikelihood: number;
  readonly customers: number;
  /**
   * False where the data hold no maximum (nobody returned, say) or it was not reached: the parameters are then
   * extreme, but finite, and so are the probabilities.
   */
  readonly converged: boolean;
}

/** Parameters are sought within e^±12 of one (α: of the longest age). */
const LARGEST_LOG = 12;
const SIMPLEX = { step: 0.5, pointTolerance: 1e-5, valueTolerance: 1e-11, mostEvaluations: 1500 };
const RESTART = { ...SIMPLEX, step: 0.05 };
const MOST_RESTARTS = 4;

/**
 * Maximum likelihood by Nelder–Mead over the parameters' logarithms, begun anew where it ended until that gains
 * nothing. Deterministic, and the unit of time does not matter. `undefined` when nobody has been known for any
 * time. Customers with equal histories are counted, not repeated: the cost is that of the distinct ones.
 */
export function fitMbgNbd(histories: readonly PurchaseHistory[]): MbgNbdFit | undefined {
  const longest = histories.reduce((most, { age }) => Math.max(most, age), 0);
  if (longest === 0) return undefined;
  const groups = grouped(histories, longest);
  const objective = (logs: readonly number[]): number =>
    logs.some((log) => Math.abs(log) > LARGEST_LOG)
      ? Infinity
      : -logLikelihoodOf(groups, parametersOf(logs)) / histories.length;

  let found = nelderMead(objective, [0, 0, 0, 0], SIMPLEX);
  for (let restart = 0; restart < MOST_RESTARTS; restart++) {
    const before = found.value;
    found = nelderMead(objective, found.point, RESTART);
    if (before - found.value < SIMPLEX.valueTolerance) break;
  }
  const { alpha, ...others } = parametersOf(found.point);
  const parameters = { ...others, alpha: alpha * longest };
  const isInside = found.point.every((log) => Math.abs(log) < LARGEST_LOG - SIMPLEX.step);
  const someReturned = histories.some(({ repeats }) => repeats > 0);
  return {
    parameters,
    logLikelihood: logLikelihood(histories, parameters),
    customers: histories.length,
    converged: found.converged && isInside && someReturned,
  };
}

function parametersOf([r = NaN, alpha = NaN, a = NaN, b = NaN]: readonly number[]): MbgNbdParameters {
  return { r: Math.exp(r), alpha: Math.exp(alpha), a: Math.exp(a), b: Math.exp(b) };
}

/** Distinct histories in columns, and how often each occurs. */
interface GroupedHistories {
  /** The distinct numbers of repeats, and per history which of them it has. */
  readonly repeats: readonly number[];
  readonly which: Uint32Array;
  readonly ageAtLast: Float64Array;
  readonly age: Float64Array;
  readonly customers: Float64Array;
}

function grouped(histories: readonly PurchaseHistory[], unit = 1): GroupedHistories {
  const sorted = histories.toSorted(
    (p, q) => p.repeats - q.repeats || p.ageAtLast - q.ageAtLast || p.age - q.age,
  );
  const repeats: number[] = [];
  const which: number[] = [];
  const customers: number[] = [];
  const distinct: PurchaseHistory[] = [];
  for (const history of sorted) {
    const last = distinct.at(-1);
    const isSame =
      last?.repeats === history.repeats && last.ageAtLast === history.ageAtLast && last.age === history.age;
    if (isSame) customers[customers.length - 1] = (customers.at(-1) ?? 0) + 1;
    else {
      if (last?.repeats !== history.repeats) repeats.push(history.repeats);
      distinct.push(history);
      which.push(repeats.length - 1);
      customers.push(1);
    }
  }
  return {
    repeats,
    which: Uint32Array.from(which),
    ageAtLast: Float64Array.from(distinct, (history) => history.ageAtLast / unit),
    age: Float64Array.from(distinct, (history) => history.age / unit),
    customers: Float64Array.from(customers),
  };
}

function logLikelihoodOf(groups: GroupedHistories, { r, alpha, a, b }: MbgNbdParameters): number {
  const ofAll = logGamma(a + b) - logGamma(b) - logGamma(r) + r * Math.log(alpha);
  const constants = Float64Array.from(
    groups.repeats,
    (x) => ofAll + logGamma(r + x) + logGamma(b + x + 1) - logGamma(a + b + x + 1),
  );
  const leaving = Float64Array.from(groups.repeats, (x) => Math.log(a) - Math.log(b + x));
  const shapes = Float64Array.from(groups.repeats, (x) => r + x);
  let sum = 0;
  for (let i = 0; i < groups.which.length; i++) {
    const k = groups.which[i] ?? 0;
    const shape = shapes[k] ?? NaN;
    const stayed = -shape * Math.log(alpha + (groups.age[i] ?? NaN));
    const left = (leaving[k] ?? NaN) - shape * Math.log(alpha + (groups.ageAtLast[i] ?? NaN));
    const logSum = Math.max(stayed, left) + Math.log1p(Math.exp(-Math.abs(stayed - left)));
    sum += (groups.customers[i] ?? 0) * ((constants[k] ?? NaN) + logSum);
  }
  return sum;
}
