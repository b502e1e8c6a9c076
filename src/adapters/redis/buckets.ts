/**
 * Mean number of people in a bucket, once there are that many. Fewer cost more bytes, more cost more steps to find
 * one; above 128 dues Redis keeps a sorted set in its large form, which no bucket of this mean comes near.
 */
const MEAN_PEOPLE = 32;

/** Of characters that are one byte each in UTF-8. */
const LAST_ASCII = 0x7f;

/** One more bucket, `to`, takes some of the people of another. */
export interface Split {
  readonly from: number;
  readonly to: number;
}

/** Buckets that so many people should have; never fewer than there are. */
export function bucketsFor(people: number, buckets: number): number {
  return Math.max(buckets, Math.ceil(people / MEAN_PEOPLE));
}

/**
 * Linear hashing (Litwin 1980): buckets are added one by one, and each addition moves people of one bucket only. The
 * same person is always in the same bucket of so many.
 */
export function bucketOf(personId: string, buckets: number): number {
  const span = spanOf(buckets);
  const hash = hashOf(personId);
  const bucket = hash % (2 * span);
  return bucket < buckets ? bucket : hash % span;
}

/** What leads from some number of buckets to a larger one, in order. */
export function splitsBetween(before: number, after: number): readonly Split[] {
  return Array.from({ length: after - before }, (_, i) => ({ from: originOf(before + i), to: before + i }));
}

/** The bucket, of those there were, whose people may be in this one by now. */
export function ancestorOf(bucket: number, buckets: number): number {
  let ancestor = bucket;
  while (ancestor >= buckets) ancestor = originOf(ancestor);
  return ancestor;
}

/** The bucket that was split when this one was added. */
function originOf(bucket: number): number {
  return bucket - spanOf(bucket + 1);
}

/** The largest power of two that is less than the number of buckets; 1 for one bucket. */
function spanOf(buckets: number): number {
  return buckets < 2 ? 1 : 2 ** (31 - Math.clz32(buckets - 1));
}

/** Jenkins's one-at-a-time over UTF-8, as schemas/redis/commit.lua has it, too: no multiplication, which Lua lacks. */
function hashOf(personId: string): number {
  let hash = 0;
  for (let i = 0; i < personId.length; i++) {
    const code = personId.charCodeAt(i);
    if (code > LAST_ASCII) return hashOfBytes(Buffer.from(personId));
    hash = mixed(hash, code);
  }
  return finished(hash);
}

function hashOfBytes(bytes: Uint8Array): number {
  let hash = 0;
  for (const byte of bytes) hash = mixed(hash, byte);
  return finished(hash);
}

function mixed(before: number, byte: number): number {
  let hash = (before + byte) | 0;
  hash = (hash + (hash << 10)) | 0;
  return hash ^ (hash >>> 6);
}

function finished(before: number): number {
  let hash = before;
  hash = (hash + (hash << 3)) | 0;
  hash ^= hash >>> 11;
  return (hash + (hash << 15)) >>> 0;
}
