import { compareWithReference } from '../../src/core/scoring/drift/compare-with-reference.ts';
import { freezeReference, type Snapshot } from '../../src/core/scoring/drift/drift-reference.ts';
import type { DriftRow } from '../../src/core/scoring/drift/drift-row.ts';
import { judgeDrift } from '../../src/core/scoring/drift/judge-drift.ts';

/** Rows of a snapshot against another with the same columns, judged with the defaults. */
export function comparedRows(before: Snapshot, now: Snapshot): DriftRow[] {
  const findings = compareWithReference(freezeReference(before), now);
  if (!findings.ok) throw new Error(`${findings.error.reason} ${findings.error.what}`);
  return judgeDrift(findings.value);
}

export function rowOf(rows: readonly DriftRow[], name: string, stratum: string): DriftRow {
  const row = rows.find((candidate) => candidate.name === name && candidate.stratum === stratum);
  if (row === undefined) throw new Error(`no row ${name}, ${stratum}`);
  return row;
}

/** Names and strata of the rows that alarm. */
export function alarmsOf(rows: readonly DriftRow[]): string[] {
  return rows.flatMap(({ alarm, name, stratum }) => (alarm ? [`${name}, ${stratum}`] : []));
}
