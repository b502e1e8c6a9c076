import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestRedis } from '../redis/start-redis.ts';

/** A copy of what a Redis holds now; gives what kills it and starts it again from the copy. */
export async function copyRedis(redis: TestRedis): Promise<() => Promise<void>> {
  const [dump, copy] = ['dump.rdb', 'copy.rdb'].map((name) => join(redis.folder, name)) as [string, string];
  // What comes later must not be read from the log of commands either.
  await redis.client.config('SET', 'appendonly', 'no');
  await redis.client.save();
  await copyFile(dump, copy);
  return async () => {
    await redis.kill();
    await copyFile(copy, dump);
    await redis.start({ appendonly: 'no' });
  };
}
