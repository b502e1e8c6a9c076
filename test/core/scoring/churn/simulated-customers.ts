import type { MbgNbdParameters, PurchaseHistory } from '../../../../src/core/scoring/churn/mbg-nbd.ts';
import type { SeededRandom } from '../../../../src/core/seeded-random.ts';

export interface SimulatedCustomer {
  readonly history: PurchaseHistory;
  readonly isAlive: boolean;
  /** Whether there was a purchase in the `horizon` after the history. */
  readonly ordered: boolean;
}

/** One customer who lives by the assumptions of MBG/NBD, watched for `age`, then for `horizon`. */
export function simulateCustomer(
  { r, alpha, a, b }: MbgNbdParameters,
  age: number,
  horizon: number,
  random: SeededRandom,
): SimulatedCustomer {
  const rate = gamma(r, random) / alpha;
  const [leaves, stays] = [gamma(a, random), gamma(b, random)];
  const probability = leaves / (leaves + stays);
  let repeats = 0;
  let ageAtLast = 0;
  let isAlive = random.uniform() >= probability;
  let next = exponential(random) / rate;
  while (isAlive && next <= age) {
    repeats++;
    ageAtLast = next;
    isAlive = random.uniform() >= probability;
    next += exponential(random) / rate;
  }
  return { history: { repeats, ageAtLast, age }, isAlive, ordered: isAlive && next <= age + horizon };
}

function exponential(random: SeededRandom): number {
  return -Math.log1p(-random.uniform());
}

/** Marsaglia & Tsang 2000; below shape 1 by their remark: Gamma(s) = Gamma(s + 1) · U^(1/s). */
function gamma(shape: number, random: SeededRandom): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const normal = Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random.uniform());
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    const u = 1 - random.uniform();
    if (v > 0 && Math.log(u) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
