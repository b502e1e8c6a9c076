import { partitionOf } from '../core/partition.ts';
import { newResident, type Resident } from './resident.ts';

/**
 * People of partitions this process owns, in two generations: the younger grows until a turn ends with `capacity` or
 * more in it, or it is told that it is full, and then takes the place of the older, whose people go. A hit costs one
 * look-up. Only the owner writes, so a cached person is current. Without capacity nobody outlives their turn.
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
    resident ??= newResident(personId, partitionOf(personId, this.partitions));
    this.young.set(personId, resident);
    return resident;
  }

  /**
   * Between turns: inside one, everybody that was loaded stays.
   * @returns whether a generation went
   */
  age(isFull: boolean): boolean {
    if (!isFull && this.young.size < this.capacity) return false;
    this.old = this.capacity === 0 ? new Map<string, Resident>() : this.young;
    this.young = new Map();
    return true;
  }

  clear(): void {
    this.young = new Map();
    this.old = new Map();
  }
}
