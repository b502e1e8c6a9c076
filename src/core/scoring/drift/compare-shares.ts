import { mergeShares, numericBins, tagBins } from './coarse-bins.ts';
import {
  jensenShannonDivergence,
  populationStabilityIndex,
  smoothShares,
  stabilityPart,
} from './divergence.ts';
import type { FrozenMeasure } from './drift-reference.ts';
import type { DriftSettings } from './drift-settings.ts';
import { kolmogorovSurvival } from './kolmogorov.ts';

/** Shares by a measure's fine bins, and the people they come from (or are worth). */
export interface SizedShares {
  readonly shares: readonly number[];
  readonly size: number;
}

export interface SharesCompared {
  readonly psi: number;
  readonly js: number;
  /** Null for tags, and where one of the two has no number at all. */
  readonly ks: number | null;
  readonly ksPValue: number | null;
  /** Bins less one: without drift psi · n·m / (n + m) is χ² with so many degrees of freedom. */
  readonly degrees: number;
  /** The part of `psi` between the reference and shares that lie in between. */
  readonly partUpTo: (between: readonly number[]) => number;
}

/**
 * A reference's shares against another sample's, both of at least one person. Without drift the index is (1/n + 1/m)
 * times χ² with `degrees` (Yurdakul 2018). Bins that nobody of either is in are left out.
 */
export function compareShares(
  measure: FrozenMeasure,
  reference: SizedShares,
  current: SizedShares,
  settings: DriftSettings,
): SharesCompared {
  const sizes = { ...settings, people: Math.min(reference.size, current.size) };
  const binsFor = measure.kind === 'segment' ? tagBins : numericBins;
  const bins = binsFor(reference.shares, sizes);
  const merged = [mergeShares(bins, reference.shares), mergeShares(bins, current.shares)] as const;
  const used = merged[0].flatMap((share, i) => (share > 0 || (merged[1][i] ?? 0) > 0 ? [i] : []));
  const pick = (shares: readonly number[]): number[] => used.map((i) => shares[i] ?? 0);
  const before = smoothShares(pick(merged[0]), reference.size);
  const after = smoothShares(pick(merged[1]), current.size);
  return {
    psi: populationStabilityIndex(before, after),
    js: jensenShannonDivergence(pick(merged[0]), pick(merged[1])),
    ...(measure.kind === 'segment' ? NO_DISTANCE : distanceOf(reference, current)),
    degrees: used.length - 1,
    partUpTo: (between) => {
      const middle = smoothShares(pick(mergeShares(bins, between)), reference.size);
      return stabilityPart(before, after, before, middle);
    },
  };
}

const NO_DISTANCE = { ks: null, ksPValue: null } as const;

/** Read at the cuts between fine bins: at most one fine bin's share below the distance between all values. */
function distanceOf(reference: SizedShares, current: SizedShares): Pick<SharesCompared, 'ks' | 'ksPValue'> {
  const [n, m] = [numbersOf(reference), numbersOf(current)];
  if (n === 0 || m === 0) return NO_DISTANCE;
  let below = 0;
  let otherBelow = 0;
  let distance = 0;
  reference.shares.slice(0, -1).forEach((share, i) => {
    below += share * reference.size;
    otherBelow += (current.shares[i] ?? 0) * current.size;
    distance = Math.max(distance, Math.abs(below / n - otherBelow / m));
  });
  return { ks: distance, ksPValue: kolmogorovSurvival(distance, (n * m) / (n + m)) };
}

/** People who have a number. */
function numbersOf({ shares, size }: SizedShares): number {
  return shares.slice(0, -1).reduce((sum, share) => sum + share, 0) * size;
}
