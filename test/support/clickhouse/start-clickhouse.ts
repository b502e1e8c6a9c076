import { randomUUID } from 'node:crypto';
import { createClient } from '@clickhouse/client';
import { dockerAnswers, startDockerClickhouse } from './docker-clickhouse.ts';
import { LocalClickhouse } from './local-clickhouse.ts';

export interface ClickhouseAddress {
  /** Without credentials. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface StartedClickhouse extends ClickhouseAddress {
  /** New and empty, of this caller alone. */
  readonly database: string;
  /** Drops the database and ends what was started. */
  close(): Promise<void>;
}

/**
 * A ClickHouse server for tests: the one at TIDEMARK_TEST_CLICKHOUSE (`http://user:password@host:8123`), else one
 * in Docker when an engine answers, else the engine of the npm package chdb behind an HTTP server of our own.
 * Tests that need faults take {@link LocalClickhouse}, whatever the environment says.
 */
export async function startClickhouse(): Promise<StartedClickhouse> {
  const server = await startServer();
  const database = `tidemark_test_${randomUUID().replaceAll('-', '')}`;
  const client = createClient({ url: server.url, username: server.user, password: server.password });
  try {
    await client.command({ query: `CREATE DATABASE ${database}` });
  } catch (cause) {
    await client.close();
    await server.close();
    throw cause;
  }
  return {
    url: server.url,
    user: server.user,
    password: server.password,
    database,
    async close() {
      try {
        await client.command({ query: `DROP DATABASE ${database} SYNC` });
      } finally {
        await client.close();
        await server.close();
      }
    },
  };
}

async function startServer(): Promise<ClickhouseAddress & { close(): Promise<void> }> {
  const address = process.env['TIDEMARK_TEST_CLICKHOUSE'];
  if (address !== undefined && address !== '') {
    const { username, password, origin } = new URL(address);
    return {
      url: origin,
      user: decodeURIComponent(username) || 'default',
      password: decodeURIComponent(password),
      close: () => Promise.resolve(),
    };
  }
  const failures: unknown[] = [];
  const ways = (await dockerAnswers()) ? [startDockerClickhouse, startLocal] : [startLocal];
  for (const start of ways) {
    try {
      return await start();
    } catch (cause) {
      // An engine that answers may still be unable to fetch the image.
      failures.push(cause);
    }
  }
  throw new AggregateError(
    failures,
    'These tests need ClickHouse, one of three ways: the address of a server in TIDEMARK_TEST_CLICKHOUSE ' +
      '(http://user:password@host:8123), a Docker engine that answers, or the npm package chdb (`npm install chdb`).',
  );
}

function startLocal(): Promise<LocalClickhouse> {
  return LocalClickhouse.start();
}
