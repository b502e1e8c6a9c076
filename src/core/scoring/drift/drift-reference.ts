import type { Instant } from '../../time.ts';
import {
  bandOf,
  cellOf,
  DEFAULT_TENURE_BANDS,
  tenureCells,
  wholeDays,
  type TenureBands,
  type TenureCell,
} from './tenure.ts';
import { binCount, binOf, valueCuts } from './value-cuts.ts';

/** Raised when old references cannot be compared with any more. */
export const DRIFT_REFERENCE_FORMAT = 1;

/** Bands with fewer people have no say in where cuts lie: they are too few to be compared. */
const LEAST_IN_BAND = 20;

/** One number of every person (NaN: there is none), or one tag. */
export type Column =
  | { readonly kind: 'feature' | 'score'; readonly name: string; readonly values: ArrayLike<number> }
  | { readonly kind: 'segment'; readonly name: string; readonly tags: ArrayLike<string> };

/** People at one instant, column by column: position i is the same person everywhere. */
export interface Snapshot {
  readonly at: Instant;
  /** Days since the person was first seen; NaN or negative for unknown. */
  readonly tenureDays: ArrayLike<number>;
  readonly columns: readonly Column[];
}

interface FrozenColumn {
  readonly name: string;
  /** People per tenure cell and bin, cells in the reference's order. */
  readonly counts: readonly (readonly number[])[];
}

export type FrozenMeasure =
  | (FrozenColumn & { readonly kind: 'feature' | 'score'; readonly cuts: readonly number[] })
  /** The last bin is that of tags that are not listed: empty in the reference. */
  | (FrozenColumn & { readonly kind: 'segment'; readonly tags: readonly string[] });

/** What a set of columns looked like, for later comparison. Survives JSON; holds counts only, no person. */
export interface DriftReference {
  readonly format: typeof DRIFT_REFERENCE_FORMAT;
  readonly frozenAt: Instant;
  readonly people: number;
  readonly bands: TenureBands;
  readonly cells: readonly TenureCell[];
  readonly measures: readonly FrozenMeasure[];
}

/** People of a snapshot by cell and bin; the row after the last cell is of tenures that the reference does not know. */
export type BinCounts = readonly (readonly number[])[];

/**
 * Freezes a snapshot. Deterministic, and the order of the people does not matter. O(people · log people) per column. The
 * result has a number per cell and bin of every column, however many the people: tens of kilobytes of JSON each.
 */
export function freezeReference(
  snapshot: Snapshot,
  bands: TenureBands = DEFAULT_TENURE_BANDS,
): DriftReference {
  const days = Float64Array.from(snapshot.tenureDays, wholeDays);
  const cells = tenureCells(bands, days);
  const places = placesOf(cells, days);
  const measures = snapshot.columns.map((column): FrozenMeasure => {
    const { kind, name } = column;
    if (kind === 'segment') {
      const tags = [...new Set(Array.from(column.tags))].sort();
      return {
        kind,
        name,
        tags,
        counts: frozenCounts(cells, { kind, name, tags, counts: [] }, column, places),
      };
    }
    const cuts = valueCuts(groupsOf(column.values, bands, days));
    return {
      kind,
      name,
      cuts,
      counts: frozenCounts(cells, { kind, name, cuts, counts: [] }, column, places),
    };
  });
  const { at: frozenAt } = snapshot;
  return { format: DRIFT_REFERENCE_FORMAT, frozenAt, people: days.length, bands, cells, measures };
}

/** Cell of every person of a snapshot; the number of cells for who is in none. */
export function placesOf(cells: readonly TenureCell[], tenureDays: ArrayLike<number>): Int32Array {
  return Int32Array.from(tenureDays, (tenure) => {
    const cell = cellOf(cells, wholeDays(tenure));
    return cell < 0 ? cells.length : cell;
  });
}

function binsOf(measure: FrozenMeasure): number {
  return measure.kind === 'segment' ? measure.tags.length + 1 : binCount(measure.cuts);
}

/** Counts a column into a measure's bins. `column` is of the measure's kind. O(people · log bins). */
export function countBins(
  cells: readonly TenureCell[],
  measure: FrozenMeasure,
  column: Column,
  places: Int32Array,
): number[][] {
  const length = column.kind === 'segment' ? column.tags.length : column.values.length;
  if (length !== places.length)
    throw new Error(`column ${column.name} has ${length} people, the snapshot ${places.length}`);
  const bins = binsOf(measure);
  const counts = Array.from({ length: cells.length + 1 }, () => new Array<number>(bins).fill(0));
  const bin = binReader(measure, column);
  for (let i = 0; i < places.length; i++) {
    const row = counts[places[i] ?? 0];
    const at = bin(i);
    if (row !== undefined) row[at] = (row[at] ?? 0) + 1;
  }
  return counts;
}

function binReader(measure: FrozenMeasure, column: Column): (person: number) => number {
  if (measure.kind === 'segment' && column.kind === 'segment') {
    const indices = new Map(measure.tags.map((tag, i) => [tag, i]));
    return (person) => indices.get(column.tags[person] ?? '') ?? measure.tags.length;
  }
  if (measure.kind !== 'segment' && column.kind !== 'segment') {
    const { cuts } = measure;
    const { values } = column;
    return (person) => binOf(cuts, values[person] ?? NaN);
  }
  throw new Error(`column ${column.name} is a ${column.kind}, its reference a ${measure.kind}`);
}

function frozenCounts(
  cells: readonly TenureCell[],
  measure: FrozenMeasure,
  column: Column,
  places: Int32Array,
): number[][] {
  return countBins(cells, measure, column, places).slice(0, cells.length);
}

/** The values of all, and of every band that can be compared. */
function groupsOf(values: ArrayLike<number>, bands: TenureBands, days: Float64Array): Float64Array[] {
  const all = Float64Array.from(values);
  const byBand = new Map<number, number[]>();
  all.forEach((value, i) => {
    const band = bandOf(bands, days[i] ?? -1);
    const group = byBand.get(band);
    if (group === undefined) byBand.set(band, [value]);
    else group.push(value);
  });
  const groups = [...byBand.values()].filter((group) => group.length >= LEAST_IN_BAND);
  return [all, ...groups.map((group) => Float64Array.from(group))];
}
