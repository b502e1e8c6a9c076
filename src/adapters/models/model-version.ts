import { createHash } from 'node:crypto';
import { dateOf, type Instant } from '../../core/time.ts';
import { MODEL_KINDS, type ModelKind } from '../../ports/model-registry.ts';
import { canonicalJson } from './canonical-json.ts';

const HASH_DIGITS = 8;
const PATTERN = new RegExp(`^(${MODEL_KINDS.join('|')})@\\d{4}-\\d{2}-\\d{2}-[0-9a-f]{${HASH_DIGITS}}$`);

/** `<kind>@<date>-<8 hex of a SHA-256 over what the manifest says>`; the manifest without its version. */
export function versionOf(kind: ModelKind, asOf: Instant, manifest: unknown): string {
  return `${kind}@${dateOf(asOf)}-${sha256(canonicalJson(manifest)).slice(0, HASH_DIGITS)}`;
}

/** The kind that a version is of; undefined for a text that is no version. */
export function kindOfVersion(text: string): ModelKind | undefined {
  const kind = PATTERN.exec(text)?.[1];
  return MODEL_KINDS.find((one) => one === kind);
}

/** In hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
