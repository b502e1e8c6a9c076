/**
 * 48-bit hash of a string, as an exact number: identity of messages, orders and disputes inside one person's
 * state, where a few thousand keys meet and a collision needs 2^24 of them. Not for secrets.
 * Two 32-bit multiply-xor lanes over UTF-16 units with MurmurHash3's finaliser (Appleby, public domain).
 */
export function hash48(text: string, seed = 0): number {
  let a = seed ^ 0x9e3779b9;
  let b = seed ^ 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0xcc9e2d51);
    b = Math.imul(b ^ unit, 0x1b873593);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = finish(a ^ text.length);
  b = finish(b ^ a);
  return (a >>> 0) + (b >>> 16) * 0x100000000;
}

/** 32-bit hash, unsigned. The same text gives the same number on every machine and for ever: partitions rest on it. */
export function hash32(text: string): number {
  return hash48(text) % 0x100000000;
}

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
