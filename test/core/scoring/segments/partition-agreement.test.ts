import { describe, expect, it } from 'vitest';
import {
  adjustedRandIndex,
  bestJaccards,
  contingency,
} from '../../../../src/core/scoring/segments/partition-agreement.ts';

const labels = (...all: number[]): Int32Array => Int32Array.from(all);

describe('the adjusted Rand index', () => {
  it.each([
    // The examples of scikit-learn's documentation of adjusted_rand_score.
    { a: labels(0, 0, 1, 1), b: labels(1, 1, 0, 0), index: 1 },
    { a: labels(0, 0, 1, 2), b: labels(0, 0, 1, 1), index: 4 / 7 },
    { a: labels(0, 0, 1, 1), b: labels(0, 0, 1, 2), index: 4 / 7 },
    { a: labels(0, 0, 0, 0), b: labels(0, 1, 2, 3), index: 0 },
    { a: labels(0, 0, 1, 1), b: labels(0, 1, 0, 1), index: -0.5 },
    { a: labels(0, 0, 0), b: labels(0, 0, 0), index: 1 },
    { a: labels(), b: labels(), index: 1 },
  ])('of $a and $b is $index', ({ a, b, index }) => {
    expect(adjustedRandIndex(a, b)).toBeCloseTo(index, 12);
  });

  it('is not defined for labels of different people', () => {
    expect(() => adjustedRandIndex(labels(0, 1), labels(0))).toThrow('2');
  });
});

describe('the best Jaccard index', () => {
  it('is that of the cluster with the most in common, per cluster', () => {
    const a = labels(0, 0, 0, 0, 1, 1);
    const b = labels(2, 2, 2, 0, 0, 0);
    expect(contingency(a, b)).toEqual([
      [1, 0, 3],
      [2, 0, 0],
    ]);
    expect(bestJaccards(a, b)).toEqual([3 / 4, 2 / 3]);
  });

  it('of a cluster without people is 0', () => {
    expect(bestJaccards(labels(1, 1), labels(0, 0))).toEqual([0, 1]);
  });
});
