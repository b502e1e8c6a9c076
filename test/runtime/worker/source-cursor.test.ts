import { describe, expect, it } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import { instant } from '../../../src/core/time.ts';
import type { Assignment, SourceBlock } from '../../../src/ports/partitioned-source.ts';
import { SourceCursor } from '../../../src/runtime/worker/source-cursor.ts';
import { eventually } from '../../support/eventually.ts';

/** A source whose blocks a test hands out one by one; where a read begins at the end, it says so at once. */
class HandedOut {
  /** Where reads began. */
  readonly begun: (number | undefined)[] = [];
  readonly assignment: Assignment;
  private high = 0;
  private readonly waiting: SourceBlock[] = [];
  private wake = (): void => undefined;

  constructor() {
    this.assignment = {
      ...{ partition: 0, sources: ['events:0'], factSources: [] },
      revoked: new AbortController().signal,
      read: (_, from, stop) => this.read(from, stop),
      processed: () => undefined,
    };
  }

  hand(records: number, behind: number): void {
    const receivedAt = instant(0);
    const said = { origin: { source: 'x:0', offset: 0 }, partition: 0, receivedAt, ref: '', facts: [] };
    const block = Array.from({ length: records }, (_, i) => {
      return { source: 'events:0', offset: this.high + i, receivedAt, event: ok(said), rows: 0, place: '' };
    });
    this.high += records;
    this.waiting.push({ records: block, next: this.high, behind });
    this.wake();
  }

  private async *read(from: number | undefined, stop?: AbortSignal): AsyncGenerator<SourceBlock> {
    this.begun.push(from);
    stop?.addEventListener('abort', () => this.wake());
    if (from === this.high) yield { records: [], next: this.high, behind: 0 };
    for (;;) {
      while (this.waiting.length === 0 && stop?.aborted !== true)
        await new Promise<void>((resolve) => (this.wake = resolve));
      if (stop?.aborted === true) return;
      const next = this.waiting.shift();
      if (next !== undefined) yield next;
    }
  }
}

async function reading(source: HandedOut) {
  const cursor = new SourceCursor(source.assignment, 'events:0', undefined, () => undefined);
  const next = async (): Promise<void> => {
    cursor.refill();
    await eventually(() => cursor.head !== undefined);
  };
  await Promise.resolve();
  return { cursor, next };
}

describe('the end of a source', () => {
  it('is known once all is taken and more was asked for', async () => {
    const source = new HandedOut();
    source.hand(1, 0);
    const { cursor, next } = await reading(source);
    await next();
    expect(cursor.isAtEnd).toBe(false);
    cursor.took(1);
    cursor.refill();
    expect(cursor.isAtEnd).toBe(true);
    await cursor.close();
  });

  it.each([
    ['while a record of it is still in hand', (cursor: SourceCursor) => cursor.doubtEnd()],
    [
      'while it waits for more',
      (cursor: SourceCursor) => {
        cursor.took(1);
        cursor.refill();
        cursor.doubtEnd();
      },
    ],
  ])('is asked for anew when it is doubted %s', async (_, doubt) => {
    const source = new HandedOut();
    source.hand(1, 0);
    const { cursor, next } = await reading(source);
    await next();
    doubt(cursor);
    if (cursor.head !== undefined) cursor.took(1);
    cursor.refill();
    expect(cursor.isAtEnd).toBe(false);
    await eventually(() => {
      cursor.refill();
      return cursor.isAtEnd;
    });
    expect(source.begun).toEqual([undefined, 1]);
    source.hand(1, 0);
    await next();
    expect(cursor.head?.offset).toBe(1);
    await cursor.close();
  });

  it('is not lost when it is doubted just as more comes', async () => {
    const source = new HandedOut();
    source.hand(1, 0);
    const { cursor, next } = await reading(source);
    await next();
    for (let turns = 0; turns < 8; turns++) {
      cursor.took(1);
      cursor.refill();
      source.hand(1, 0);
      for (let i = 0; i < turns; i++) await Promise.resolve();
      cursor.doubtEnd();
      await next();
      expect(cursor.head?.offset).toBe(turns + 1);
      expect(cursor.hasEnded).toBe(false);
    }
    await cursor.close();
  });

  it('is no question while more is known to be there', async () => {
    const source = new HandedOut();
    source.hand(1, 5);
    const { cursor, next } = await reading(source);
    await next();
    cursor.doubtEnd();
    cursor.took(1);
    cursor.refill();
    cursor.doubtEnd();
    source.hand(1, 4);
    await next();
    expect(source.begun).toEqual([undefined]);
    await cursor.close();
  });
});
