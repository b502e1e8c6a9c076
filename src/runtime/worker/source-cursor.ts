import { NEVER, instant, type Instant } from '../../core/time.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { Said } from '../../ports/forwarded-facts.ts';
import type { Assignment, SourceBlock } from '../../ports/partitioned-source.ts';

/** One source of an assignment, read a block at a time ahead: what lies ready, and whether it is all there is. */
export class SourceCursor {
  readonly source: string;
  private readonly assignment: Assignment;
  private blocks: AsyncIterator<SourceBlock>;
  private next: number | undefined;
  private block: SourceBlock | undefined;
  private at = 0;
  private readonly wake: () => void;
  private stop = new AbortController();
  private isComing = false;
  private doubts = 0;
  /** How many doubts there were when what is read from now was begun. */
  private doubtsBefore = 0;
  private failure: { readonly error: unknown } | undefined;
  private behind = Infinity;
  private isEnded = false;
  private lastAt: Instant = instant(0);
  private taken: number;

  /** `wake` is called when another block is here, and when none will come any more. */
  constructor(assignment: Assignment, source: string, from: number | undefined, wake: () => void) {
    this.source = source;
    this.assignment = assignment;
    this.next = from;
    this.taken = from ?? 0;
    this.wake = wake;
    this.blocks = this.read();
  }

  /** The next record, if it is here. */
  get head(): SourceRecord<Said> | undefined {
    return this.block?.records[this.at];
  }

  /** Those that lie ready up to the first that does not pass, at most so many. */
  readyWhile(passes: (record: SourceRecord<Said>) => boolean, most: number): readonly SourceRecord<Said>[] {
    const records = this.block?.records ?? [];
    let end = this.at;
    for (; end < records.length && end < this.at + most; end++) {
      const record = records[end];
      if (record === undefined || !passes(record)) break;
    }
    return records.slice(this.at, end);
  }

  /** Everything there was when it was last read has been taken, and more was asked for. */
  get isAtEnd(): boolean {
    return this.head === undefined && this.behind === 0 && this.isComing && this.doubts === this.doubtsBefore;
  }

  /**
   * What is known of the end is of long ago, and so may be what lies ready: where it looks like the end, it is read on
   * from there anew, which asks where the end is now. Until that is known this is not at the end.
   */
  doubtEnd(): void {
    this.doubts += 1;
    if (this.isComing && this.behind === 0) this.stop.abort();
  }

  /** Nothing that is still to come arrived before. */
  get notBefore(): Instant {
    if (this.head !== undefined) return this.head.receivedAt;
    return this.isAtEnd ? NEVER : this.lastAt;
  }

  /** The assignment is over. */
  get hasEnded(): boolean {
    return this.isEnded;
  }

  /** The offset after the last record that was taken, or where it all began. */
  get nextOffset(): number {
    return this.taken;
  }

  /** When the last record that was taken arrived. */
  get lastReceivedAt(): Instant {
    return this.lastAt;
  }

  took(count: number): void {
    const last = this.block?.records[this.at + count - 1];
    if (last !== undefined) {
      this.lastAt = last.receivedAt;
      this.taken = last.offset + 1;
    }
    this.at += count;
  }

  /** Asks for another block once the one at hand is taken. Throws what the source failed with. */
  refill(): void {
    if (this.failure !== undefined) throw this.failure.error;
    if (this.head !== undefined || this.isEnded || this.isComing) return;
    this.isComing = true;
    this.fetch()
      .catch((error: unknown) => {
        this.failure = { error };
      })
      .finally(() => {
        this.isComing = false;
        this.wake();
      });
  }

  async close(): Promise<void> {
    this.isEnded = true;
    this.stop.abort();
    await this.blocks.return?.();
  }

  private async fetch(): Promise<void> {
    for (;;) {
      if (this.doubts !== this.doubtsBefore && this.behind === 0) await this.readAnew();
      const next = await this.blocks.next();
      if (next.done !== true) {
        this.block = next.value;
        this.next = next.value.next;
        this.at = 0;
        this.behind = next.value.behind;
        return;
      }
      if (this.isEnded || this.assignment.revoked.aborted || !this.stop.signal.aborted) {
        this.isEnded = true;
        return;
      }
    }
  }

  private async readAnew(): Promise<void> {
    this.doubtsBefore = this.doubts;
    this.behind = Infinity;
    this.stop.abort();
    await this.blocks.return?.();
    this.stop = new AbortController();
    if (this.isEnded) this.stop.abort();
    this.blocks = this.read();
  }

  private read(): AsyncIterator<SourceBlock> {
    return this.assignment.read(this.source, this.next, this.stop.signal)[Symbol.asyncIterator]();
  }
}
