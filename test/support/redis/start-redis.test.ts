import { describe, expect, it } from 'vitest';
import { placeInRedis, startRedis } from './start-redis.ts';

describe('the Redis of the tests', () => {
  it('is taken from the environment when that names one, with a place of its own for each caller', async () => {
    const redis = await startRedis();
    const before = process.env['TIDEMARK_TEST_REDIS'];
    process.env['TIDEMARK_TEST_REDIS'] = redis.address;
    try {
      const [one, two] = await Promise.all([placeInRedis(), placeInRedis()]);
      expect([one.address, two.address]).toEqual([redis.address, redis.address]);
      await redis.client.set(`${one.prefix}-1:key`, 'mine');
      await redis.client.set(`${two.prefix}-1:key`, 'theirs');
      await one.leave();
      expect(await redis.client.keys('*')).toEqual([`${two.prefix}-1:key`]);
    } finally {
      if (before === undefined) delete process.env['TIDEMARK_TEST_REDIS'];
      else process.env['TIDEMARK_TEST_REDIS'] = before;
      await redis.stop();
    }
  });

  it('says so when it ends instead of answering, as on a port that somebody else has', async () => {
    const redis = await startRedis();
    try {
      await expect(startRedis({ port: String(redis.port) })).rejects.toThrow(
        'redis-server ended at its start',
      );
    } finally {
      await redis.stop();
    }
  });
});
