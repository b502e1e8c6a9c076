import { hash48 } from '../hash.ts';
import { ACT_FEATURES } from './act-features.ts';
import type { Feature } from './feature.ts';
import { PERSON_FEATURES } from './person-features.ts';
import { SCORE_FEATURES } from './score-features.ts';
import { TRADE_FEATURES } from './trade-features.ts';

/** Every feature there is, in a fixed order. Models and packed rows refer to positions: append, never reorder. */
export const CATALOGUE: readonly Feature[] = [
  ...TRADE_FEATURES,
  ...PERSON_FEATURES,
  ...ACT_FEATURES,
  ...SCORE_FEATURES,
];

/** Changes whenever a name, the order or a unit does. */
export const CATALOGUE_HASH: string = hash48(
  CATALOGUE.map((feature) => `${feature.name}:${feature.unit}`).join('\n'),
).toString(16);

const BY_NAME: ReadonlyMap<string, Feature> = new Map(CATALOGUE.map((feature) => [feature.name, feature]));

export function featureNamed(name: string): Feature | undefined {
  return BY_NAME.get(name);
}
