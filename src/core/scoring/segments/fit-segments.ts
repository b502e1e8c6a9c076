import { err, ok, type Result } from '../../result.ts';
import { STARTS, chooseClusterCount, type CountChoice } from './choose-cluster-count.ts';
import type { ClusterPoints } from './clustering-steps.ts';
import { clusterSizes, nearestCentroids, type Points } from './nearest-centroid.ts';
import { LEAST_DEVIATION, fitScaler, scaled } from './scaler.ts';
import { sampleOf } from './seeded-draws.ts';
import { logInputs, type SegmentInput } from './segment-inputs.ts';
import type { SegmentMetrics, SegmentModel } from './segment-model.ts';
import { segmentNames, type Naming } from './segment-names.ts';
import { sampledSilhouette } from './silhouette.ts';

/**
 * Another name must be nearer by a quarter. On CDNOW with frozen centroids, 6.4 % of the people without an order in
 * January 1998 would otherwise change labels in that month; so it is 2.7 %.
 */
const SWITCH_RATIO = 1.25;

/** Centroids are made from at most so many people, drawn by the seed; the smallest stable cluster then has 2,000. */
export const FIT_SAMPLE = 100_000;

export interface FitPlan {
  readonly version: string;
  readonly naming: Naming;
  readonly inputs: readonly SegmentInput[];
  /** A whole number. */
  readonly seed: number;
  /** Numbers of clusters to try, at least 2; 3 to 8 unless said otherwise. */
  readonly fewest?: number;
  readonly most?: number;
  /** People and resamples that the number of clusters is tried on; 3,000 and 20 unless said otherwise. */
  readonly sample?: number;
  readonly resamples?: number;
}

/** There are fewer different people than clusters. */
export interface TooFewPeople {
  readonly reason: 'too_few_people';
  /** People with a value for every input that must have one. */
  readonly people: number;
  readonly needed: number;
}

/**
 * A segment model from feature values: one row a person, in any order; columns as in `inputs`; NaN for no value. The
 * same rows, in any order, and the same seed give the same model, bit by bit on one engine.
 * That no number of clusters is stable is said in the model's `metrics.choice`.
 */
export function fitSegments(
  rows: Points,
  plan: FitPlan,
  cluster: ClusterPoints,
): Result<SegmentModel, TooFewPeople> {
  const { version, naming, inputs, seed } = plan;
  const fewest = plan.fewest ?? 3;
  const logs = inOrder(usableLogs(inputs, rows));
  const least = inputs.map(({ leastDeviation }) => leastDeviation ?? LEAST_DEVIATION);
  const scaler = fitScaler(logs, version, least);
  const points = sampleOf(
    logs.map((row) => scaled(row, scaler)),
    FIT_SAMPLE,
    seed,
  );
  const choice = chooseClusterCount(points, cluster, {
    seed,
    fewest,
    most: plan.most ?? 8,
    sample: plan.sample ?? 3_000,
    resamples: plan.resamples ?? 20,
  });
  if (choice === undefined) return err({ reason: 'too_few_people', people: logs.length, needed: fewest });
  const centroids = inOrder(cluster(points, { clusters: choice.clusters, seed, starts: STARTS }));
  return ok({
    version,
    naming,
    inputs,
    scaler,
    centroids,
    names: segmentNames(naming, inputs, centroids),
    switchRatio: SWITCH_RATIO,
    metrics: segmentMetrics(points, centroids, choice, seed),
  });
}

/** The rows of people who have a segment, as logarithms. */
export function usableLogs(inputs: readonly SegmentInput[], rows: Points): Points {
  return rows.flatMap((row) => {
    const logs = logInputs(inputs, row);
    return logs === undefined ? [] : [logs];
  });
}

/** Rows by their numbers, first column first, NaN before any: what follows cannot depend on how they came. */
export function inOrder(rows: Points): Points {
  return [...rows].sort((a, b) => {
    for (let i = 0; i < a.length; i++) {
      const difference = (a[i] ?? NaN) - (b[i] ?? NaN);
      if (difference !== 0 && !Number.isNaN(difference)) return difference;
      if (Number.isNaN(difference)) {
        const missing = Number(Number.isNaN(b[i])) - Number(Number.isNaN(a[i]));
        if (missing !== 0) return missing;
      }
    }
    return 0;
  });
}

export function segmentMetrics(
  points: Points,
  centroids: Points,
  choice: CountChoice,
  seed: number,
): SegmentMetrics {
  const labels = nearestCentroids(points, centroids);
  return {
    people: points.length,
    shares: clusterSizes(labels, centroids.length).map((size) => size / points.length),
    silhouette: sampledSilhouette(points, labels, seed),
    choice,
  };
}
