import { describe, expect, it } from 'vitest';
import { seedCentroids } from '../../../src/adapters/kmeans/seed-centroids.ts';
import { disc } from '../../core/scoring/segments/some-people.ts';

describe('the points that k-means begins at', () => {
  const points = disc(200, 1);

  it('are as many points as asked for, no two alike while there are others', () => {
    for (let seed = 0; seed < 20; seed++) {
      const seeds = seedCentroids(points, 8, seed);
      expect(seeds.every((one) => points.some((point) => point.join() === one.join()))).toBe(true);
      expect(new Set(seeds.map((one) => one.join())).size).toBe(8);
    }
  });

  it('follow from the seed, and any point may be the first', () => {
    expect(seedCentroids(points, 5, 3)).toEqual(seedCentroids(points, 5, 3));
    const firsts = Array.from({ length: 1_000 }, (_, seed) => seedCentroids(points, 1, seed)[0]?.join());
    expect(new Set(firsts).size).toBeGreaterThan(190);
  });

  it('are far from one another: a heap far off gets one, however few are in it', () => {
    const heaps = [...points, [50, 0], [0, 90]];
    for (let seed = 0; seed < 20; seed++) {
      const seeds = seedCentroids(heaps, 3, seed).map((one) => one.join());
      expect(seeds).toContain('50,0');
      expect(seeds).toContain('0,90');
    }
  });

  it('coincide where fewer points differ, and are copies', () => {
    const two = [[1], [1], [2], [2]];
    const seeds = seedCentroids(two, 4, 1);
    expect(seeds.length).toBe(4);
    expect(new Set(seeds.map(String))).toEqual(new Set(['1', '2']));
    for (const one of seeds) one[0] = 9;
    expect(two).toEqual([[1], [1], [2], [2]]);
  });
});
