import type { Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { Said } from '../ports/forwarded-facts.ts';

/** Records from `at` on, at most `limit`, that reach no further than the next review. */
export function nextPart<S extends Said>(
  block: readonly SourceRecord<S>[],
  at: number,
  limit: number,
  nextReviewAt: Instant,
): readonly SourceRecord<S>[] {
  const last = Math.min(block.length, at + limit);
  let end = at + 1;
  for (; end < last; end++) {
    const record = block[end];
    if (record !== undefined && isUsable(record) && record.receivedAt >= nextReviewAt) break;
  }
  return at === 0 && end === block.length ? block : block.slice(at, end);
}

/** Rows past the stated end do not move the clock. */
export function isUsable(record: SourceRecord<Said>): boolean {
  return record.event.ok || record.event.error.reason !== 'after_until';
}
