import { compareShares, type SharesCompared, type SizedShares } from './compare-shares.ts';
import type { BinCounts, FrozenMeasure } from './drift-reference.ts';
import type { DriftSettings } from './drift-settings.ts';
import { addRow, sharesAtMix, sumOf } from './weighed-cells.ts';

export interface EverybodyCompared extends Omit<SharesCompared, 'partUpTo'> {
  /** The part of `psi` that another mix of tenures makes up; the rest happened among people of like tenure. */
  readonly tenurePart: number;
}

/**
 * Everybody against everybody, whatever their tenure. Its tenure part is the way from the reference to what the reference
 * would be at the current mix of tenures: every cell's people as they were, as many as there are now. Who is of
 * a tenure that the reference does not know differs by tenure, and all of that difference is counted so.
 * Undefined when there is nobody on one side.
 */
export function compareEverybody(
  measure: FrozenMeasure,
  reference: BinCounts,
  current: BinCounts,
  settings: DriftSettings,
): EverybodyCompared | undefined {
  const before = everybody(reference);
  const now = everybody(current);
  if (before.size === 0 || now.size === 0) return undefined;
  const asTheyWere = current.flatMap((row, cell) => {
    const people = sumOf(row);
    if (people === 0) return [];
    const weight = people / now.size;
    const was = reference[cell] ?? row;
    return [{ row: was, people: sumOf(was), weight }];
  });
  const { partUpTo, ...numbers } = compareShares(measure, before, now, settings);
  return { ...numbers, tenurePart: partUpTo(sharesAtMix(asTheyWere)) };
}

function everybody(counts: BinCounts): SizedShares {
  const sums = new Array<number>(counts[0]?.length ?? 0).fill(0);
  for (const row of counts) addRow(sums, row, 1);
  const size = sumOf(sums);
  return { shares: sums.map((people) => people / size), size };
}
