import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquaredQuantile, chiSquaredSurvival } from '../../../../src/core/scoring/drift/chi-squared.ts';

describe('the χ² distribution', () => {
  it.each([
    [1, 0.05, 3.841459],
    [1, 0.01, 6.634897],
    [1, 0.001, 10.827566],
    [1, 0.95, 0.00393214],
    [2, 0.05, 5.991465],
    [2, 0.001, 13.815511],
    [5, 0.05, 11.070498],
    [5, 0.001, 20.515006],
    [9, 0.05, 16.918978],
    [9, 0.01, 21.665994],
    [9, 0.001, 27.877165],
    [10, 0.95, 3.940299],
    [30, 0.001, 59.703064],
    [100, 0.05, 124.342113],
    [100, 0.001, 149.449253],
  ])('has its published quantiles: %d degrees, upper tail %d', (degrees, upperTail, x) => {
    expect(chiSquaredQuantile(upperTail, degrees)).toBeCloseTo(x, 5);
    expect(chiSquaredSurvival(x, degrees) / upperTail).toBeCloseTo(1, 4);
  });

  it('is a finite sum for an even number of degrees', () => {
    const even = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(even, fc.double({ min: 1e-3, max: 300, noNaN: true }), (half, x) => {
        let term = Math.exp(-x / 2);
        let sum = term;
        for (let j = 1; j < half; j++) sum += term *= x / 2 / j;
        expect(chiSquaredSurvival(x, 2 * half) / sum).toBeCloseTo(1, 10);
      }),
    );
  });

  it('has the quantile as the inverse of the survival, in the far tail too', () => {
    const tails = fc.double({ min: 0, max: 80, noNaN: true }).map((power) => Math.exp(-power) * 0.999);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), tails, (degrees, upperTail) => {
        const x = chiSquaredQuantile(upperTail, degrees);
        expect(chiSquaredSurvival(x, degrees) / upperTail).toBeCloseTo(1, 9);
      }),
    );
  });

  it('has everything above nothing and nothing above infinity', () => {
    expect(chiSquaredSurvival(0, 3)).toBe(1);
    expect(chiSquaredSurvival(Infinity, 3)).toBe(0);
    expect(chiSquaredQuantile(1, 3)).toBe(0);
  });
});
