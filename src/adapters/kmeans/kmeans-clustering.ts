import { kmeans } from 'ml-kmeans';
import munkres from 'munkres';
import type { ClusterOptions } from '../../core/scoring/segments/clustering-steps.ts';
import { sumOfSquares, type Points } from '../../core/scoring/segments/nearest-centroid.ts';
import type { Clustering } from '../../ports/clustering.ts';

/** No start that was measured took a fifth of these passes; the limit is for what was not. */
const MOST_PASSES = 500;
/** Squared distance, in standard deviations, below which a centroid stands still. */
const STANDS_STILL = 1e-8;

/**
 * {@link Clustering} by ml-kmeans (Lloyd's algorithm from k-means++ seeds, Arthur and Vassilvitskii 2007, with the
 * greedy draws of scikit-learn) and munkres (the Hungarian method).
 */
export const kmeansClustering: Clustering = { cluster: bestOfStarts, match: leastCost };

function bestOfStarts(points: Points, { clusters, seed, starts, from }: ClusterOptions): Points {
  const data = points as number[][];
  const settings = { maxIterations: MOST_PASSES, tolerance: STANDS_STILL };
  const drawn = Array.from({ length: starts }, (_, start) => ({
    ...settings,
    initialization: 'kmeans++' as const,
    seed: seed * starts + start,
  }));
  const given = from === undefined ? [] : [{ ...settings, initialization: from.map((row) => [...row]) }];
  let best: Points = [];
  let least = Infinity;
  for (const options of [...given, ...drawn]) {
    const { centroids } = kmeans(data, clusters, options);
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
