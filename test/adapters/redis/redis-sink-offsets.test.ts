import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRedis, type RedisConnection } from '../../../src/adapters/redis/redis-connection.ts';
import { RedisSinkOffsets } from '../../../src/adapters/redis/redis-sink-offsets.ts';
import { startRedis, type TestRedis } from '../../support/redis/start-redis.ts';

let redis: TestRedis;
let connection: RedisConnection;
beforeAll(async () => {
  redis = await startRedis();
  connection = await openRedis({ addresses: [redis.address], isCluster: false, timeoutMs: 1000 });
});
afterAll(async () => {
  await connection.close();
  await redis.stop();
});

it('offsets of the sink are remembered by partition and source, exactly, and never go back', async () => {
  const offsets = new RedisSinkOffsets(connection, 'forward');
  expect(await offsets.read(1)).toEqual({});
  await offsets.advance(1, 'tidemark.tags:1', 2 ** 53 - 1);
  await offsets.advance(1, 'with:colons:1', 5);
  await offsets.advance(1, 'with:colons:1', 3);
  await offsets.advance(2, 'with:colons:1', 4);
  expect(await offsets.read(1)).toEqual({ 'tidemark.tags:1': 2 ** 53 - 1, 'with:colons:1': 5 });
  expect(await new RedisSinkOffsets(connection, 'forward').read(2)).toEqual({ 'with:colons:1': 4 });
  expect(await new RedisSinkOffsets(connection, 'other').read(1)).toEqual({});
});

it('a server that is gone is an outage, and goes on as soon as it is back', async () => {
  const offsets = new RedisSinkOffsets(connection, 'outage');
  await redis.kill();
  await expect(offsets.advance(0, 's:0', 1)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  await expect(offsets.read(0)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  await redis.start();
  await expect.poll(() => offsets.read(0).catch(() => undefined), { timeout: 10_000 }).toEqual({});
});
