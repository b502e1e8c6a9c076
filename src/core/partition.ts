const ENCODER = new TextEncoder();
const MIX = 0x5bd1e995;
const SEED = 0x9747b28c;

/**
 * The partition a person lives in: the one to which Kafka's default partitioner sends messages with the id as their
 * key, so that a person's own events come to where their state is. The same everywhere and for ever, for a given
 * number of partitions.
 */
export function partitionOf(personId: string, partitions: number): number {
  return partitions === 1 ? 0 : (hashOf(personId) & 0x7fffffff) % partitions;
}

/** 32-bit MurmurHash2 (Appleby, public domain) with the seed that Kafka gives it; signed. */
export function murmur2(bytes: Uint8Array): number {
  return murmur2Of(bytes.length, (i) => bytes[i] ?? 0);
}

function hashOf(text: string): number {
  // Most ids are ASCII, where a character is a byte.
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return murmur2(ENCODER.encode(text));
  return murmur2Of(text.length, (i) => text.charCodeAt(i));
}

function murmur2Of(length: number, byte: (i: number) => number): number {
  let h = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = byte(i) | (byte(i + 1) << 8) | (byte(i + 2) << 16) | (byte(i + 3) << 24);
    k = Math.imul(k, MIX);
    k ^= k >>> 24;
    h = Math.imul(h, MIX) ^ Math.imul(k, MIX);
  }
  if (i < length) {
    for (let rest = length - 1; rest >= i; rest--) h ^= byte(rest) << (8 * (rest - i));
    h = Math.imul(h, MIX);
  }
  h = Math.imul(h ^ (h >>> 13), MIX);
  return h ^ (h >>> 15);
}
