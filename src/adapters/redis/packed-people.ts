import type { PersonChange } from '../../ports/state-store.ts';
import { bucketOf } from './buckets.ts';

/**
 * People as one argument of a script: arguments of their own for each cost the client several times as much as what
 * stands in them. The layouts are those that schemas/redis/commit.lua and read.lua tell; all numbers are little-endian.
 */
export interface PackedPeople {
  /** Buckets the people are in, each once; people name them by their place here. */
  readonly touched: readonly number[];
  readonly bytes: Buffer;
}

const UINT32_BYTES = 4;
const DOUBLE_BYTES = 8;

/** Records are copied; `NEVER` is infinite here, too. */
export function packChanges(people: readonly PersonChange[], buckets: number): PackedPeople {
  const places = new Map<number, number>();
  const idBytes = people.map(({ personId }) => Buffer.byteLength(personId));
  const overhead = 3 * UINT32_BYTES + DOUBLE_BYTES;
  const length = people.reduce((sum, { record }, i) => sum + overhead + (idBytes[i] ?? 0) + record.length, 0);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  people.forEach(({ personId, record, dueAt }, i) => {
    at = bytes.writeUInt32LE(placeOf(bucketOf(personId, buckets), places), at);
    at = bytes.writeDoubleLE(dueAt, at);
    at = writeText(personId, idBytes[i] ?? 0, bytes, at);
    at = bytes.writeUInt32LE(record.length, at);
    bytes.set(record, at);
    at += record.length;
  });
  return { touched: [...places.keys()], bytes };
}

export function packIds(personIds: readonly string[], buckets: number): PackedPeople {
  const places = new Map<number, number>();
  const idBytes = personIds.map((personId) => Buffer.byteLength(personId));
  const length = idBytes.reduce((sum, one) => sum + 2 * UINT32_BYTES + one, 0);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  personIds.forEach((personId, i) => {
    at = bytes.writeUInt32LE(placeOf(bucketOf(personId, buckets), places), at);
    at = writeText(personId, idBytes[i] ?? 0, bytes, at);
  });
  return { touched: [...places.keys()], bytes };
}

function placeOf(bucket: number, places: Map<number, number>): number {
  const known = places.get(bucket);
  if (known !== undefined) return known;
  places.set(bucket, places.size);
  return places.size - 1;
}

function writeText(text: string, length: number, bytes: Buffer, at: number): number {
  const from = bytes.writeUInt32LE(length, at);
  return from + bytes.write(text, from);
}
