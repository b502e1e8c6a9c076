import type { Instant } from '../../core/time.ts';
import type { PartitionKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisScript } from './redis-script.ts';

/** Asked at once. */
const BUCKETS_AT_ONCE = 64;
/** Where a crowd is due at the same instant: few buckets hold all that are wanted. */
const CROWDED_BUCKETS_AT_ONCE = 12;

interface Due {
  readonly personId: string;
  readonly at: number;
}

/**
 * Those due by an instant, the earliest first, `limit` at most. One round trip when there is nobody; otherwise one more
 * for every {@link BUCKETS_AT_ONCE} buckets in which somebody is due; of a crowd, fewer buckets are asked.
 */
export async function duePeople(
  connection: RedisConnection,
  script: RedisScript,
  keys: PartitionKeys,
  until: Instant,
  limit: number,
): Promise<readonly string[]> {
  const last = until === Infinity ? '+inf' : until;
  const heads = await earliestBuckets(connection, keys.heads, last, limit);
  // Each of them has somebody who is due by its head: nobody later is among the first so many.
  const bound = heads.length < limit ? last : (heads.at(-1)?.at ?? last);
  const isCrowd = heads.length === limit && heads[0]?.at === bound;
  const atOnce = isCrowd ? CROWDED_BUCKETS_AT_ONCE : BUCKETS_AT_ONCE;
  let found: Due[] = [];
  for (let i = 0; i < heads.length; i += atOnce) {
    const page = heads.slice(i, i + atOnce);
    const soonest = page[0]?.at ?? Infinity;
    if (found.length === limit && (found.at(-1)?.at ?? Infinity) <= soonest) break;
    const asked = page.flatMap(({ bucket }) => [keys.due(bucket), keys.people(bucket)]);
    const answer = (await script.run(connection, asked, [bound, limit])) as readonly Buffer[];
    for (let j = 0; j < answer.length; j += 2)
      found.push({ at: Number(answer[j]), personId: String(answer[j + 1]) });
    found = found.sort((a, b) => a.at - b.at).slice(0, limit);
  }
  return found.map(({ personId }) => personId);
}

async function earliestBuckets(
  { client }: RedisConnection,
  heads: string,
  until: number | string,
  limit: number,
): Promise<{ readonly bucket: number; readonly at: number }[]> {
  const flat = await client.zrangebyscore(heads, '-inf', until, 'WITHSCORES', 'LIMIT', 0, limit);
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    bucket: Number(flat[2 * i]),
    at: Number(flat[2 * i + 1]),
  }));
}
