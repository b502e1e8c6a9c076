import { isBlank } from '../../is-blank.ts';
import { err, ok, type Result } from '../../result.ts';
import { INPUT_ROLES } from './segment-inputs.ts';
import type { SegmentModel } from './segment-model.ts';
import { NAMINGS, SEGMENT_NAMES, type Naming } from './segment-names.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The model that a JSON value describes, or everything that is wrong with it, each with its place
 * ("centroids[2]: not 5 finite numbers"). Fields it does not know stay and mean nothing. Whether the features exist
 * and the file is the one that was meant (its hash) is for the caller to see to.
 */
export function parseSegmentModel(value: unknown): Result<SegmentModel, readonly string[]> {
  if (!isFields(value)) return err(['not an object']);
  const inputs = inputComplaints(value['inputs']);
  const complaints = [
    ...unless(isText(value['version']), 'version: not a text'),
    ...unless(isNaming(value['naming']), `naming: not one of ${NAMINGS.join(', ')}`),
    ...unless(isFinite(value['switchRatio'], 1), 'switchRatio: not a number of at least 1'),
    ...inputs,
    // The rest is measured by the inputs: without them, nothing can be said of it.
    ...(inputs.length > 0 ? [] : shapeComplaints(value, lengthOf(value['inputs']))),
  ];
  return complaints.length > 0 ? err(complaints) : ok(value as unknown as SegmentModel);
}

function shapeComplaints(value: Fields, width: number): string[] {
  return [
    ...scalerComplaints(value['scaler'], width),
    ...centroidComplaints(value, width),
    ...metricsComplaints(value['metrics'], lengthOf(value['centroids'])),
  ];
}

function inputComplaints(inputs: unknown): string[] {
  if (!Array.isArray(inputs) || inputs.length === 0) return ['inputs: not a list with an entry'];
  const entries: unknown[] = inputs;
  const features = entries.map((input) => (isFields(input) ? input['feature'] : undefined));
  return entries.flatMap((input, i) => {
    if (!isFields(input)) return [`inputs[${i}]: not an object`];
    const { feature, role, missing, leastDeviation } = input;
    return [
      ...unless(isText(feature), `inputs[${i}].feature: not a text`),
      ...unless(features.indexOf(feature) === i, `inputs[${i}].feature: the second of its name`),
      ...unless(
        (INPUT_ROLES as readonly unknown[]).includes(role),
        `inputs[${i}].role: not one of ${INPUT_ROLES.join(', ')}`,
      ),
      ...unless(
        missing === 'no_segment' || missing === 'mean',
        `inputs[${i}].missing: not one of no_segment, mean`,
      ),
      ...unless(
        leastDeviation === undefined || (isFinite(leastDeviation, 0) && leastDeviation !== 0),
        `inputs[${i}].leastDeviation: not a number above 0`,
      ),
    ];
  });
}

function scalerComplaints(scaler: unknown, width: number): string[] {
  if (!isFields(scaler)) return ['scaler: not an object'];
  const { version, means, deviations } = scaler;
  return [
    ...unless(isText(version), 'scaler.version: not a text'),
    ...unless(isNumbers(means, width), `scaler.means: not ${width} finite numbers`),
    ...unless(
      isNumbers(deviations, width) && deviations.every((deviation) => deviation > 0),
      `scaler.deviations: not ${width} finite numbers above 0`,
    ),
  ];
}

function centroidComplaints({ centroids, names, naming }: Fields, width: number): string[] {
  if (!Array.isArray(centroids) || centroids.length === 0) return ['centroids: not a list with an entry'];
  const allowed: readonly unknown[] = isNaming(naming)
    ? SEGMENT_NAMES[naming]
    : Object.values(SEGMENT_NAMES).flat();
  return [
    ...(centroids as unknown[]).flatMap((centroid, i) =>
      unless(isNumbers(centroid, width), `centroids[${i}]: not ${width} finite numbers`),
    ),
    ...unless(
      Array.isArray(names) &&
        names.length === centroids.length &&
        names.every((name) => allowed.includes(name)),
      `names: not ${centroids.length} of ${allowed.join(', ')}`,
    ),
  ];
}

function metricsComplaints(metrics: unknown, clusters: number): string[] {
  if (!isFields(metrics)) return ['metrics: not an object'];
  const { people, shares, silhouette, choice } = metrics;
  return [
    ...unless(isFinite(people, 0), 'metrics.people: not a number of at least 0'),
    ...unless(isNumbers(shares, clusters), `metrics.shares: not ${clusters} finite numbers`),
    ...unless(isFinite(silhouette, -1), 'metrics.silhouette: not a number of at least -1'),
    ...choiceComplaints(choice),
  ];
}

function choiceComplaints(choice: unknown): string[] {
  if (!isFields(choice)) return ['metrics.choice: not an object'];
  const { clusters, isStable, trials } = choice;
  const measures = ['clusters', 'agreement', 'jaccard', 'share', 'silhouette'];
  const isTrial = (trial: unknown): boolean =>
    isFields(trial) &&
    typeof trial['isStable'] === 'boolean' &&
    measures.every((measure) => isFinite(trial[measure], -1));
  return [
    ...unless(isFinite(clusters, 1), 'metrics.choice.clusters: not a number of at least 1'),
    ...unless(typeof isStable === 'boolean', 'metrics.choice.isStable: neither true nor false'),
    ...unless(
      Array.isArray(trials) && trials.every(isTrial),
      `metrics.choice.trials: not a list of isStable, ${measures.join(', ')}`,
    ),
  ];
}

function unless(holds: boolean, complaint: string): string[] {
  return holds ? [] : [complaint];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNaming(value: unknown): value is Naming {
  return (NAMINGS as readonly unknown[]).includes(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && !isBlank(value);
}

function isFinite(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= least;
}

function isNumbers(value: unknown, length: number): value is readonly number[] {
  return Array.isArray(value) && value.length === length && value.every(Number.isFinite);
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
