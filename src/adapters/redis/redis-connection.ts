import { Cluster, Redis } from 'ioredis';
import { TidemarkError } from '../../errors.ts';
import { describeRedisFailure, unreachable } from './redis-failures.ts';

export interface RedisSettings {
  /** `host:port`; of a cluster any of its nodes, the others are found. */
  readonly addresses: readonly string[];
  readonly isCluster: boolean;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts; undefined without TLS. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** How long an answer may take before it counts as lost. */
  readonly timeoutMs: number;
  /** Told of connections that break and come back. */
  readonly onConnectionEvent?: ((event: 'lost' | 'ready', detail: string) => void) | undefined;
}

/** An open connection, to one server or to a cluster; nothing past this point knows which. */
export interface RedisConnection {
  readonly client: Redis | Cluster;
  /** For messages: addresses, no password. */
  readonly place: string;
  /** One connection to each server that holds data. */
  readonly primaries: () => readonly Redis[];
  /** Waits for the calls at hand. Idempotent. */
  close(): Promise<void>;
}

const SLOWEST_RECONNECT_MS = 2000;

/**
 * Opens a connection and checks that the server can be trusted with state: it must not evict (`maxmemory-policy
 * noeviction`). A connection that breaks later is opened again for ever; calls while it is down fail at once, and those
 * at hand when it broke fail, too, because nobody knows whether they were carried out. Throws `REDIS_UNAVAILABLE` when
 * nobody answers or the password is wrong, `REDIS_EVICTS` when data could be thrown away.
 */
export async function openRedis(settings: RedisSettings): Promise<RedisConnection> {
  const place = `redis ${settings.addresses.join(', ')}`;
  const client = settings.isCluster ? newCluster(settings) : newClient(settings);
  let lastError: Error | undefined;
  client.on('error', (error: Error) => {
    lastError = error;
    settings.onConnectionEvent?.('lost', error.message);
  });
  client.on('ready', () => settings.onConnectionEvent?.('ready', place));
  const connection: RedisConnection = {
    client,
    place,
    primaries: () => (client instanceof Cluster ? client.nodes('master') : [client]),
    close: async () => {
      if (client.status === 'end') return;
      await client.quit().catch(() => {
        client.disconnect();
      });
    },
  };
  try {
    await withDeadline(client.connect(), settings.timeoutMs, () => unreachable(place, lastError));
    await refuseEviction(connection);
    return connection;
  } catch (error) {
    client.disconnect();
    throw describeRedisFailure(lastError ?? error, place, error);
  }
}

function newClient(settings: RedisSettings): Redis {
  const [address = ''] = settings.addresses;
  return new Redis({ ...nodeOptions(settings), ...hostAndPort(address), enableOfflineQueue: false });
}

function newCluster(settings: RedisSettings): Cluster {
  return new Cluster(settings.addresses.map(hostAndPort), {
    redisOptions: nodeOptions(settings),
    enableOfflineQueue: false,
    lazyConnect: true,
    clusterRetryStrategy: reconnectAfterMs,
    // Moved slots are followed; of one that nobody serves whoever asks again decides how long.
    maxRedirections: 16,
    retryDelayOnClusterDown: 200,
    retryDelayOnFailover: 200,
    slotsRefreshTimeout: settings.timeoutMs,
  });
}

function nodeOptions({ username, password, tls, timeoutMs }: RedisSettings) {
  return {
    lazyConnect: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    retryStrategy: reconnectAfterMs,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
  };
}

function reconnectAfterMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), SLOWEST_RECONNECT_MS);
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) {
    const mend = 'write host:port, as in 127.0.0.1:6379';
    throw new TidemarkError('CONFIG_INVALID', `${JSON.stringify(address)} is no address of Redis`, mend);
  }
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port };
}

/** `INFO` tells it also where `CONFIG` is forbidden, as with most rented servers. */
async function refuseEviction({ primaries, place }: RedisConnection): Promise<void> {
  for (const primary of primaries()) {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await primary.info('memory'))?.[1] ?? 'unknown';
    if (policy === 'noeviction') continue;
    throw new TidemarkError(
      'REDIS_EVICTS',
      `${place} has maxmemory-policy ${policy}: it may throw people away when its memory is full`,
      'set maxmemory-policy noeviction, in redis.conf or by CONFIG SET',
    );
  }
}

async function withDeadline<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
