import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ancestorOf, bucketOf, bucketsFor, splitsBetween } from '../../../src/adapters/redis/buckets.ts';

const personId = fc.string({ unit: 'grapheme', maxLength: 40 });
const buckets = fc.integer({ min: 1, max: 5000 });

/** One-at-a-time (Jenkins 1997), in numbers without bounds. */
function jenkins(bytes: Uint8Array): number {
  const word = (value: bigint): bigint => value & 0xffff_ffffn;
  let hash = 0n;
  for (const byte of bytes) {
    hash = word(hash + BigInt(byte));
    hash = word(hash + (hash << 10n));
    hash ^= hash >> 6n;
  }
  hash = word(hash + (hash << 3n));
  hash ^= hash >> 11n;
  return Number(word(hash + (hash << 15n)));
}

describe('buckets', () => {
  it('added one by one take people only of the bucket that is split', () => {
    fc.assert(
      fc.property(personId, buckets, (id, before) => {
        const [split] = splitsBetween(before, before + 1);
        const [was, is] = [bucketOf(id, before), bucketOf(id, before + 1)];
        expect(was).toBeLessThan(before);
        if (is !== was) expect({ from: was, to: is }).toEqual(split);
      }),
    );
  });

  it('know in which of them somebody was before any number of splits', () => {
    fc.assert(
      fc.property(personId, buckets, buckets, (id, a, b) => {
        const [before, after] = [Math.min(a, b), Math.max(a, b)];
        expect(ancestorOf(bucketOf(id, after), before)).toBe(bucketOf(id, before));
        expect(splitsBetween(before, after)).toHaveLength(after - before);
      }),
    );
  });

  it('are told by the bytes of an id in UTF-8, whatever is in it', () => {
    const anyId = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(anyId, (id) => {
        expect(bucketOf(id, 2 ** 30)).toBe(jenkins(new TextEncoder().encode(id)) % 2 ** 30);
      }),
    );
  });

  it('hold about as many people each, of ids that are counted up as of others, and are never fewer', () => {
    for (const idOf of [
      (i: number) => `p${i}`,
      (i: number) => `user-${String(i * 7919).padStart(12, '0')}`,
    ]) {
      const people = 50_000;
      const count = bucketsFor(people, 1);
      const sizes = new Map<number, number>();
      for (let i = 0; i < people; i++) {
        const bucket = bucketOf(idOf(i), count);
        sizes.set(bucket, (sizes.get(bucket) ?? 0) + 1);
      }
      expect(sizes.size).toBe(count);
      expect(Math.max(...sizes.values())).toBeLessThan(128);
      expect(bucketsFor(10, count)).toBe(count);
    }
  });
});
