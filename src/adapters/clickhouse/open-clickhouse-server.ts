import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { READING_SETTINGS } from './clickhouse-handle.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { describeServerFailure } from './describe-server-failure.ts';
import { parseServerAddress } from './server-address.ts';

export interface ClickhouseServerOptions {
  /**
   * `http://host:8123` or `https://host:8443`: TLS by the scheme, with the certificates that Node trusts. Of a balancer
   * in front of replicas, a read may miss what was just written through another one.
   */
  readonly url: string;
  /** `default` when neither this nor the URL says. */
  readonly user?: string;
  readonly password?: string;
  /** Must exist; `default` when it is left out. */
  readonly database?: string;
  /** Whether what is sent is compressed (gzip); true, unless said otherwise. Rows shrink to about a fifth. */
  readonly compressRequests?: boolean;
  /** How long a server may be silent before the call counts as failed. */
  readonly requestTimeoutMs?: number;
  /** Connections at most, for writing and again for reading. */
  readonly maxConnections?: number;
  /**
   * What insert tokens begin with. Give another one to write rows again that the server stored and lost: it
   * remembers the tokens of the last inserts, not whether their rows are still there.
   */
  readonly tokenScope?: string;
}

const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 10;

/** Of rows the highest level takes twice the CPU time of the lowest and saves a tenth. */
const GZIP_FAST = { codec: 'gzip', level: 1 } as const;

/**
 * How long an idle connection is used again. Below what servers and balancers keep one (3 s at the least, in
 * ClickHouse before 23.11): a request on a connection that the other end has just closed fails and cannot tell
 * whether it was done. It costs a retry then and no rows: the token is the same.
 */
const IDLE_CONNECTION_MS = 2_000;

/**
 * Opens a database on a ClickHouse server over HTTP and makes sure that it answers; tables are `migrate`'s
 * business. An insert is stored when the server has answered, so `confirmStored` has nothing left to ask.
 *
 * Throws `DATABASE_UNAVAILABLE` when the server is not reached, does not know the user or has no such database,
 * and `CONFIG_INVALID` for an address that is none; no message holds the password. A server that falls silent
 * later makes calls fail after `requestTimeoutMs`, and the handle works again as soon as the server does.
 */
export async function openClickhouseServer(options: ClickhouseServerOptions): Promise<ClickhouseHandle> {
  const address = parseServerAddress(options.url, options);
  const connect = (settings: ClickHouseSettings): ClickHouseClient =>
    createClient({
      url: address.origin,
      username: address.user,
      password: address.password,
      database: address.database,
      application: 'tidemark',
      request_timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      max_open_connections: options.maxConnections ?? MAX_CONNECTIONS,
      compression: { request: (options.compressRequests ?? true) && GZIP_FAST, response: true },
      keep_alive: { idle_socket_ttl: IDLE_CONNECTION_MS, eagerly_destroy_stale_sockets: true },
      clickhouse_settings: settings,
      // What fails is thrown; the client would print it besides, with its parameters.
      log: { level: ClickHouseLogLevel.OFF },
    });
  const client = connect({});
  const reading = connect(READING_SETTINGS);
  const close = async () => void (await Promise.all([client.close(), reading.close()]));
  try {
    // Not the client's ping: that asks neither for the password nor for the database.
    await client.command({ query: 'SELECT 1' });
  } catch (cause) {
    await close();
    throw describeServerFailure(cause, address);
  }
  return {
    client,
    reading,
    place: address.place,
    tokenScope: options.tokenScope ?? '',
    confirmStored: () => Promise.resolve(),
    close,
  };
}
