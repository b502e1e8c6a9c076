import { describe, expect, it } from 'vitest';
import { kmeansClustering } from '../../../src/adapters/kmeans/kmeans-clustering.ts';
import {
  clusterSizes,
  nearestCentroids,
  sumOfSquares,
  type Points,
} from '../../../src/core/scoring/segments/nearest-centroid.ts';
import { disc, peopleAround, shuffled } from '../../core/scoring/segments/some-people.ts';

const { cluster, match } = kmeansClustering;
const byFirst = (points: Points): Points => [...points].sort(([a = 0], [b = 0]) => a - b);

describe('k-means', () => {
  it('finds the middle of each heap', () => {
    const heaps = [[5, 50], [20, 5], [50, 20]].flatMap((centre, i) => peopleAround(centre, 200, i, 0.1)); // prettier-ignore
    const found = byFirst(cluster(shuffled(heaps, 1), { clusters: 3, seed: 1, starts: 10 }));
    expect(clusterSizes(nearestCentroids(heaps, found), 3)).toEqual([200, 200, 200]);
    for (const [i, [x = 0, y = 0]] of found.entries()) {
      expect(Math.abs(x - ([5, 20, 50][i] ?? 0))).toBeLessThan(0.5);
      expect(Math.abs(y - ([50, 5, 20][i] ?? 0))).toBeLessThan(0.5);
    }
  });

  it('ends where every centroid is the mean of those it is nearest to', () => {
    const points = disc(400, 2);
    const centroids = cluster(points, { clusters: 6, seed: 3, starts: 10 });
    const labels = nearestCentroids(points, centroids);
    centroids.forEach((centroid, i) => {
      const mine = points.filter((_, j) => labels[j] === i);
      expect(mine.length).toBeGreaterThan(0);
      centroid.forEach((value, column) => {
        const mean = mine.reduce((sum, point) => sum + (point[column] ?? NaN), 0) / mine.length;
        expect(Math.abs(value - mean)).toBeLessThan(1e-3);
      });
    });
  });

  it('gives the best of its starts, and the same for the same seed', () => {
    const points = disc(300, 4);
    const best = { clusters: 7, seed: 5, starts: 10 };
    const squares = (seed: number, starts: number): number =>
      sumOfSquares(points, cluster(points, { clusters: 7, seed, starts }));
    // Start i of seed s is the only start of seed 10 s + i.
    const alone = Array.from({ length: 10 }, (_, start) => squares(50 + start, 1));
    expect(new Set(alone).size).toBeGreaterThan(1);
    expect(squares(5, 10)).toBe(Math.min(...alone));
    expect(cluster(points, best)).toEqual(cluster(points, best));
  });

  it('begins at the centroids given as well', () => {
    const points = disc(300, 4);
    const given = cluster(points, { clusters: 7, seed: 1, starts: 50 });
    const before = structuredClone(given);
    const best = sumOfSquares(points, given);
    const squares = (seed: number, from?: Points): number =>
      sumOfSquares(points, cluster(points, { clusters: 7, seed, starts: 1, ...(from && { from }) }));
    const seeds = Array.from({ length: 20 }, (_, i) => 1_000 + i);
    expect(seeds.some((seed) => squares(seed) > best)).toBe(true);
    expect(seeds.filter((seed) => squares(seed, given) > best)).toEqual([]);
    expect(given).toEqual(before);
  });

  it('lets centroids coincide where fewer points differ', () => {
    const two = Array.from({ length: 20 }, (_, i) => [i % 2, 1]);
    const found = cluster(two, { clusters: 4, seed: 1, starts: 10 });
    expect(found.length).toBe(4);
    expect(sumOfSquares(two, found)).toBe(0);
  });

  it('leaves the points as they are', () => {
    const points = disc(50, 6);
    const before = structuredClone(points);
    cluster(points, { clusters: 3, seed: 1, starts: 3 });
    expect(points).toEqual(before);
  });
});

describe('matching', () => {
  it('gives each row the column that makes the total least', () => {
    // The cheapest of the first row would leave the second with 100.
    expect(match([[1, 2, 9], [1, 100, 9], [9, 9, 1]])).toEqual([1, 0, 2]); // prettier-ignore
    expect(match([[7]])).toEqual([0]);
    expect(match([])).toEqual([]);
  });

  it('leaves the costs as they are', () => {
    const costs = [[3, 1], [2, 5]]; // prettier-ignore
    match(costs);
    expect(costs).toEqual([[3, 1], [2, 5]]); // prettier-ignore
  });
});
