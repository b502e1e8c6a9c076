import { logGamma } from '../churn/log-gamma.ts';

/**
 * Probability that at least `successes` of `trials` succeed, each with probability `chance`: exact but for rounding, in
 * the far tail too. Adds up the terms outwards from `successes`, as many as count: some multiple of √trials.
 */
export function binomialSurvival(successes: number, trials: number, chance: number): number {
  if (successes <= 0) return 1;
  if (successes > trials || chance <= 0) return 0;
  if (chance >= 1) return 1;
  if (successes > trials * chance) return tail(successes, trials, chance);
  return 1 - tail(trials - successes + 1, trials, 1 - chance);
}

/** From `first`, which is above the mean, to the end: every term is smaller than the one before. */
function tail(first: number, trials: number, chance: number): number {
  const odds = chance / (1 - chance);
  let term = Math.exp(
    logGamma(trials + 1) -
      logGamma(first + 1) -
      logGamma(trials - first + 1) +
      first * Math.log(chance) +
      (trials - first) * Math.log1p(-chance),
  );
  let sum = 0;
  for (let k = first; k <= trials && term > sum * Number.EPSILON; k++) {
    sum += term;
    term *= ((trials - k) / (k + 1)) * odds;
  }
  return Math.min(1, sum);
}

/** Exact interval of a chance of which `successes` of `trials` were seen (Clopper and Pearson 1934). 0 to 1 for no trial. */
export function binomialInterval(
  successes: number,
  trials: number,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const outside = (1 - confidence) / 2;
  const low = chanceOf(successes, trials, outside);
  return { low, high: 1 - chanceOf(trials - successes, trials, outside) };
}

/** The chance at which at least `successes` come with the given probability; 0 for none. */
function chanceOf(successes: number, trials: number, probability: number): number {
  if (successes === 0) return 0;
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return low;
    if (binomialSurvival(successes, trials, middle) < probability) low = middle;
    else high = middle;
  }
}

/** The fewest successes that come with at most the given probability; `trials` + 1 when none are so rare. */
export function rareSuccesses(trials: number, chance: number, probability: number): number {
  let low = 0;
  let high = trials + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (binomialSurvival(middle, trials, chance) <= probability) high = middle;
    else low = middle;
  }
  return high;
}
