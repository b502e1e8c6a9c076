/** The alternating series converges fast above, the theta series below (Numerical Recipes, 3rd ed., §6.14.12). */
const SERIES_MEET_AT = 1.18;
const TERMS = 12;

/**
 * Probability, without drift, of a two-sample Kolmogorov–Smirnov distance of at least `distance`. `size` is n·m / (n + m)
 * of the two samples. The limit law with Stephens' correction for small samples (1970), for continuous values; with
 * ties the true probability is lower, so that it errs towards no drift.
 */
export function kolmogorovSurvival(distance: number, size: number): number {
  const root = Math.sqrt(size);
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  if (!(lambda > 0)) return 1;
  let sum = 0;
  if (lambda < SERIES_MEET_AT) {
    const step = Math.PI ** 2 / (8 * lambda ** 2);
    for (let j = 1; j <= TERMS; j++) sum += Math.exp(-((2 * j - 1) ** 2) * step);
    return 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum;
  }
  for (let j = 1; j <= TERMS; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * j ** 2 * lambda ** 2);
  return sum;
}
