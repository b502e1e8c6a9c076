import { describe, expect, it } from 'vitest';
import {
  SILHOUETTE_SAMPLE,
  sampledSilhouette,
  silhouette,
} from '../../../../src/core/scoring/segments/silhouette.ts';
import { peopleAround } from './some-people.ts';

describe('the silhouette', () => {
  it('is the mean over people of how much nearer their own cluster is', () => {
    // At 0 and 2, and at 10: |0−2| = 2 inside, 10 and 8 outside; the one at 10 is alone.
    const expected = ((10 - 2) / 10 + (8 - 2) / 8 + 0) / 3;
    expect(silhouette([[0], [2], [10]], Int32Array.of(0, 0, 1))).toBeCloseTo(expected, 12);
  });

  it('is below zero for people in the wrong cluster', () => {
    expect(silhouette([[0], [9], [1], [10]], Int32Array.of(0, 0, 1, 1))).toBeLessThan(0);
  });

  it('is 0 where there is one cluster, and where all are in one place', () => {
    expect(silhouette([[0], [9]], Int32Array.of(0, 0))).toBe(0);
    expect(silhouette([[3], [3], [3], [3]], Int32Array.of(0, 0, 1, 1))).toBe(0);
  });

  it('of a sample is exact up to the size of the sample, and near beyond', () => {
    const few = [...peopleAround([10, 10], 50, 1), ...peopleAround([20, 5], 50, 2)];
    const half = (points: readonly unknown[]): Int32Array =>
      Int32Array.from(points, (_, i) => (i < points.length / 2 ? 0 : 1));
    expect(sampledSilhouette(few, half(few), 7)).toBe(silhouette(few, half(few)));
    const many = [...peopleAround([10, 10], 1_500, 1), ...peopleAround([20, 5], 1_500, 2)];
    expect(many.length).toBeGreaterThan(SILHOUETTE_SAMPLE);
    const sampled = sampledSilhouette(many, half(many), 7);
    expect(sampled).toBeCloseTo(silhouette(many, half(many)), 2);
    expect(sampled).toBe(sampledSilhouette(many, half(many), 7));
    expect(sampled).not.toBe(sampledSilhouette(many, half(many), 8));
  });
});
