import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import type { ClickhouseHandle } from '../../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';

export interface EmbeddedDatabase {
  readonly path: string;
  readonly handle: ClickhouseHandle;
  readonly analytics: ClickhouseAnalytics;
  /** Closes and deletes it. */
  readonly close: () => Promise<void>;
}

/** A new folder for one test file; the engine serves one at a time, so a file has one, or one after another. */
export async function aTemporaryFolder(): Promise<{
  readonly path: string;
  readonly remove: () => Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A database with all tables, in a folder of its own. */
export async function anEmbeddedDatabase(): Promise<EmbeddedDatabase> {
  const { path, remove } = await aTemporaryFolder();
  const handle = await openEmbeddedClickhouse({ path });
  await migrate(handle);
  const close = async () => {
    await handle.close();
    await remove();
  };
  return { path, handle, analytics: new ClickhouseAnalytics(handle), close };
}
