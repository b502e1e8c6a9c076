import { kmeansClustering } from '../../../../src/adapters/kmeans/kmeans-clustering.ts';
import type { Points } from '../../../../src/core/scoring/segments/nearest-centroid.ts';
import { fitSegments, type FitPlan } from '../../../../src/core/scoring/segments/fit-segments.ts';
import type { SegmentModel } from '../../../../src/core/scoring/segments/segment-model.ts';
import { RFM } from './some-people.ts';

export const PLAN: FitPlan = {
  version: 'v1',
  naming: 'value_segment',
  inputs: RFM,
  seed: 1,
  most: 4,
  sample: 300,
  resamples: 5,
};

/** A model fitted with {@link PLAN}, or parts of another plan. Throws when nothing can be fitted. */
export function segmentModel(rows: Points, plan: Partial<FitPlan> = {}): SegmentModel {
  const fitted = fitSegments(rows, { ...PLAN, ...plan }, kmeansClustering.cluster);
  if (!fitted.ok) throw new Error(`${fitted.error.reason}: ${fitted.error.people}`);
  return fitted.value;
}
