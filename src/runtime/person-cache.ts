import { partitionOf } from '../core/partition.ts';
import type { Person } from '../core/person.ts';

/** A person in memory, with what the runtime notes about them. */
export interface Resident {
  readonly personId: string;
  readonly partition: number;
  /** Undefined until the record was read. */
  person: Person | undefined;
  /** Number of the last turn that changed them. */
  turn: number;
}

/**
 * Decoded people of partitions this process owns, in two generations: the younger grows until a turn ends with
 * `capacity` or more in it, and then takes the place of the older, whose people go. A hit costs one look-up. Only the
 * owner writes, so a cached person is current.
 */
export class PersonCache {
  private readonly capacity: number;
  private readonly partitions: number;
  private young = new Map<string, Resident>();
  private old = new Map<string, Resident>();

  constructor(capacity: number, partitions: number) {
    this.capacity = capacity;
    this.partitions = partitions;
  }

  /** The same resident for the same id until the next `age` or `clear`; a new one has yet to be read. */
  residentOf(personId: string): Resident {
    let resident = this.young.get(personId);
    if (resident !== undefined) return resident;
    resident = this.old.get(personId);
    resident ??= { personId, partition: partitionOf(personId, this.partitions), person: undefined, turn: -1 };
    this.young.set(personId, resident);
    return resident;
  }

  /** Between turns: inside one, everybody that was loaded stays. */
  age(): void {
    if (this.young.size < this.capacity) return;
    this.old = this.young;
    this.young = new Map();
  }

  clear(): void {
    this.young = new Map();
    this.old = new Map();
  }
}

export function loaded({ personId, person }: Resident): Person {
  if (person === undefined) throw new Error(`person ${personId} was not loaded`);
  return person;
}
