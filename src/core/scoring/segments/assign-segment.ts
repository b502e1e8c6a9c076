import { squaredDistance } from './nearest-centroid.ts';
import { scaled } from './scaler.ts';
import { logInputs } from './segment-inputs.ts';
import type { SegmentModel } from './segment-model.ts';

export interface Assignment {
  readonly name: string;
  /** To the nearest centroid of that name, in standard deviations. */
  readonly distance: number;
  /** The nearest name of all: another than `name` while hysteresis holds the person where they were. */
  readonly nearest: string;
  readonly nearestDistance: number;
}

/**
 * Where a person belongs: with the name they hold, unless the distance to another is less than that to it divided by
 * the model's `switchRatio`. Without a held name, or with one the model does not have, with the nearest; of equally
 * near ones, the first in alphabetical order. Undefined for a person without a segment.
 *
 * `values` are those of the model's features, in its order, NaN for no value. Moving between centroids of one name is
 * no move. Cost: a distance per centroid.
 */
export function assignSegment(
  model: SegmentModel,
  values: readonly number[],
  held?: string,
): Assignment | undefined {
  const logs = logInputs(model.inputs, values);
  return logs === undefined ? undefined : assignPoint(model, scaled(logs, model.scaler), held);
}

/** {@link assignSegment} for values that are already scaled. */
export function assignPoint(
  { centroids, names, switchRatio }: Pick<SegmentModel, 'centroids' | 'names' | 'switchRatio'>,
  point: readonly number[],
  held?: string,
): Assignment {
  let nearest = '';
  let least = Infinity;
  let toHeld = Infinity;
  for (let i = 0; i < centroids.length; i++) {
    const name = names[i] ?? '';
    const distance = squaredDistance(point, centroids[i] ?? []);
    if (name === held) toHeld = Math.min(toHeld, distance);
    if (distance < least || (distance === least && name < nearest)) {
      least = distance;
      nearest = name;
    }
  }
  const nearestDistance = Math.sqrt(least);
  const heldDistance = Math.sqrt(toHeld);
  const stays = held !== undefined && toHeld < Infinity && !(nearestDistance < heldDistance / switchRatio);
  return {
    name: stays ? held : nearest,
    distance: stays ? heldDistance : nearestDistance,
    nearest,
    nearestDistance,
  };
}
