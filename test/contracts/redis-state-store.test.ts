import { afterAll, beforeAll } from 'vitest';
import { openRedis, type RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.ts';
import { placeInRedis, startRedisCluster } from '../support/redis/start-redis.ts';
import { stateStoreContract, type OpenStore } from './state-store-contract.ts';

/** A store of its own for every test, on one connection. */
function storesOf(
  connect: () => Promise<{ connection: RedisConnection; prefix: string; stop: () => Promise<void> }>,
): OpenStore {
  let connection: RedisConnection;
  let prefix: string;
  let stop: () => Promise<void>;
  let stores = 0;
  beforeAll(async () => {
    ({ connection, prefix, stop } = await connect());
  });
  afterAll(async () => {
    await connection.close();
    await stop();
  });
  return (partitions, counted) =>
    RedisStateStore.open({ connection, prefix: `${prefix}-${stores++}`, partitions, counted });
}

const TIMEOUT_MS = 10_000;

stateStoreContract(
  'RedisStateStore',
  storesOf(async () => {
    const { address, prefix, leave } = await placeInRedis();
    const connection = await openRedis({ addresses: [address], isCluster: false, timeoutMs: TIMEOUT_MS });
    return { connection, prefix, stop: leave };
  }),
  { commitsAcross: false },
);

stateStoreContract(
  'RedisStateStore on a cluster',
  storesOf(async () => {
    const { addresses, stop } = await startRedisCluster();
    const connection = await openRedis({ addresses, isCluster: true, timeoutMs: TIMEOUT_MS });
    return { connection, prefix: 'store', stop };
  }),
  { commitsAcross: false },
);
