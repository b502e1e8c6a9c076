import type { SinkOffsets } from '../../ports/sink-offsets.ts';
import { partitionKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { describeRedisFailure } from './redis-failures.ts';

/**
 * The offsets of the sink on Redis: a sorted set for each partition, source by next offset, because of all types only
 * that one has a command which never goes back (`ZADD GT`, Redis 6.2). One round trip a call. Where a server comes back
 * with an older copy, the rows since then come again. Failures are `REDIS_UNAVAILABLE`, and may pass.
 */
export class RedisSinkOffsets implements SinkOffsets {
  private readonly connection: RedisConnection;
  private readonly prefix: string;

  constructor(connection: RedisConnection, prefix: string) {
    this.connection = connection;
    this.prefix = prefix;
  }

  async read(partition: number): Promise<Readonly<Record<string, number>>> {
    const flat = await this.call(
      (key) => this.connection.client.zrange(key, '0', '-1', 'WITHSCORES'),
      partition,
    );
    const offsets: Record<string, number> = {};
    for (let i = 0; i < flat.length; i += 2) offsets[flat[i] ?? ''] = Number(flat[i + 1]);
    return offsets;
  }

  async advance(partition: number, source: string, next: number): Promise<void> {
    await this.call((key) => this.connection.client.zadd(key, 'GT', next, source), partition);
  }

  private async call<T>(ask: (key: string) => Promise<T>, partition: number): Promise<T> {
    try {
      return await ask(partitionKeys(this.prefix, partition).sink);
    } catch (error) {
      throw describeRedisFailure(error, this.connection.place);
    }
  }
}
