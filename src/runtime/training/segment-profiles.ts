import { nearestCentroid } from '../../core/scoring/segments/nearest-centroid.ts';
import { scaled } from '../../core/scoring/segments/scaler.ts';
import { logInputs } from '../../core/scoring/segments/segment-inputs.ts';
import type { SegmentModel } from '../../core/scoring/segments/segment-model.ts';
import type { Points } from '../../core/scoring/segments/nearest-centroid.ts';

/** What the people nearest to one centroid are like. */
export interface SegmentProfile {
  readonly name: string;
  /** Row of the model. */
  readonly centroid: number;
  readonly people: number;
  /** Of all people with a segment. */
  readonly share: number;
  /** Medians, in the order of the inputs and the units of the features; null where nobody has a value. */
  readonly typical: readonly (number | null)[];
}

/** Of every centroid, the largest first; `rows` as in fitting. */
export function segmentProfiles(model: SegmentModel, rows: Points): readonly SegmentProfile[] {
  const members = model.centroids.map((): (readonly number[])[] => []);
  let people = 0;
  for (const row of rows) {
    const logs = logInputs(model.inputs, row);
    if (logs === undefined) continue;
    people++;
    members[nearestCentroid(scaled(logs, model.scaler), model.centroids)]?.push(row);
  }
  return members
    .map((own, centroid) => ({
      name: model.names[centroid] ?? '',
      centroid,
      people: own.length,
      share: people === 0 ? 0 : own.length / people,
      typical: model.inputs.map((_, column) => medianOf(own.map((row) => row[column] ?? NaN))),
    }))
    .sort((a, b) => b.people - a.people);
}

function medianOf(values: readonly number[]): number | null {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = known.length / 2;
  const [low, high] = [known[Math.ceil(middle) - 1], known[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
