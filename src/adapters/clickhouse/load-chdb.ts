import type { ClickHouseClientConfigOptions } from '@clickhouse/client';
import { TidemarkError } from '../../errors.ts';

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;

/** What Tidemark uses of the `chdb` package, the ClickHouse engine as a library. */
export interface ChdbEngine {
  readonly createChdbConnection: (options: { readonly path: string }) => Connection;
  /** Resolves when every closed connection has let go of its folder. */
  readonly drainPending: () => Promise<void>;
}

async function importChdb(): Promise<ChdbEngine> {
  const [{ createChdbConnection }, { drainPending }] = await Promise.all([
    import('chdb/connection'),
    import('chdb'),
  ]);
  // The client and chdb each carry a copy of the same interface, and the copies' optional fields differ.
  return {
    createChdbConnection: (options) => createChdbConnection(options) as unknown as Connection,
    drainPending,
  };
}

/**
 * Loads the engine on first use, because `chdb` is an optional dependency of half a gigabyte that an
 * installation with a ClickHouse server leaves out. Throws `DATABASE_UNAVAILABLE` with what to install when it
 * is missing, and when it is there but does not load (another platform's copy, a C library too old).
 */
export async function loadChdb(importer: () => Promise<ChdbEngine> = importChdb): Promise<ChdbEngine> {
  try {
    return await importer();
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    const what = missing
      ? 'the embedded ClickHouse engine (npm package chdb) is not installed'
      : `the embedded ClickHouse engine (npm package chdb) does not load: ${firstLine(cause)}`;
    throw new TidemarkError(
      'DATABASE_UNAVAILABLE',
      what,
      'Run `npm install chdb` in the project, or `rm -rf node_modules && npm ci` if it was installed for another ' +
        'machine. It exists for Linux with glibc and for macOS, on x64 and arm64; on Windows use WSL 2.',
      cause,
    );
  }
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n', 1)[0] ?? message;
}
