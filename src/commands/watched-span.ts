import { NEVER, instant, latest, type Instant } from '../core/time.ts';
import type { EventSource, SourceRecord } from '../ports/event-source.ts';
import { isUsable } from '../runtime/turns.ts';
import { interrupted } from './interrupted.ts';

/** Passes a source through and notes its first and last arrival; rows past a stated end do not count. */
export class WatchedSpan implements EventSource {
  readonly sources: readonly string[];
  private readonly source: EventSource;
  private first: Instant = NEVER;
  private last: Instant = instant(0);

  constructor(source: EventSource) {
    this.source = source;
    this.sources = source.sources;
  }

  /** NEVER while nothing was read. */
  get firstAt(): Instant {
    return this.first;
  }

  get lastAt(): Instant {
    return this.last;
  }

  async *read(from: Readonly<Record<string, number>>): AsyncGenerator<readonly SourceRecord[]> {
    for await (const block of this.source.read(from)) {
      for (const record of block) {
        if (!isUsable(record)) continue;
        if (record.receivedAt < this.first) this.first = record.receivedAt;
        this.last = latest(this.last, record.receivedAt);
      }
      yield block;
    }
  }
  /** Reads everything once. */
  async readWhole(signal: AbortSignal): Promise<void> {
    for await (const block of this.read({}))
      if (block.length > 0 && signal.aborted) throw interrupted('while reading');
  }
}
