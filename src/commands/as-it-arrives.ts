import type { Instant } from '../core/time.ts';
import type { Pace } from './paced.ts';

const LOOK_AROUND_EVERY_MS = 60_000;

/**
 * Passes records on in their order, none before it arrives: what the clock says is past at once, the rest one wait
 * after the other. A block is empty when a wait ended, by itself after a minute, and nothing had arrived.
 */
export async function* asItArrives<T extends { readonly receivedAt: Instant }>(
  blocks: AsyncIterable<readonly T[]>,
  { wallClock, wait }: Pick<Pace, 'wallClock' | 'wait'>,
): AsyncGenerator<readonly T[], void, undefined> {
  for await (const block of blocks) {
    for (let from = 0; from < block.length;) {
      const now = wallClock();
      const later = block.findIndex(({ receivedAt }, i) => i >= from && receivedAt > now);
      const to = later < 0 ? block.length : later;
      yield block.slice(from, to);
      from = to;
      const next = block[to];
      if (next !== undefined)
        await wait(Math.min(LOOK_AROUND_EVERY_MS, Math.max(0, next.receivedAt - wallClock())));
    }
  }
}
