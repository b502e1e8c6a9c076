import { createHash } from 'node:crypto';

/**
 * A 128-bit id in hexadecimal made of its parts alone: the same decision gets the same id whoever makes it,
 * however often. Parts are length-prefixed, so that ('ab','c') and ('a','bc') differ.
 */
export function deterministicId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${text.length}:${text}`);
  }
  return hash.digest('hex').slice(0, 32);
}
