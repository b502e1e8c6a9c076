import { setImmediate as nextLoop } from 'node:timers/promises';
import type { EventSource } from '../ports/event-source.ts';

/**
 * The same source with a look at the outside world before each block: a source and a store that are both in memory
 * would otherwise not let Ctrl-C through before the end.
 */
export function interruptible(source: EventSource): EventSource {
  return {
    sources: source.sources,
    async *read(from) {
      for await (const block of source.read(from)) {
        await nextLoop();
        yield block;
      }
    },
  };
}
