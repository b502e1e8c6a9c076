import { chiSquaredQuantile, chiSquaredSurvival } from './chi-squared.ts';
import { compareShares } from './compare-shares.ts';
import type { BinCounts, FrozenMeasure } from './drift-reference.ts';
import type { DriftTest } from './drift-row.ts';
import { leastPeople, type DriftSettings } from './drift-settings.ts';
import { weighCells } from './weighed-cells.ts';

/** People against people of like tenure. */
export interface AlikeCompared {
  /** People in cells that have some of both. */
  readonly reference: number;
  readonly current: number;
  /** Undefined where they are too few. */
  readonly numbers?: AlikeNumbers;
}

export interface AlikeNumbers {
  readonly psi: number;
  readonly js: number;
  readonly ks: number | null;
  readonly ksPValue: number | null;
  /** Without drift `psi · size` is χ² with `degrees`. */
  readonly degrees: number;
  readonly size: number;
}

/** One stratum: the people of `cells`, weighed so that both samples have the same mix of cells. */
export function compareStratum(
  measure: FrozenMeasure,
  reference: BinCounts,
  current: BinCounts,
  cells: readonly number[],
  settings: DriftSettings,
): AlikeCompared {
  const pair = weighCells(reference, current, cells);
  const people = { reference: pair.reference.people, current: pair.current.people };
  if (Math.min(pair.reference.size, pair.current.size) < leastPeople(settings)) return people;
  const { psi, js, ks, ksPValue, degrees } = compareShares(measure, pair.reference, pair.current, settings);
  return { ...people, numbers: { psi, js, ks, ksPValue, degrees, size: pair.size } };
}

/**
 * Strata together, each weighing its `size`: a mean of indices with these weights is again χ² without drift, with all
 * degrees of freedom, divided by all sizes. Probabilities of distances are combined by Fisher's method (1925).
 */
export function combineStrata(strata: readonly AlikeCompared[]): AlikeCompared {
  const compared = strata.filter((stratum) => stratum.numbers !== undefined);
  const people = {
    reference: compared.reduce((sum, { reference }) => sum + reference, 0),
    current: compared.reduce((sum, { current }) => sum + current, 0),
  };
  const all = compared.flatMap(({ numbers }) => numbers ?? []);
  if (all.length === 0) return people;
  const size = all.reduce((sum, one) => sum + one.size, 0);
  const mean = (numbers: readonly AlikeNumbers[], of: (one: AlikeNumbers) => number): number =>
    numbers.reduce((sum, one) => sum + one.size * of(one), 0) /
    numbers.reduce((sum, one) => sum + one.size, 0);
  const distances = all.filter(({ ks }) => ks !== null);
  const surprise = distances.reduce((sum, one) => sum - 2 * Math.log(one.ksPValue ?? 1), 0);
  const none = distances.length === 0;
  return {
    ...people,
    numbers: {
      psi: mean(all, (one) => one.psi),
      js: mean(all, (one) => one.js),
      ks: none ? null : mean(distances, (one) => one.ks ?? 0),
      ksPValue: none ? null : chiSquaredSurvival(surprise, 2 * distances.length),
      degrees: all.reduce((sum, one) => sum + one.degrees, 0),
      size,
    },
  };
}

/**
 * The test of an index. Its limit is the greater of two: what the index passes without drift with the level's probability,
 * and `minimumEffect` above its mean without drift. Of a million people any difference is significant, and the
 * second keeps those that nobody would act on from alarming; of few people only the first is ever met.
 */
export function indexTest({ psi, degrees, size }: AlikeNumbers, settings: DriftSettings): DriftTest {
  // A constant that stayed one: nothing can be told from nothing, but it was looked at.
  if (degrees === 0) return { statistic: psi, pValue: 1, limitAt: () => settings.minimumEffect };
  return {
    statistic: psi,
    pValue: chiSquaredSurvival(psi * size, degrees),
    limitAt: (level) =>
      Math.max(chiSquaredQuantile(level, degrees) / size, settings.minimumEffect + degrees / size),
  };
}
