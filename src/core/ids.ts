import { hash } from 'node:crypto';

/**
 * A 128-bit id in hexadecimal made of its parts alone: the same decision gets the same id whoever makes it,
 * however often. Parts are length-prefixed, so that ('ab','c') and ('a','bc') differ.
 */
export function deterministicId(...parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) {
    const written = String(part);
    text += `${written.length}:${written}`;
  }
  return hash('sha256', text, 'hex').slice(0, 32);
}
