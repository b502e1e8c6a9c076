import type { ClickhouseInspection } from '../adapters/clickhouse/inspect-clickhouse.ts';
import { judgeClock, type Findings } from './doctor-finding.ts';

/** What is to be said of a ClickHouse that answers and has the database. */
export function judgeClickhouse(findings: Findings, inspection: ClickhouseInspection): void {
  const { place, version, migrations, writeRefused, readOnlyTables, clock } = inspection;
  findings.ok(`${place} answers, version ${version}`);
  const { missing, unknown } = migrations;
  if (missing.length > 0) {
    findings.problem(`${place} has not seen ${missing.join(', ')}`, 'Run `migrate`.');
  }
  if (unknown.length > 0) {
    findings.problem(
      `${place} was made by a newer version: it has seen ${unknown.join(', ')}`,
      'Run that version, or name another database.',
    );
  }
  if (missing.length === 0 && unknown.length === 0) findings.ok('its tables are up to date');
  if (writeRefused !== undefined) {
    findings.problem(
      writeRefused.message,
      'Grant the user SELECT and INSERT on the database, and see that it is not set to readonly.',
    );
  } else if (missing.length === 0) findings.ok('rows may be inserted');
  if (readOnlyTables.length > 0) {
    findings.problem(
      `the replica takes no rows for ${readOnlyTables.join(', ')}`,
      'Bring ClickHouse Keeper back; SYSTEM RESTORE REPLICA where it lost what it knew.',
    );
  }
  judgeClock(findings, place, clock);
}
