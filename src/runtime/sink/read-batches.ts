import { NEVER, plus, type Instant } from '../../core/time.ts';
import type { Assignment } from '../../ports/partitioned-source.ts';
import type { SinkRow } from '../../ports/sink-row.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import { SinkBatch, type BatchLimits } from './sink-batch.ts';

export interface BatchPace extends BatchLimits {
  /** How long a record may wait for others to be written with. */
  readonly lingerMs: number;
}

/**
 * A source in batches, in order and without gaps, from the offset on; none is empty. The next one is gathered when it is
 * asked for, so memory holds one batch and the block after it, however long a batch is worked on. Ends
 * once `over` is aborted: what was gathered until then is dropped.
 */
export async function* readBatches(
  assignment: Assignment<SinkRow>,
  source: string,
  from: number | undefined,
  pace: BatchPace,
  clock: WallClock,
  over: AbortSignal,
): AsyncGenerator<SinkBatch> {
  const left = new AbortController();
  const blocks = assignment.read(source, from, AbortSignal.any([over, left.signal]))[Symbol.asyncIterator]();
  let coming: ReturnType<typeof blocks.next> | undefined;
  let batch = new SinkBatch(pace);
  let endsAt: Instant = NEVER;
  try {
    for (;;) {
      coming ??= blocks.next();
      const next = batch.isEmpty ? await coming : await unless(coming, clock, endsAt);
      if (next === undefined) {
        yield batch;
        batch = new SinkBatch(pace);
        continue;
      }
      coming = undefined;
      if (next.done === true || over.aborted) return;
      for (const record of next.value.records) {
        if (!batch.takes(record)) {
          yield batch;
          if (over.aborted) return;
          batch = new SinkBatch(pace);
        }
        if (batch.isEmpty) endsAt = plus(clock.now(), pace.lingerMs);
        batch.add(record);
      }
      if (!batch.isFull) continue;
      yield batch;
      batch = new SinkBatch(pace);
    }
  } finally {
    left.abort();
    // Nobody waits for what was still to come.
    coming?.catch(() => undefined);
    await blocks.return?.();
  }
}

/** What comes, or undefined once the time is there. */
async function unless<T>(coming: Promise<T>, clock: WallClock, at: Instant): Promise<T | undefined> {
  const isHere = new AbortController();
  const isOver = clock.wait(Math.max(0, at - clock.now()), isHere.signal).then(() => undefined);
  // A failure is for the next who asks, who may come later than it does.
  coming.catch(() => undefined);
  try {
    return await Promise.race([coming, isOver]);
  } finally {
    isHere.abort();
  }
}
