import type { CountChoice } from './choose-cluster-count.ts';
import type { Points } from './nearest-centroid.ts';
import type { Scaler } from './scaler.ts';
import type { SegmentInput } from './segment-inputs.ts';
import type { Naming } from './segment-names.ts';

/** What was measured when the centroids were made. */
export interface SegmentMetrics {
  /** People they were made from. */
  readonly people: number;
  /** Share of these people per centroid; they add up to 1. */
  readonly shares: readonly number[];
  readonly silhouette: number;
  /** How the number of clusters was chosen; a refit keeps that of the model it renews. */
  readonly choice: CountChoice;
}

/** Everything an assignment needs, as plain JSON data: no NaN, no undefined. */
export interface SegmentModel {
  readonly version: string;
  readonly naming: Naming;
  readonly inputs: readonly SegmentInput[];
  readonly scaler: Scaler;
  /** Scaled; row i keeps its place from refit to refit. */
  readonly centroids: Points;
  /** Of each centroid; several may share one. */
  readonly names: readonly string[];
  /** How many times nearer another name must be than the one held. */
  readonly switchRatio: number;
  readonly metrics: SegmentMetrics;
}
