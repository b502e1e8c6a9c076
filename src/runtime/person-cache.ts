import type { Person } from '../core/person.ts';

/**
 * Decoded people of partitions this process owns: at most twice `capacity`, the least recently used go first
 * (in generations, so that a hit costs one look-up). Only the owner writes, so a cached person is current.
 */
export class PersonCache {
  private readonly capacity: number;
  private young = new Map<string, Person>();
  private old = new Map<string, Person>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(personId: string): Person | undefined {
    const person = this.young.get(personId);
    if (person !== undefined) return person;
    const aged = this.old.get(personId);
    if (aged !== undefined) this.young.set(personId, aged);
    return aged;
  }

  set(personId: string, person: Person): void {
    this.young.set(personId, person);
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
