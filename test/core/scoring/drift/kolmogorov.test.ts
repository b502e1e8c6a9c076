import { describe, expect, it } from 'vitest';
import { kolmogorovSurvival } from '../../../../src/core/scoring/drift/kolmogorov.ts';

/** So large that the small-sample correction does not show. */
const MANY = 1e12;

describe('the Kolmogorov distribution', () => {
  it.each([
    [0.1, 1.22385],
    [0.05, 1.3581],
    [0.01, 1.62762],
    [0.001, 1.94947],
    [0.9, 0.57117],
    [0.99, 0.44105],
  ])('has its published critical values: %d', (survival, lambda) => {
    expect(kolmogorovSurvival(lambda / Math.sqrt(MANY), MANY)).toBeCloseTo(survival, 4);
  });

  it('has one value where its two series meet', () => {
    const at = (lambda: number): number => kolmogorovSurvival(lambda / Math.sqrt(MANY), MANY);
    expect(at(1.18 - 1e-9)).toBeCloseTo(at(1.18 + 1e-9), 8);
  });

  it('is certain of no distance, and takes small samples for what they are', () => {
    expect(kolmogorovSurvival(0, 50)).toBe(1);
    expect(kolmogorovSurvival(0.2, 10)).toBeGreaterThan(kolmogorovSurvival(0.2, 100));
  });
});
