import { setImmediate as nextLoop } from 'node:timers/promises';
import type { EventSource } from '../ports/event-source.ts';

const MOST_RECORDS = 2_000;

/**
 * The same source in blocks of at most 2,000 records, with a look at the outside world between two of them: a
 * source and a store that are both in memory would otherwise not let Ctrl-C through before the end.
 */
export function inSmallBlocks(source: EventSource): EventSource {
  return {
    sources: source.sources,
    async *read(from) {
      for await (const block of source.read(from)) {
        for (let at = 0; at < block.length; at += MOST_RECORDS) {
          await nextLoop();
          yield block.slice(at, at + MOST_RECORDS);
        }
      }
    },
  };
}
