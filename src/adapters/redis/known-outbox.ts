import type { Announcement, OutboxEntry } from '../../ports/state-store.ts';

/**
 * The outbox of a partition as its owner knows it without asking: once it was read to its end, only the owner's own
 * commits add to it, and only the owner takes away. Whoever is no longer the owner may be told of what is gone by
 * now; that was committed, and is told again under the same ids. It must be
 * read to its end before anything is committed: a commit beside a reading would be numbered wrongly. Memory: what is not
 * trimmed.
 */
export class KnownOutbox {
  private readonly partition: number;
  /** Undefined until it was read to its end. */
  private next: number | undefined;
  private entries: OutboxEntry[] = [];

  constructor(partition: number) {
    this.partition = partition;
  }

  /** The oldest; undefined when the server must be asked. */
  first(limit: number): readonly OutboxEntry[] | undefined {
    return this.next === undefined ? undefined : this.entries.slice(0, limit);
  }

  /** Everything there was; `next` is the number of the first entry that is still to come. */
  readToItsEnd(entries: readonly OutboxEntry[], next: number): void {
    this.entries = [...entries];
    this.next = next;
  }

  committed(announcements: readonly Announcement[]): void {
    if (this.next === undefined) return;
    for (const announcement of announcements)
      this.entries.push({ partition: this.partition, sequence: this.next++, announcement });
  }

  trimmed(sequence: number): void {
    const kept = this.entries.findIndex((entry) => entry.sequence > sequence);
    this.entries = kept < 0 ? [] : this.entries.slice(kept);
  }
}
