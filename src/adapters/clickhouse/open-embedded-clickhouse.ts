import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import { READING_SETTINGS } from './clickhouse-handle.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { describeOpenFailure, prepareDatabaseFolder } from './database-folder.ts';
import { readTokenScope, watchEmbeddedStorage } from './embedded-storage.ts';
import { loadChdb } from './load-chdb.ts';

export interface EmbeddedOptions {
  /** The database folder; relative to the working directory. */
  readonly path: string;
  /** true: fail with `INPUT_NOT_FOUND` rather than make a new database. */
  readonly mustExist?: boolean;
}

/**
 * Opens a ClickHouse database in a folder of this machine, inside this process. Creates the folder when it is
 * new; tables are `migrate`'s business. About 0.3 s and 200 MB of memory, most of it the engine's code.
 *
 * One process at a time holds a folder, and a process holds one folder at a time: `close` and await it before
 * opening another. A folder that a killed process left behind opens like any other. Files named
 * `tidemark.*` may lie beside the engine's own. Throws `DATABASE_UNAVAILABLE` (no engine, no access, a file, in
 * use, other people's files) or, with `mustExist`, `INPUT_NOT_FOUND`.
 */
export async function openEmbeddedClickhouse(options: EmbeddedOptions): Promise<ClickhouseHandle> {
  const { path } = options;
  const { createChdbConnection, drainPending } = await loadChdb();
  await prepareDatabaseFolder(path, options.mustExist ?? false);
  const clients: ClickHouseClient[] = [];
  const connect = () => {
    const client = createClient({ connection: createChdbConnection({ path }) });
    clients.push(client);
    return client;
  };
  const close = async () => {
    for (const client of clients.splice(0)) await client.close();
    await drainPending();
  };
  try {
    const client = connect();
    const reading = connect();
    // The embedded engine keeps what a statement SETs for the whole connection, and the last of these settings
    // forbids setting more: they are given once, here, and not with every query as a server takes them.
    const settings = Object.entries(READING_SETTINGS).map(([name, value]) => `${name} = '${value}'`);
    await reading.command({ query: `SET ${settings.join(', ')}` });
    const tokenScope = await readTokenScope(reading);
    const confirmStored = await watchEmbeddedStorage(reading, path);
    return { client, reading, place: path, tokenScope, confirmStored, close };
  } catch (cause) {
    await close();
    throw await describeOpenFailure(path, cause);
  }
}
