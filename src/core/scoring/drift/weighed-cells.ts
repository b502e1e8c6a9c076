import type { SizedShares } from './compare-shares.ts';
import type { BinCounts } from './drift-reference.ts';

/** Of one sample: people in the cells, and what they are worth once the cells are weighed (at most their number). */
export interface WeighedSample extends SizedShares {
  readonly people: number;
}

/** Two samples over the same fine bins, weighed so that both have the same mix of tenures. */
export interface WeighedPair {
  readonly reference: WeighedSample;
  readonly current: WeighedSample;
  /** n·m / (n + m) of the two sizes; 0 when no cell has people of both. */
  readonly size: number;
}

/**
 * Weighs cells by n·m / (n + m), the weights of Mantel and Haenszel (1959): of all weights those with which the
 * difference of the shares varies least. `size` is their sum, and so the difference varies as that of two plain
 * samples of the two samples' sizes would. Only those of `cells` that have people of both are used.
 */
export function weighCells(reference: BinCounts, current: BinCounts, cells: readonly number[]): WeighedPair {
  const used = cells.flatMap((cell) => {
    const [ours, theirs] = [reference[cell], current[cell]];
    if (ours === undefined || theirs === undefined) return [];
    const [n, m] = [sumOf(ours), sumOf(theirs)];
    return n > 0 && m > 0 ? [{ ours, theirs, n, m, size: (n * m) / (n + m) }] : [];
  });
  const size = used.reduce((sum, cell) => sum + cell.size, 0);
  const sample = (rows: readonly WeighedRow[]): WeighedSample => ({
    shares: sharesAtMix(rows),
    people: rows.reduce((sum, { people }) => sum + people, 0),
    size: rows.length === 0 ? 0 : 1 / rows.reduce((sum, { people, weight }) => sum + weight ** 2 / people, 0),
  });
  return {
    reference: sample(used.map((cell) => ({ row: cell.ours, people: cell.n, weight: cell.size / size }))),
    current: sample(used.map((cell) => ({ row: cell.theirs, people: cell.m, weight: cell.size / size }))),
    size,
  };
}

/** Shares by bin of a population in which the people of `row` (at least one) have the share `weight`. */
export function sharesAtMix(cells: readonly WeighedRow[]): number[] {
  const shares = new Array<number>(cells[0]?.row.length ?? 0).fill(0);
  for (const { row, people, weight } of cells) addRow(shares, row, weight / people);
  return shares;
}

/** Adds a row to sums. Loops by index: thousands of rows are added per column. */
export function addRow(sums: number[], row: readonly number[], factor: number): void {
  for (let bin = 0; bin < sums.length; bin++) sums[bin] = (sums[bin] ?? 0) + (row[bin] ?? 0) * factor;
}

export function sumOf(row: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] ?? 0;
  return sum;
}

interface WeighedRow {
  readonly row: readonly number[];
  readonly people: number;
  readonly weight: number;
}
