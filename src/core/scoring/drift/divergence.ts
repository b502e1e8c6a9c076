/** Added to every bin's count, so that an empty bin has a finite logarithm (Krichevsky and Trofimov 1981). */
const HALF_A_PERSON = 0.5;

/** Shares of `size` people over bins, no share 0: half a person more in every bin. Sums to 1 when `shares` do. */
export function smoothShares(shares: readonly number[], size: number): number[] {
  const total = size + HALF_A_PERSON * shares.length;
  return shares.map((share) => (share * size + HALF_A_PERSON) / total);
}

/** Population stability index Σ (q − p)·ln(q / p) of two lists of positive shares: 0 for equal ones, symmetric. */
export function populationStabilityIndex(p: readonly number[], q: readonly number[]): number {
  return stabilityPart(p, q, p, q);
}

/**
 * The part Σ (to − from)·ln(q / p) of the index between `p` and `q` that a step from `from` to `to` makes up. The parts
 * of steps that lead from `p` to `q` add up to the index; one is negative where its step leads away from `q`.
 */
export function stabilityPart(
  p: readonly number[],
  q: readonly number[],
  from: readonly number[],
  to: readonly number[],
): number {
  return p.reduce(
    (sum, share, i) => sum + ((to[i] ?? 0) - (from[i] ?? 0)) * Math.log((q[i] ?? 0) / share),
    0,
  );
}

/** Jensen–Shannon divergence in bits (Lin 1991): 0 for equal shares, 1 for shares that have no bin in common. */
export function jensenShannonDivergence(p: readonly number[], q: readonly number[]): number {
  const bits = (share: number, middle: number): number =>
    share === 0 ? 0 : share * Math.log2(share / middle);
  return p.reduce((sum, share, i) => {
    const other = q[i] ?? 0;
    const middle = (share + other) / 2;
    return sum + (bits(share, middle) + bits(other, middle)) / 2;
  }, 0);
}
