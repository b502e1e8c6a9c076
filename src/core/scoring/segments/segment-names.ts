import type { Points } from './nearest-centroid.ts';
import type { InputRole, SegmentInput } from './segment-inputs.ts';

/** Which rule names the centroids: it is named after the dimension it is for. */
export const NAMINGS = ['value_segment', 'style'] as const;
export type Naming = (typeof NAMINGS)[number];

/** The style of those who are like everybody else. */
export const NO_GROUP = 'none';

/** Names a rule can give. */
export const SEGMENT_NAMES: Readonly<Record<Naming, readonly string[]>> = {
  value_segment: ['high_value', 'potential', 'dormant', 'ordinary'],
  style: ['trend_follower', 'collector', 'socialite', NO_GROUP],
};

const UPPER_THIRD = 2 / 3;
const LOWER_THIRD = 1 / 3;
/** Centroids closer together than this, in standard deviations, have no upper and no lower third. */
const LEAST_SPREAD = 0.5;
/** What a style is known by lies this far above the population's mean … */
const MARKED = 0.75;
/** … and this much above what must stay behind for it, both in standard deviations. */
const AHEAD = 0.25;

/** A style, what it is known by, and what stays behind. Where two fit, the one that is further ahead. */
const STYLES: readonly {
  readonly name: string;
  readonly mark: InputRole;
  readonly behind: readonly InputRole[];
}[] = [
  { name: 'trend_follower', mark: 'novelty', behind: ['frequency'] },
  { name: 'collector', mark: 'price', behind: ['frequency'] },
  { name: 'socialite', mark: 'community', behind: ['frequency', 'price'] },
];

/**
 * The name of each centroid, in their order, from the centroids alone: where they stand among one another
 * (`value_segment`) or against the population (`style`), never from an index, so that any order of the same centroids
 * gives the same names. Several may share one, and not every name need occur.
 *
 * `value_segment`, the first that holds: `dormant` is in the third of the longest silence and, where engagement is an
 * input, in the third of the least; `high_value` is in the upper third of frequency and value, where groups differ in
 * value at all; `potential` is in the upper third of engagement or, where that is no input, of the most recent;
 * `ordinary` is what remains.
 */
export function segmentNames(
  naming: Naming,
  inputs: readonly SegmentInput[],
  centroids: Points,
): readonly string[] {
  return naming === 'style' ? styleNames(inputs, centroids) : valueNames(inputs, centroids);
}

function valueNames(inputs: readonly SegmentInput[], centroids: Points): string[] {
  const silence = positions(centroids.map((centroid) => meanOfRoles(inputs, centroid, ['recency'])));
  const worth = positions(centroids.map((centroid) => meanOfRoles(inputs, centroid, ['frequency', 'value'])));
  const values = centroids.map((centroid) => meanOfRoles(inputs, centroid, ['value']));
  const isOneValue =
    inputs.some(({ role }) => role === 'value') && Math.max(...values) - Math.min(...values) < LEAST_SPREAD;
  const engagement = inputs.some(({ role }) => role === 'engagement')
    ? positions(centroids.map((centroid) => meanOfRoles(inputs, centroid, ['engagement'])))
    : undefined;
  return centroids.map((_, i) => {
    const silent = silence[i] ?? NaN;
    const engaged = engagement?.[i] ?? 1 - silent;
    if (silent >= UPPER_THIRD && engaged <= LOWER_THIRD) return 'dormant';
    if (!isOneValue && (worth[i] ?? NaN) >= UPPER_THIRD) return 'high_value';
    return engaged >= UPPER_THIRD ? 'potential' : 'ordinary';
  });
}

function styleNames(inputs: readonly SegmentInput[], centroids: Points): string[] {
  return centroids.map((centroid) => {
    let name: string = NO_GROUP;
    let furthest = AHEAD;
    for (const style of STYLES) {
      const mark = meanOfRoles(inputs, centroid, [style.mark]);
      const ahead = mark - meanOfRoles(inputs, centroid, style.behind);
      if (mark >= MARKED && ahead >= furthest) {
        name = style.name;
        furthest = ahead;
      }
    }
    return name;
  });
}

/** Mean over the inputs of these roles; 0, the population's mean, where there is none. */
function meanOfRoles(
  inputs: readonly SegmentInput[],
  centroid: readonly number[],
  roles: readonly InputRole[],
): number {
  const values = centroid.filter((_, column) => roles.includes(inputs[column]?.role as InputRole));
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Where each value lies between the least, 0, and the greatest, 1; the middle for all where they are all alike. */
function positions(values: readonly number[]): number[] {
  const least = Math.min(...values);
  const spread = Math.max(...values) - least;
  return values.map((value) => (spread < LEAST_SPREAD ? 0.5 : (value - least) / spread));
}
