import type { Points } from '../../core/scoring/segments/nearest-centroid.ts';
import { seededDraws } from '../../core/scoring/segments/seeded-draws.ts';

/**
 * Where k-means begins: points far from one another, by greedy k-means++ (Arthur and Vassilvitskii 2007; of a few
 * draws in proportion to the squared distance, the one that leaves the least is taken). Ours because the library's
 * own takes as long as all the passes that follow it, or longer.
 *
 * Copies of points; where fewer differ than are asked for, some coincide. There must be a point.
 */
export function seedCentroids(points: Points, clusters: number, seed: number): number[][] {
  const draw = seededDraws(seed);
  const draws = 2 + Math.floor(Math.log(clusters));
  const width = points[0]?.length ?? 0;
  const flat = new Float64Array(points.length * width);
  points.forEach((point, i) => flat.set(point, i * width));
  let left = new Float64Array(points.length).fill(Infinity);
  let tried = new Float64Array(points.length);
  let chosen = Math.floor(draw() * points.length);
  let total = leavesAfter(flat, width, chosen, left, left);
  const centroids = [[...(points[chosen] ?? [])]];
  while (centroids.length < clusters) {
    let least = Infinity;
    let best = left;
    for (let i = 0; i < draws; i++) {
      const candidate = pick(left, draw() * total);
      const leaves = leavesAfter(flat, width, candidate, left, tried);
      if (leaves >= least) continue;
      least = leaves;
      chosen = candidate;
      // What was best so far is overwritten next, unless it is what all draws start from.
      [best, tried] = [tried, best === left ? new Float64Array(points.length) : best];
    }
    centroids.push([...(points[chosen] ?? [])]);
    left = best;
    total = least;
  }
  return centroids;
}

/** Writes each point's squared distance to the nearest of its centroids and point `added`; gives their sum. */
function leavesAfter(
  flat: Float64Array,
  width: number,
  added: number,
  before: Float64Array,
  after: Float64Array,
): number {
  const from = added * width;
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    let distance = 0;
    for (let column = 0, at = i * width; column < width; column++, at++) {
      const difference = (flat[at] ?? NaN) - (flat[from + column] ?? NaN);
      distance += difference * difference;
    }
    const least = Math.min(before[i] ?? 0, distance);
    after[i] = least;
    sum += least;
  }
  return sum;
}

/** The first index at which the weights up to it exceed `target`; the last, should rounding leave none. */
function pick(weights: Float64Array, target: number): number {
  let passed = 0;
  for (let i = 0; i < weights.length; i++) {
    passed += weights[i] ?? 0;
    if (passed > target) return i;
  }
  return weights.length - 1;
}
