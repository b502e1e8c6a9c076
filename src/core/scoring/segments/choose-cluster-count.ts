import type { ClusterPoints } from './clustering-steps.ts';
import { clusterSizes, nearestCentroids, type Points } from './nearest-centroid.ts';
import { adjustedRandIndex, bestJaccards } from './partition-agreement.ts';
import { resampleOf, sampleOf } from './seeded-draws.ts';
import { sampledSilhouette } from './silhouette.ts';

/** What a number of clusters must reach to count as stable. */
export const STABILITY = {
  /** Mean adjusted Rand index between the clusters of everybody and those of resamples. */
  agreement: 0.9,
  /** Mean best Jaccard index, of every cluster (Hennig 2007: .75 and more is a valid, stable cluster). */
  jaccard: 0.75,
  /** Share of the people in the smallest cluster. */
  share: 0.02,
} as const;

/** Random starts of every fit. */
export const STARTS = 10;

export interface CountOptions {
  readonly seed: number;
  /** Numbers of clusters to try. */
  readonly fewest: number;
  readonly most: number;
  /** How many people at most the trials look at, drawn once. */
  readonly sample: number;
  readonly resamples: number;
}

/** How one number of clusters did. */
export interface CountTrial {
  readonly clusters: number;
  readonly agreement: number;
  /** The least over its clusters. */
  readonly jaccard: number;
  /** The least over its clusters. */
  readonly share: number;
  readonly silhouette: number;
  readonly isStable: boolean;
}

export interface CountChoice {
  readonly clusters: number;
  /** False: no number was stable, and this one falls short by the least. */
  readonly isStable: boolean;
  /** By ascending number of clusters. */
  readonly trials: readonly CountTrial[];
}

/**
 * The number of clusters: of the stable ones that with the best silhouette, the smaller of equals; where none is
 * stable, the one whose worst measure reaches most of its limit. Undefined when fewer points differ than `fewest`.
 *
 * A trial clusters a sample, then as many resamples of it (drawn with replacement), puts the sample's people into the
 * clusters of each resample, and compares (bootstrap stability; Hennig 2007, "Cluster-wise assessment of cluster
 * stability"). Cost: {@link STARTS} × (`resamples` + 1) starts per number.
 */
export function chooseClusterCount(
  points: Points,
  cluster: ClusterPoints,
  options: CountOptions,
): CountChoice | undefined {
  const { seed, fewest } = options;
  const sample = sampleOf(points, options.sample, seed);
  const most = Math.min(options.most, differing(sample, options.most));
  const resamples = Array.from({ length: options.resamples }, (_, i) => resampleOf(sample, seed + 1 + i));
  const trials: CountTrial[] = [];
  for (let clusters = fewest; clusters <= most; clusters++)
    trials.push(tryCount(clusters, sample, resamples, cluster, seed));
  const stable = trials.filter(({ isStable }) => isStable);
  const best =
    stable.length > 0
      ? bestBy(stable, ({ silhouette }) => silhouette)
      : bestBy(trials, ({ agreement, jaccard, share }) =>
          Math.min(agreement / STABILITY.agreement, jaccard / STABILITY.jaccard, share / STABILITY.share),
        );
  return best === undefined ? undefined : { clusters: best.clusters, isStable: best.isStable, trials };
}

function tryCount(
  clusters: number,
  sample: Points,
  resamples: readonly Points[],
  cluster: ClusterPoints,
  seed: number,
): CountTrial {
  const labels = nearestCentroids(sample, cluster(sample, { clusters, seed, starts: STARTS }));
  let agreement = 0;
  const jaccards = new Array<number>(clusters).fill(0);
  resamples.forEach((resample, i) => {
    const centroids = cluster(resample, { clusters, seed: seed + 1 + i, starts: STARTS });
    const others = nearestCentroids(sample, centroids);
    agreement += adjustedRandIndex(labels, others) / resamples.length;
    bestJaccards(labels, others).forEach((jaccard, c) => {
      jaccards[c] = (jaccards[c] ?? 0) + jaccard / resamples.length;
    });
  });
  const jaccard = Math.min(...jaccards);
  const share = Math.min(...clusterSizes(labels, clusters)) / sample.length;
  return {
    clusters,
    agreement,
    jaccard,
    share,
    silhouette: sampledSilhouette(sample, labels, seed),
    isStable: agreement >= STABILITY.agreement && jaccard >= STABILITY.jaccard && share >= STABILITY.share,
  };
}

/** How many rows differ, at most `enough`. */
function differing(points: Points, enough: number): number {
  const seen = new Set<string>();
  for (const point of points) {
    if (seen.size >= enough) break;
    seen.add(point.join());
  }
  return seen.size;
}

/** The first of those with the greatest score. */
function bestBy<T>(all: readonly T[], score: (one: T) => number): T | undefined {
  let best = all[0];
  for (const one of all) if (best !== undefined && score(one) > score(best)) best = one;
  return best;
}
