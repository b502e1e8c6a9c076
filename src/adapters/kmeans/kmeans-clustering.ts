import { kmeans } from 'ml-kmeans';
import munkres from 'munkres';
import type { ClusterOptions } from '../../core/scoring/segments/clustering-steps.ts';
import { sumOfSquares, type Points } from '../../core/scoring/segments/nearest-centroid.ts';
import type { Clustering } from '../../ports/clustering.ts';
import { seedCentroids } from './seed-centroids.ts';

/** The longest start on CDNOW, with 8 clusters, took 123. */
const MOST_PASSES = 500;
/** Squared distance, in standard deviations, below which a centroid stands still. */
const STANDS_STILL = 1e-8;

/** {@link Clustering} by ml-kmeans (Lloyd's algorithm, from {@link seedCentroids}) and munkres (the Hungarian method). */
export const kmeansClustering: Clustering = { cluster: bestOfStarts, match: leastCost };

function bestOfStarts(points: Points, { clusters, seed, starts, from }: ClusterOptions): Points {
  let best: Points = [];
  let least = Infinity;
  for (let start = from === undefined ? 0 : -1; start < starts; start++) {
    const begin =
      start < 0 && from !== undefined
        ? from.map((row) => [...row])
        : seedCentroids(points, clusters, seed * starts + start);
    const { centroids } = kmeans(points as number[][], clusters, {
      initialization: begin,
      maxIterations: MOST_PASSES,
      tolerance: STANDS_STILL,
    });
    const squares = sumOfSquares(points, centroids);
    if (squares < least) {
      least = squares;
      best = centroids;
    }
  }
  return best;
}

function leastCost(costs: readonly (readonly number[])[]): readonly number[] {
  const given = new Array<number>(costs.length).fill(-1);
  for (const [row, column] of munkres(costs)) given[row] = column;
  return given;
}
