import { readdir } from 'node:fs/promises';
import { TidemarkError } from '../../errors.ts';
import { describeWriteFailure } from './clickhouse-failures.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { selectTable } from './select-table.ts';

export interface ClickhouseInspection {
  readonly place: string;
  readonly version: string;
  readonly migrations: {
    /** Files of this version that the database has not seen. */
    readonly missing: readonly string[];
    /** Files that it has seen, and this version does not know. */
    readonly unknown: readonly string[];
  };
  /** Why rows cannot be inserted; undefined when they can, and while there are no tables. */
  readonly writeRefused: TidemarkError | undefined;
  /** Tables whose replica takes no rows at present. */
  readonly readOnlyTables: readonly string[];
  /** Epoch milliseconds: by our clock before and after it was asked, and what it said. */
  readonly clock: { readonly askedAt: number; readonly serverAt: number; readonly answeredAt: number };
}

const MIGRATIONS = new URL('../../../schemas/clickhouse/', import.meta.url);

/**
 * What a ClickHouse tells of itself and of the tables in its database. Stores nothing: the right to insert is tried with
 * no rows. `now` is our clock, epoch milliseconds. Rejects with `QUERY_FAILED` where not even reading is allowed.
 */
export async function inspectClickhouse(
  handle: ClickhouseHandle,
  now: () => number,
): Promise<ClickhouseInspection> {
  const [version] = await column(handle, 'SELECT version()');
  const askedAt = now();
  const [serverAt] = await column(handle, 'SELECT toUnixTimestamp64Milli(now64(3))');
  const answeredAt = now();
  const tables = await column(handle, 'SELECT name FROM system.tables WHERE database = currentDatabase()');
  const seen = tables.includes('schema_migrations')
    ? await column(handle, 'SELECT name FROM schema_migrations FINAL')
    : [];
  const known = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  return {
    place: handle.place,
    version: version ?? 'unknown',
    migrations: {
      missing: known.filter((name) => !seen.includes(name)),
      unknown: seen.filter((name) => !known.includes(name)),
    },
    writeRefused: tables.includes('tag_transitions_rows') ? await tryInserting(handle) : undefined,
    readOnlyTables: await readOnlyTables(handle),
    clock: { askedAt, serverAt: Number(serverAt), answeredAt },
  };
}

async function column(handle: ClickhouseHandle, sql: string): Promise<string[]> {
  return (await selectTable(handle, sql)).rows.map(([value]) => String(value));
}

/** None where the user may not ask: `system.replicas` needs a grant on some servers. */
async function readOnlyTables(handle: ClickhouseHandle): Promise<string[]> {
  const sql = 'SELECT table FROM system.replicas WHERE database = currentDatabase() AND is_readonly';
  try {
    return await column(handle, sql);
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'QUERY_FAILED') return [];
    throw error;
  }
}

async function tryInserting({ client, place }: ClickhouseHandle): Promise<TidemarkError | undefined> {
  const table = 'tag_transitions_rows';
  try {
    await client.command({ query: `INSERT INTO ${table} SELECT * FROM ${table} WHERE false` });
    return undefined;
  } catch (cause) {
    return describeWriteFailure(cause, table, place);
  }
}
