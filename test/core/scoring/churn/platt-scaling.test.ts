import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPlatt, plattProbability } from '../../../../src/core/scoring/churn/platt-scaling.ts';
import { seededRandom } from '../../../../src/core/seeded-random.ts';

const scored = fc.array(
  fc.record({ score: fc.double({ min: -1e3, max: 1e3, noNaN: true }), label: fc.constantFrom(0, 1) }),
  { maxLength: 40, size: 'max' },
);

describe('fitPlatt', () => {
  it('is finite and within 0 and 1 for any scores and labels', () => {
    fc.assert(
      fc.property(scored, (some) => {
        const platt = fitPlatt(
          some.map(({ score }) => score),
          some.map(({ label }) => label),
        );
        for (const { score } of some) {
          const probability = plattProbability(platt, score);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives on average what the drawn-in targets are on average', () => {
    fc.assert(
      fc.property(scored, (some) => {
        const labels = some.map(({ label }) => label);
        const platt = fitPlatt(
          some.map(({ score }) => score),
          labels,
        );
        const ones = labels.filter((label) => label === 1).length;
        const zeros = labels.length - ones;
        const targets = (ones * (ones + 1)) / (ones + 2) + zeros / (zeros + 2);
        const sum = some.reduce((total, { score }) => total + plattProbability(platt, score), 0);
        expect(Math.abs(sum - targets)).toBeLessThan(1e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('turns the log odds of a simulation back into its probabilities', () => {
    const random = seededRandom(8, 'platt');
    const scores = Array.from({ length: 20_000 }, () => random.uniform() * 60);
    const truth = { slope: 0.1, intercept: -2 };
    const labels = scores.map((score) => Number(random.uniform() < plattProbability(truth, score)));
    const platt = fitPlatt(scores, labels);
    for (const score of [0, 20, 40, 60])
      expect(Math.abs(plattProbability(platt, score) - plattProbability(truth, score))).toBeLessThan(0.02);
  });

  it('does not believe in certainty, however well the scores part the few it saw', () => {
    const platt = fitPlatt([1, 2, 3, 4], [0, 0, 1, 1]);
    expect(plattProbability(platt, 1)).toBeGreaterThan(0.05);
    expect(plattProbability(platt, 4)).toBeLessThan(0.95);
  });

  it('says ½ for nobody, and the rule of succession for one class', () => {
    expect(plattProbability(fitPlatt([], []), 7)).toBe(0.5);
    expect(plattProbability(fitPlatt([1, 2], [1, 1]), 7)).toBeCloseTo(3 / 4, 12);
  });
});
