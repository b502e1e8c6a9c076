import { createHash } from 'node:crypto';
import type { Policy } from '../../core/tagging/policy.ts';

const HASH_DIGITS = 6;

/**
 * Six hex digits of a SHA-256 over what a policy says: the same for files that differ in comments, layout, the
 * spelling of a duration, defaults written out, or the order of keys other than tags.
 */
export function contentHash(content: Omit<Policy, 'version'>): string {
  const text = JSON.stringify(content, (_key, value: unknown) => canonical(value));
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}

/** Features by name, and keys in order. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('flipsAt' in value && 'name' in value) return value.name;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
