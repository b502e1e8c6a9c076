import { describe, expect, it } from 'vitest';
import { KnownOutbox } from '../../../src/adapters/redis/known-outbox.ts';
import { instant } from '../../../src/core/time.ts';
import type { Announcement } from '../../../src/ports/state-store.ts';

function letter(offset: number): Announcement {
  const rejection = { reason: 'malformed', detail: 'not JSON' } as const;
  const from = { source: 'events:0', offset, place: `events[0]@${offset}` };
  return { kind: 'dead_letter', letter: { ...from, rejection, raw: '', receivedAt: instant(0) } };
}

const sequences = (known: KnownOutbox, limit = 10) => known.first(limit)?.map(({ sequence }) => sequence);

describe('an outbox that is known', () => {
  it('is so only once it was read to its end', () => {
    const known = new KnownOutbox(2);
    known.committed([letter(0)]);
    expect(known.first(10)).toBeUndefined();
    known.readToItsEnd([{ partition: 2, sequence: 6, announcement: letter(0) }], 7);
    known.committed([letter(1), letter(2)]);
    expect(known.first(10)).toEqual([
      { partition: 2, sequence: 6, announcement: letter(0) },
      { partition: 2, sequence: 7, announcement: letter(1) },
      { partition: 2, sequence: 8, announcement: letter(2) },
    ]);
  });

  it('gives the oldest, and no more than it is asked for', () => {
    const known = new KnownOutbox(0);
    known.readToItsEnd([], 3);
    known.committed([letter(0), letter(1), letter(2)]);
    expect(sequences(known, 2)).toEqual([3, 4]);
  });

  it('forgets what was trimmed, also what was before', () => {
    const known = new KnownOutbox(0);
    known.readToItsEnd([], 0);
    known.committed([letter(0), letter(1)]);
    known.trimmed(0);
    known.trimmed(0);
    expect(sequences(known)).toEqual([1]);
    known.trimmed(1);
    expect(sequences(known)).toEqual([]);
    known.committed([letter(2)]);
    expect(sequences(known)).toEqual([2]);
  });
});
