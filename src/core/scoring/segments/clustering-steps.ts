import type { Points } from './nearest-centroid.ts';

export interface ClusterOptions {
  readonly clusters: number;
  /** A whole number; it and the order of the points decide every draw. */
  readonly seed: number;
  /** How many times to begin anew, at least 1. */
  readonly starts: number;
  /** Centroids to begin from once more, beside the drawn ones. */
  readonly from?: Points;
}

/**
 * K-means: as many centroids as asked for, that of the starts with the least sum of squared distances, the first of
 * equals; their order means nothing. Points are of the same length and finite; where fewer of them differ than clusters
 * are asked for, some centroids coincide. Cost: `starts` times some tens of passes over points × clusters.
 */
export type ClusterPoints = (points: Points, options: ClusterOptions) => Points;

/**
 * The assignment of least total cost (Kuhn 1955): for each row of a square table of finite costs, the column it is
 * given; every column is given once.
 */
export type MatchRows = (costs: readonly (readonly number[])[]) => readonly number[];
