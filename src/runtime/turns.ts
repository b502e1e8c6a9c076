import type { Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';

/** Cuts a stream of blocks into blocks of `size`; the last one may be shorter. */
export async function* inBlocks(
  blocks: AsyncIterable<readonly SourceRecord[]>,
  size: number,
): AsyncGenerator<readonly SourceRecord[]> {
  let waiting: SourceRecord[] = [];
  for await (const block of blocks) {
    for (const record of block) {
      waiting.push(record);
      if (waiting.length < size) continue;
      yield waiting;
      waiting = [];
    }
  }
  if (waiting.length > 0) yield waiting;
}

/** Records from `at` on that share a turn: none of them reaches past the next review. */
export function takeTurn(
  block: readonly SourceRecord[],
  at: number,
  nextReviewAt: Instant,
): readonly SourceRecord[] {
  let end = at + 1;
  for (; end < block.length; end++) {
    const record = block[end];
    if (record !== undefined && isUsable(record) && record.receivedAt >= nextReviewAt) break;
  }
  return at === 0 && end === block.length ? block : block.slice(at, end);
}

/** Rows past the stated end do not move the clock. */
export function isUsable(record: SourceRecord): boolean {
  return record.event.ok || record.event.error.reason !== 'after_until';
}
