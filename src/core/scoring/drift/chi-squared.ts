import { logGamma } from '../churn/log-gamma.ts';

/** Past this many terms neither expansion gains a digit: both need about √(x + df) of them. */
const MOST_TERMS = 100_000;
const MOST_STEPS = 100;
const TINY = 1e-300;

/**
 * Probability that χ² with `degrees` (whole, at least 1) degrees of freedom exceeds `x`. About 14 digits, in the
 * far tail too. The regularised incomplete gamma function Q(degrees/2, x/2): its power series below the mean,
 * else its continued fraction by Lentz's method (Press et al., Numerical Recipes, 3rd ed., §6.2; DLMF 8.7.1, 8.9.2).
 */
export function chiSquaredSurvival(x: number, degrees: number): number {
  if (!(x > 0)) return 1;
  if (x === Infinity) return 0;
  const a = degrees / 2;
  const y = x / 2;
  const scale = Math.exp(a * Math.log(y) - y - logGamma(a));
  return y < a + 1 ? 1 - scale * powerSeries(a, y) : scale * continuedFraction(a, y);
}

/**
 * The x that χ² exceeds with probability `upperTail` (above 0; 1 or more gives 0): `chiSquaredQuantile(0.001, 9)` is
 * the 99.9 % quantile. Newton's method on the logarithm of the survival, which is nearly straight: it takes some six
 * survivals, and nears the root from one side, as the logarithm is concave (convex for one degree).
 */
export function chiSquaredQuantile(upperTail: number, degrees: number): number {
  if (upperTail >= 1) return 0;
  let x = degrees;
  for (let i = 0; i < MOST_STEPS; i++) {
    const survival = chiSquaredSurvival(x, degrees);
    const next = x + (survival * Math.log(survival / upperTail)) / density(x, degrees);
    if (Math.abs(next - x) <= 4 * Number.EPSILON * x) break;
    x = next > 0 ? next : x / 2;
  }
  return x;
}

function density(x: number, degrees: number): number {
  const a = degrees / 2;
  return Math.exp((a - 1) * Math.log(x / 2) - x / 2 - logGamma(a)) / 2;
}

function powerSeries(a: number, y: number): number {
  let term = 1 / a;
  let sum = term;
  for (let i = 1; i < MOST_TERMS && term > sum * Number.EPSILON; i++) {
    term *= y / (a + i);
    sum += term;
  }
  return sum;
}

function continuedFraction(a: number, y: number): number {
  let b = y + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < MOST_TERMS; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < Number.EPSILON) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
