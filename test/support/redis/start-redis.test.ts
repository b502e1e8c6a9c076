import { describe, expect, it } from 'vitest';
import { freePort, placeInRedis, startRedis } from './start-redis.ts';

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

  it('is never somebody else’s: where the port was taken meanwhile, another is tried', async () => {
    const redis = await startRedis();
    const taken = (): Promise<number> => Promise.resolve(redis.port);
    try {
      await expect(startRedis({}, taken)).rejects.toThrow('redis-server ended at its start');
      const finders = [freePort, taken];
      const other = await startRedis({}, () => (finders.pop() ?? freePort)());
      expect(other.port).not.toBe(redis.port);
      await other.client.set('key', 'mine');
      expect(await redis.client.keys('*')).toEqual([]);
      await other.stop();
    } finally {
      await redis.stop();
    }
  });
});
