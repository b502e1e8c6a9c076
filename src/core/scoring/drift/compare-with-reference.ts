import { err, ok, type Result } from '../../result.ts';
import { chiSquaredSurvival } from './chi-squared.ts';
import { combineStrata, compareStratum, indexTest, type AlikeCompared } from './compare-alike.ts';
import { compareEverybody } from './compare-everybody.ts';
import {
  countBins,
  DRIFT_REFERENCE_FORMAT,
  placesOf,
  type BinCounts,
  type DriftReference,
  type FrozenMeasure,
  type Snapshot,
} from './drift-reference.ts';
import { blankRow, type Finding } from './drift-row.ts';
import { DEFAULT_DRIFT_SETTINGS, type DriftSettings } from './drift-settings.ts';
import { bandName } from './tenure.ts';

export interface ReferenceMismatch {
  /** `format`: made by another version; `missing`: the snapshot lacks a column; `unknown`: the reference does. */
  readonly reason: 'format' | 'missing' | 'unknown';
  /** The column, or the format found. */
  readonly what: string;
}

/**
 * A snapshot against a reference: per column the rows `all`, `like tenure` and one per tenure band that has people of
 * both. Columns may come in any order but must be those of the reference. Nothing alarms yet: give all findings
 * of one occasion to `judgeDrift` together. People who are in both samples make alarms rarer, never more frequent.
 * O(people · log bins) per column.
 */
export function compareWithReference(
  reference: DriftReference,
  snapshot: Snapshot,
  settings: Partial<DriftSettings> = {},
): Result<Finding[], ReferenceMismatch> {
  const format: number = reference.format;
  if (format !== DRIFT_REFERENCE_FORMAT) return err({ reason: 'format', what: String(format) });
  const columns = new Map(snapshot.columns.map((column) => [keyOf(column), column]));
  const places = placesOf(reference.cells, snapshot.tenureDays);
  const findings: Finding[] = [];
  for (const measure of reference.measures) {
    const column = columns.get(keyOf(measure));
    if (column === undefined) return err({ reason: 'missing', what: measure.name });
    columns.delete(keyOf(measure));
    const current = countBins(reference.cells, measure, column, places);
    const chosen = { ...DEFAULT_DRIFT_SETTINGS, ...settings };
    findings.push(...compareMeasure(reference, measure, current, snapshot, chosen));
  }
  const [unknown] = columns.values();
  return unknown === undefined ? ok(findings) : err({ reason: 'unknown', what: unknown.name });
}

function keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${name}`;
}

function compareMeasure(
  reference: DriftReference,
  measure: FrozenMeasure,
  current: BinCounts,
  snapshot: Snapshot,
  settings: DriftSettings,
): Finding[] {
  const bands = [...cellsByBand(reference)].map(([band, cells]) => {
    return { band, compared: compareStratum(measure, measure.counts, current, cells, settings) };
  });
  const { kind, name } = measure;
  const row = (stratum: string, n_reference: number, n_current: number): Finding['row'] =>
    blankRow({ measured_at: snapshot.at, kind, name, stratum, n_reference, n_current });
  const alike = (stratum: string, compared: AlikeCompared): Finding => {
    const blank = row(stratum, compared.reference, compared.current);
    if (compared.numbers === undefined) return { row: blank };
    const { psi, js, ks, ksPValue } = compared.numbers;
    const test = indexTest(compared.numbers, settings);
    return { row: { ...blank, psi, js, ks, p_value: ksPValue, drift_p_value: test.pValue }, test };
  };
  const everybody = row('all', reference.people, snapshot.tenureDays.length);
  const naive = compareEverybody(measure, measure.counts, current, settings);
  return [
    { row: naive === undefined ? everybody : { ...everybody, ...namedNaive(naive, everybody) } },
    alike('like tenure', combineStrata(bands.map(({ compared }) => compared))),
    ...bands
      .filter(({ compared }) => compared.reference > 0)
      .map(({ band, compared }) => alike(bandName(reference.bands, band), compared)),
  ];
}

function cellsByBand({ cells }: DriftReference): Map<number, number[]> {
  const byBand = new Map<number, number[]>();
  cells.forEach(({ band }, cell) => {
    const some = byBand.get(band);
    if (some === undefined) byBand.set(band, [cell]);
    else some.push(cell);
  });
  return byBand;
}

function namedNaive(
  { psi, js, ks, ksPValue, degrees, tenurePart }: NonNullable<ReturnType<typeof compareEverybody>>,
  { n_reference: n, n_current: m }: Finding['row'],
): Partial<Finding['row']> {
  const drift_p_value = degrees === 0 ? 1 : chiSquaredSurvival((psi * n * m) / (n + m), degrees);
  return { psi, js, ks, p_value: ksPValue, drift_p_value, tenure_part: tenurePart };
}
