import { describe, expect, it } from 'vitest';
import { kmeansClustering } from '../../../../src/adapters/kmeans/kmeans-clustering.ts';
import { STABILITY, chooseClusterCount } from '../../../../src/core/scoring/segments/choose-cluster-count.ts';
import { disc, peopleAround } from './some-people.ts';

const { cluster } = kmeansClustering;
const OPTIONS = { seed: 1, fewest: 3, most: 6, sample: 300, resamples: 10 };

const heaps = (centres: readonly (readonly number[])[], each: number): number[][] =>
  centres.flatMap((centre, i) => peopleAround(centre, each, i, 0.08));

describe('the number of clusters', () => {
  it('is that of the heaps there are', () => {
    const four = heaps([[10, 10], [10, 20], [20, 10], [20, 20]], 60); // prettier-ignore
    const choice = chooseClusterCount(four, cluster, OPTIONS);
    expect(choice).toMatchObject({ clusters: 4, isStable: true });
    expect(choice?.trials.map(({ clusters }) => clusters)).toEqual([3, 4, 5, 6]);
    for (const { agreement, jaccard, share, silhouette, isStable } of choice?.trials ?? []) {
      const reaches =
        agreement >= STABILITY.agreement && jaccard >= STABILITY.jaccard && share >= STABILITY.share;
      expect(isStable).toBe(reaches);
      if (isStable) expect(silhouette).toBeLessThanOrEqual(choice?.trials[1]?.silhouette ?? NaN);
    }
  });

  it('is not one with a cluster of nearly nobody', () => {
    const lopsided = [
      ...heaps([[10, 10], [10, 20], [20, 10]], 100), // prettier-ignore
      ...peopleAround([90, 90], 3, 9, 0.01),
    ];
    const choice = chooseClusterCount(lopsided, cluster, { ...OPTIONS, fewest: 4, most: 4, sample: 1_000 });
    expect(choice?.trials[0]?.share).toBeCloseTo(3 / 303, 12);
    expect(choice).toMatchObject({ clusters: 4, isStable: false });
  });

  it('is not one with a cluster that comes out differently each time, however well all in all agrees', () => {
    // A heap, and a ring that can be halved any way.
    const ring = Array.from({ length: 40 }, (_, i) => {
      const angle = (i / 40) * 2 * Math.PI;
      return [60 + 5 * Math.cos(angle), 60 + 5 * Math.sin(angle)];
    });
    const points = [...peopleAround([10, 10], 260, 1, 0.02), ...ring];
    const choice = chooseClusterCount(points, cluster, { ...OPTIONS, most: 3 });
    expect(choice?.trials[0]?.agreement).toBeGreaterThan(STABILITY.agreement);
    expect(choice?.trials[0]?.jaccard).toBeLessThan(STABILITY.jaccard);
    expect(choice?.isStable).toBe(false);
  });

  it('is the least unstable where none is stable, and says so', () => {
    const choice = chooseClusterCount(disc(300, 2), cluster, OPTIONS);
    expect(choice?.isStable).toBe(false);
    expect(choice?.trials.some(({ isStable }) => isStable)).toBe(false);
    const reach = (choice?.trials ?? []).map(({ agreement, jaccard, share }) =>
      Math.min(agreement / STABILITY.agreement, jaccard / STABILITY.jaccard, share / STABILITY.share),
    );
    expect((choice?.clusters ?? 0) - OPTIONS.fewest).toBe(reach.indexOf(Math.max(...reach)));
  });

  it('follows from the seed', () => {
    const points = disc(200, 5);
    expect(chooseClusterCount(points, cluster, OPTIONS)).toEqual(
      chooseClusterCount(points, cluster, OPTIONS),
    );
    expect(chooseClusterCount(points, cluster, OPTIONS)).not.toEqual(
      chooseClusterCount(points, cluster, { ...OPTIONS, seed: 2 }),
    );
  });

  it('is not more than there are different people, and none where these are too few', () => {
    const four = Array.from({ length: 100 }, (_, i) => [i % 4, 0]);
    expect(chooseClusterCount(four, cluster, OPTIONS)?.trials.map(({ clusters }) => clusters)).toEqual([
      3, 4,
    ]);
    const two = Array.from({ length: 100 }, (_, i) => [i % 2, 0]);
    expect(chooseClusterCount(two, cluster, OPTIONS)).toBeUndefined();
    expect(chooseClusterCount([], cluster, OPTIONS)).toBeUndefined();
  });
});
