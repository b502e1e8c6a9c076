import { hash32 } from '../../core/hash.ts';
import type { Instant } from '../../core/time.ts';
import { DueHeap } from './due-heap.ts';
import { RecordArena } from './record-arena.ts';

/**
 * People of one partition: id, packed record and due, without an object per person. Open addressing over dense
 * person numbers; ids lie in the arena beside their records. About 42 bytes a person besides id and record.
 */
export class PersonTable {
  private readonly due = new DueHeap();
  private readonly arena = new RecordArena();
  private count = 0;
  /** Person number + 1 by hash slot; 0 is free. */
  private slots = new Int32Array(2048);
  private hashes = new Int32Array(1024);
  private addresses = new Int32Array(1024);
  private lengths = new Int32Array(1024);
  private idLengths = new Int32Array(1024);
  private scratch = new Uint8Array(4096);
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();

  get size(): number {
    return this.count;
  }

  /** Bytes held for everything, free room included. */
  get bytes(): number {
    const arrays = [this.slots, this.hashes, this.addresses, this.lengths, this.idLengths];
    return (
      this.arena.bytes + arrays.reduce((sum, array) => sum + array.byteLength, 0) + this.lengths.length * 16
    );
  }

  get(personId: string): Uint8Array | undefined {
    return this.getAll([personId])[0];
  }

  /** Copies, all in one buffer: thousands of small ones would each be allocated and freed by itself. */
  getAll(personIds: readonly string[]): (Uint8Array | undefined)[] {
    const found = personIds.map((id) => this.find(id, this.encodeId(id)));
    let bytes = 0;
    for (const person of found) if (person >= 0) bytes += this.recordBytes(person);
    const copies = new Uint8Array(bytes);
    let at = 0;
    return found.map((person) => {
      if (person < 0) return undefined;
      const from = at;
      at += this.recordBytes(person);
      copies.set(this.recordOf(person), from);
      return copies.subarray(from, at);
    });
  }

  set(personId: string, record: Uint8Array, dueAt: Instant): void {
    const idLength = this.encodeId(personId);
    const length = idLength + record.length;
    const found = this.find(personId, idLength);
    const person = found < 0 ? this.insert(personId, idLength, length) : found;
    if (found >= 0) {
      this.addresses[person] = this.arena.resize(
        this.addresses[person] ?? 0,
        this.lengths[person] ?? 0,
        length,
      );
    }
    this.lengths[person] = length;
    const room = this.arena.view(this.addresses[person] ?? 0, length);
    room.set(this.scratch.subarray(0, idLength));
    room.set(record, idLength);
    this.due.set(person, dueAt);
  }

  dueBy(until: Instant, limit: number): string[] {
    return this.due.first(until, limit).map((person) => this.idOf(person));
  }

  *entries(): Generator<{ personId: string; record: Uint8Array; dueAt: Instant }> {
    for (let person = 0; person < this.count; person++) {
      yield {
        personId: this.idOf(person),
        record: this.recordOf(person).slice(),
        dueAt: this.due.dueOf(person),
      };
    }
  }

  /** The id must lie encoded in the scratch buffer. */
  private find(personId: string, idLength: number): number {
    const hash = hash32(personId) | 0;
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const person = (this.slots[slot] ?? 0) - 1;
      if (person < 0) return -1;
      if (this.hashes[person] === hash && this.idEquals(person, idLength)) return person;
    }
  }

  private insert(personId: string, idLength: number, length: number): number {
    const person = this.count++;
    if (person >= this.hashes.length) this.grow();
    this.hashes[person] = hash32(personId) | 0;
    this.idLengths[person] = idLength;
    this.addresses[person] = this.arena.reserve(length);
    if (this.count * 2 > this.slots.length) this.rehash(this.slots.length * 2);
    else this.link(person);
    return person;
  }

  private link(person: number): void {
    const mask = this.slots.length - 1;
    let slot = (this.hashes[person] ?? 0) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = person + 1;
  }

  private rehash(length: number): void {
    this.slots = new Int32Array(length);
    for (let person = 0; person < this.count; person++) this.link(person);
  }

  private grow(): void {
    const length = Math.ceil(this.hashes.length * 1.5);
    this.hashes = copied(this.hashes, new Int32Array(length));
    this.addresses = copied(this.addresses, new Int32Array(length));
    this.lengths = copied(this.lengths, new Int32Array(length));
    this.idLengths = copied(this.idLengths, new Int32Array(length));
  }

  private encodeId(personId: string): number {
    const mostBytes = personId.length * 3;
    if (mostBytes > this.scratch.length) this.scratch = new Uint8Array(mostBytes);
    return this.encoder.encodeInto(personId, this.scratch).written;
  }

  private idEquals(person: number, idLength: number): boolean {
    if (this.idLengths[person] !== idLength) return false;
    const stored = this.arena.view(this.addresses[person] ?? 0, idLength);
    for (let i = 0; i < idLength; i++) if (stored[i] !== this.scratch[i]) return false;
    return true;
  }

  private idOf(person: number): string {
    return this.decoder.decode(this.arena.view(this.addresses[person] ?? 0, this.idLengths[person] ?? 0));
  }

  private recordBytes(person: number): number {
    return (this.lengths[person] ?? 0) - (this.idLengths[person] ?? 0);
  }

  private recordOf(person: number): Uint8Array {
    const stored = this.arena.view(this.addresses[person] ?? 0, this.lengths[person] ?? 0);
    return stored.subarray(this.idLengths[person]);
  }
}

function copied(from: Int32Array, to: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  to.set(from);
  return to;
}
