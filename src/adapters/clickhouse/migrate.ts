import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { TidemarkError } from '../../errors.ts';
import { describeWriteFailure } from './clickhouse-failures.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { onCluster } from './cluster-statements.ts';
import { refuseCluster } from './refuse-cluster.ts';
import { type RetentionDays, retentionStatements } from './retention.ts';
import { selectTable } from './select-table.ts';
import { splitStatements } from './split-statements.ts';

/** Beside src/ and dist/ alike. */
const MIGRATIONS = new URL('../../../schemas/clickhouse/', import.meta.url);

const HISTORY = `CREATE TABLE IF NOT EXISTS schema_migrations
(
    name       String                 COMMENT 'File in schemas/clickhouse',
    checksum   String                 COMMENT 'SHA-256 of the file when it was applied',
    applied_at DateTime64(3, 'UTC')   COMMENT 'When, UTC'
)
ENGINE = ReplacingMergeTree
ORDER BY name
COMMENT 'Which migrations this database has seen'`;

/** Less than a client waits for an answer, so that it is ClickHouse that says which replica did not follow. */
const CLUSTER_SETTINGS = { distributed_ddl_task_timeout: '45' } satisfies ClickHouseSettings;

export interface MigrateOptions {
  readonly folder?: URL;
  /** Name of the cluster that all replicas are in, or a macro such as `{cluster}`; left out, one server. */
  readonly cluster?: string;
  readonly retentionDays?: RetentionDays;
}

export interface MigrationReport {
  /** Names of the files applied now, in order. */
  readonly applied: string[];
  readonly already: string[];
}

interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
}

/**
 * Brings the tables up to date: applies the numbered files of schemas/clickhouse that the database has not
 * seen, in order, and records each with its checksum when all its statements are through; then sets the retention,
 * if one is given. Running it again does nothing; being killed in the middle or running twice at once does no
 * harm, because every statement in those files can be repeated.
 *
 * With `cluster` every statement runs on all its replicas and the tables are replicated ({@link onCluster}). The
 * checksums are of the files, so a database knows its migrations whatever it was made as, but it cannot be turned
 * from one kind into the other.
 *
 * Throws `SCHEMA_CONFLICT` when a file was edited after it was applied, when the database has seen a
 * migration that this version does not know, or when the cluster is not one to be used; `DATABASE_WRITE` when a
 * statement fails.
 */
export async function migrate(
  handle: ClickhouseHandle,
  { folder = MIGRATIONS, cluster, retentionDays }: MigrateOptions = {},
): Promise<MigrationReport> {
  const migrations = await readMigrations(folder);
  const define = (statement: string, name: string) =>
    cluster === undefined
      ? run(handle, statement, name)
      : run(handle, onCluster(statement, cluster), name, {}, CLUSTER_SETTINGS);
  await handle.confirmStored();
  if (cluster !== undefined) await refuseCluster(handle, cluster);
  await define(HISTORY, 'schema_migrations');
  const seen = await readHistory(handle);
  refuseConflicts(migrations, seen, handle.place);
  const report: MigrationReport = { applied: [], already: [] };
  for (const { name, checksum, statements } of migrations) {
    if (seen.has(name)) {
      report.already.push(name);
      continue;
    }
    for (const statement of statements) await define(statement, name);
    await run(
      handle,
      'INSERT INTO schema_migrations SELECT {name:String}, {checksum:String}, now64(3)',
      'schema_migrations',
      { name, checksum },
    );
    report.applied.push(name);
  }
  if (retentionDays !== undefined) {
    const engines = await readEngines(handle);
    for (const statement of retentionStatements(retentionDays, (table) => engines.get(table)))
      await define(statement, 'the retention');
  }
  await handle.confirmStored();
  return report;
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      // A checkout with other line endings is the same file.
      const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
      return {
        name,
        checksum: createHash('sha256').update(sql).digest('hex'),
        statements: splitStatements(sql).map((statement) => statement.text),
      };
    }),
  );
}

async function readHistory(handle: ClickhouseHandle): Promise<Map<string, string>> {
  const { rows } = await selectTable(handle, 'SELECT name, checksum FROM schema_migrations FINAL');
  return new Map(rows.map(([name, checksum]) => [String(name), String(checksum)]));
}

async function readEngines(handle: ClickhouseHandle): Promise<Map<string, string>> {
  const { rows } = await selectTable(
    handle,
    'SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()',
  );
  return new Map(rows.map(([name, engine]) => [String(name), String(engine)]));
}

function refuseConflicts(
  migrations: readonly Migration[],
  seen: ReadonlyMap<string, string>,
  place: string,
): void {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]));
  for (const [name, checksum] of seen) {
    if (!known.has(name)) {
      throw new TidemarkError(
        'SCHEMA_CONFLICT',
        `${place} was made by a newer version: it has seen the migration ${name}, which this version does not know`,
        'Use that version, or replay into a new database.',
      );
    }
    if (known.get(name) !== checksum) {
      throw new TidemarkError(
        'SCHEMA_CONFLICT',
        `schemas/clickhouse/${name} was edited after it was applied to ${place}`,
        'Put the file back as it was and write the change as a new file with the next number; or replay into a new database.',
      );
    }
  }
}

async function run(
  handle: ClickhouseHandle,
  query: string,
  name: string,
  parameters: Readonly<Record<string, unknown>> = {},
  settings: ClickHouseSettings = {},
): Promise<void> {
  try {
    await handle.client.command({ query, query_params: { ...parameters }, clickhouse_settings: settings });
  } catch (cause) {
    throw describeWriteFailure(cause, name, handle.place);
  }
}
