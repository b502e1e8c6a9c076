import type { Instant } from '../core/time.ts';

const STEPS_PER_SECOND = 10;

export interface Pace {
  /** Items per second, above 0; undefined is as fast as they come. */
  readonly rate: number | undefined;
  readonly wallClock: () => Instant;
  /** Resolves after so long, or earlier when there is a reason to look around. */
  readonly wait: (durationMs: number) => Promise<void>;
}

/**
 * Passes blocks on at a steady rate, cut into steps of at most a tenth of a second's worth. The schedule is
 * counted from the first block, so a slow reader is caught up with and the mean rate is kept.
 */
export async function* paced<T>(
  blocks: Iterable<readonly T[]>,
  { rate, wallClock, wait }: Pace,
): AsyncGenerator<readonly T[], void, undefined> {
  const startedAt = wallClock();
  let passed = 0;
  for (const block of blocks) {
    const step = rate === undefined ? block.length : Math.max(1, Math.ceil(rate / STEPS_PER_SECOND));
    for (let from = 0; from < block.length; from += step) {
      const aheadMs = rate === undefined ? 0 : startedAt + (passed / rate) * 1000 - wallClock();
      await wait(Math.max(0, aheadMs));
      const items = block.slice(from, from + step);
      passed += items.length;
      yield items;
    }
  }
}
