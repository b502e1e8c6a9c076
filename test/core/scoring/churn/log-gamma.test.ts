import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logGamma } from '../../../../src/core/scoring/churn/log-gamma.ts';

/** The doubles nearest to the truth, by arithmetic of 40 digits (mpmath). */
const KNOWN: readonly (readonly [number, number])[] = [
  [1e-10, 23.025850929882736],
  [0.1, 2.252712651734206],
  [0.5, 0.5723649429247001],
  [0.999999, 5.772164873855652e-7],
  [1.000001, -5.772148423874147e-7],
  [1.4616321449683622, -0.12148629053584961],
  [1.999999, -4.227840125965854e-7],
  [2.000001, 4.2278465762452923e-7],
  [2.5, 0.2846828704729192],
  [9.999, 12.799575780077413],
  [10.001, 12.804079285251861],
  [1234.5, 7550.550901077895],
  [1e9, 19723265827.503716],
];

function relativeError(value: number, truth: number): number {
  return Math.abs(value - truth) / Math.abs(truth);
}

describe('logGamma', () => {
  it.each(KNOWN)('of %d is right to 14 digits', (x, truth) => {
    expect(relativeError(logGamma(x), truth)).toBeLessThan(1e-14);
  });

  it('is the logarithm of the factorials', () => {
    let factorial = 1n;
    for (let n = 3; n <= 170; n++) {
      factorial *= BigInt(n - 1);
      expect(relativeError(logGamma(n), Math.log(Number(factorial)))).toBeLessThan(1e-14);
    }
  });

  it('is zero at its zeros, infinite at 0, and nothing below', () => {
    expect([1, 2].map(logGamma)).toEqual([0, 0]);
    expect(logGamma(0)).toBe(Infinity);
    expect([-1, -0.5, NaN].map(logGamma)).toEqual([NaN, NaN, NaN]);
  });

  it('obeys ln Γ(x + 1) = ln Γ(x) + ln x across its pieces', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 40, noNaN: true }), (x) => {
        const size = Math.abs(logGamma(x)) + Math.abs(Math.log(x));
        expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThanOrEqual(1e-14 * (1 + size));
      }),
      { numRuns: 2000 },
    );
  });
});
