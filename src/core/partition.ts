import { hash32 } from './hash.ts';

/** The partition a person lives in. The same everywhere and for ever, for a given number of partitions. */
export function partitionOf(personId: string, partitions: number): number {
  return partitions === 1 ? 0 : hash32(personId) % partitions;
}
