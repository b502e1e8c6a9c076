import { setImmediate as nextLoop } from 'node:timers/promises';
import type { EventSource } from '../ports/event-source.ts';
import { inBlocks } from '../runtime/turns.ts';

/**
 * The same source in blocks of `records`, the size of a turn, with a look at the outside world before each: a source
 * and a store that are both in memory would otherwise not let Ctrl-C through before the end.
 */
export function inTurns(source: EventSource, records: number): EventSource {
  return {
    sources: source.sources,
    async *read(from) {
      for await (const block of inBlocks(source.read(from), records)) {
        await nextLoop();
        yield block;
      }
    },
  };
}
