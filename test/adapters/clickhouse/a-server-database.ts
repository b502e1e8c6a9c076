import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import type { ClickhouseHandle } from '../../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { startClickhouse } from '../../support/clickhouse/start-clickhouse.ts';

export interface ServerDatabase {
  readonly handle: ClickhouseHandle;
  readonly analytics: ClickhouseAnalytics;
  /** Closes it, drops it and ends the server if it was started for it. */
  readonly close: () => Promise<void>;
}

/** A database with all tables on a server. */
export async function aServerDatabase(): Promise<ServerDatabase> {
  const server = await startClickhouse();
  try {
    const handle = await openClickhouseServer(server);
    const close = async () => {
      await handle.close();
      await server.close();
    };
    await migrate(handle).catch(async (cause: unknown) => {
      await close();
      throw cause;
    });
    return { handle, analytics: new ClickhouseAnalytics(handle), close };
  } catch (cause) {
    await server.close();
    throw cause;
  }
}
