import { Cluster, type Redis } from 'ioredis';
import { layoutKey } from './keys.ts';
import { openRedis, type RedisConnection, type RedisSettings } from './redis-connection.ts';
import { describeRedisFailure } from './redis-failures.ts';

export interface InspectedRedis {
  /** `host:port`. */
  readonly address: string;
  readonly version: string;
  /** It takes no writes then. */
  readonly isReplica: boolean;
  /** Set up as a node of a cluster, whether or not we were told so. */
  readonly isClusterNode: boolean;
  readonly isAppendOnly: boolean;
  /** Replicas that are connected to it. */
  readonly replicas: number;
  readonly evictionPolicy: string;
  readonly usedBytes: number;
  /** `maxmemory`; 0: none. */
  readonly limitBytes: number;
  /** Memory of its machine; 0 where it is not told. */
  readonly machineBytes: number;
  /** Undefined where the user may not ask for the time. */
  readonly clock: ClockReading | undefined;
}

/** Epoch milliseconds: by our clock before and after it was asked, and what it said. */
interface ClockReading {
  readonly askedAt: number;
  readonly serverAt: number;
  readonly answeredAt: number;
}

export interface RedisInspection {
  /** Every server that holds data. */
  readonly servers: readonly InspectedRedis[];
  readonly cluster:
    { readonly state: string; readonly slotsServed: number; readonly nodes: number } | undefined;
  /** What the state there was kept for; undefined while there is none. */
  readonly layout: { readonly partitions: number; readonly version: number } | undefined;
}

/**
 * What Redis tells of itself and of the state under the prefix. Writes nothing. `now` is our clock, epoch
 * milliseconds. Rejects as {@link openRedis} does, also when it may evict.
 */
export async function inspectRedis(
  settings: RedisSettings,
  prefix: string,
  now: () => number,
): Promise<RedisInspection> {
  const connection = await openRedis(settings);
  try {
    const servers = await Promise.all(connection.primaries().map((primary) => inspectServer(primary, now)));
    return {
      servers,
      cluster: await inspectCluster(connection),
      layout: await readLayout(connection, prefix),
    };
  } catch (error) {
    throw describeRedisFailure(error, connection.place);
  } finally {
    await connection.close();
  }
}

async function inspectServer(server: Redis, now: () => number): Promise<InspectedRedis> {
  const info = fieldsOf(await server.info());
  const number = (name: string): number => Number(info.get(name) ?? 0);
  const { host = '', port = 0 } = server.options;
  return {
    address: `${host}:${port}`,
    // Valkey tells as `redis_version` the one that it is compatible with.
    version: info.get('redis_version') ?? 'unknown',
    isReplica: info.get('role') === 'slave',
    isClusterNode: info.get('cluster_enabled') === '1',
    isAppendOnly: info.get('aof_enabled') === '1',
    replicas: number('connected_slaves'),
    evictionPolicy: info.get('maxmemory_policy') ?? 'unknown',
    usedBytes: number('used_memory'),
    limitBytes: number('maxmemory'),
    machineBytes: number('total_system_memory'),
    clock: await readClock(server, now),
  };
}

/** A worker's user needs no TIME; that it may not ask is no fault. */
async function readClock(server: Redis, now: () => number): Promise<ClockReading | undefined> {
  const askedAt = now();
  try {
    const [seconds, micros] = await server.time();
    return { askedAt, serverAt: Number(seconds) * 1000 + Number(micros) / 1000, answeredAt: now() };
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return undefined;
    throw error;
  }
}

async function inspectCluster({ client, primaries }: RedisConnection): Promise<RedisInspection['cluster']> {
  const [one] = primaries();
  if (!(client instanceof Cluster) || one === undefined) return undefined;
  const info = fieldsOf(String(await one.cluster('INFO')));
  return {
    state: info.get('cluster_state') ?? 'unknown',
    slotsServed: Number(info.get('cluster_slots_ok') ?? 0),
    nodes: Number(info.get('cluster_known_nodes') ?? 0),
  };
}

async function readLayout({ client }: RedisConnection, prefix: string): Promise<RedisInspection['layout']> {
  const [partitions, version] = await client.hmget(layoutKey(prefix), 'partitions', 'version');
  if (partitions === null || partitions === undefined) return undefined;
  return { partitions: Number(partitions), version: Number(version) };
}

function fieldsOf(text: string): Map<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}
