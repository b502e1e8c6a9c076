import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binomialInterval,
  binomialSurvival,
  rareSuccesses,
} from '../../../../src/core/scoring/drift/binomial.ts';

/** Pascal's recursion: trial by trial. */
function naiveSurvival(successes: number, trials: number, chance: number): number {
  let mass = [1];
  for (let i = 0; i < trials; i++)
    mass = Array.from(
      { length: i + 2 },
      (_, k) => (mass[k] ?? 0) * (1 - chance) + (mass[k - 1] ?? 0) * chance,
    );
  return mass.reduce((sum, share, k) => (k >= successes ? sum + share : sum), 0);
}

const trials = fc.integer({ min: 1, max: 60 });
const chances = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('the binomial distribution', () => {
  it('adds up what trial by trial comes to', () => {
    fc.assert(
      fc.property(trials, fc.integer({ min: -1, max: 62 }), chances, (n, k, chance) => {
        expect(binomialSurvival(k, n, chance)).toBeCloseTo(naiveSurvival(k, n, chance), 11);
      }),
    );
  });

  it('keeps its digits in the far tail', () => {
    expect(binomialSurvival(100, 100, 0.001) / 1e-300).toBeCloseTo(1, 9);
    expect(binomialSurvival(2000, 200_000, 0.005)).toBeLessThan(1e-100);
  });

  it('has no doubt where there is no chance', () => {
    expect([0, 1].map((chance) => binomialSurvival(1, 5, chance))).toEqual([0, 1]);
    expect([0, 1].map((chance) => binomialSurvival(0, 5, chance))).toEqual([1, 1]);
  });

  it('knows the fewest successes that are rare', () => {
    fc.assert(
      fc.property(trials, chances, fc.double({ min: 1e-9, max: 0.6, noNaN: true }), (n, chance, rare) => {
        const fewest = rareSuccesses(n, chance, rare);
        expect(fewest === n + 1 || binomialSurvival(fewest, n, chance) <= rare).toBe(true);
        expect(binomialSurvival(fewest - 1, n, chance)).toBeGreaterThan(rare);
      }),
    );
  });

  it.each([
    [5, 10, 0.1871, 0.8129],
    [0, 10, 0, 0.3085],
    [10, 10, 0.6915, 1],
    [8, 100, 0.0352, 0.1516],
  ])('has the published Clopper–Pearson interval of %d in %d', (k, n, low, high) => {
    const interval = binomialInterval(k, n, 0.95);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('knows nothing of no trial', () => {
    expect(binomialInterval(0, 0, 0.95)).toEqual({ low: 0, high: 1 });
  });
});
