import { ok } from '../../core/result.ts';
import type { EventSource, SourceRecord } from '../../ports/event-source.ts';
import { streamNameOf, type MarketplaceOptions } from './marketplace-options.ts';
import { simulateMarketplace } from './simulate-marketplace.ts';

/**
 * A simulated marketplace as a source of one stream, named after its options. Offsets are dense from 0; what
 * `read` is given is the first offset wanted. The marketplace is simulated anew by every `read`, so resuming
 * costs the time of simulating what is skipped. Throws `USAGE` for options out of range.
 */
export function simulatedSource(options: MarketplaceOptions): EventSource {
  const source = streamNameOf(options);
  return {
    sources: [source],
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, simulating is not
    async *read(from) {
      const wanted = from[source] ?? 0;
      let offset = 0;
      for (const block of simulateMarketplace(options)) {
        const skipped = Math.min(block.length, Math.max(0, wanted - offset));
        const records: SourceRecord[] = [];
        for (let i = skipped; i < block.length; i++) {
          const record = block[i];
          if (record === undefined) continue;
          records.push({
            source,
            offset: offset + i,
            receivedAt: record.receivedAt,
            event: ok(record.event),
            rows: 1,
            place: `${source}#${offset + i}`,
          });
        }
        offset += block.length;
        if (records.length > 0) yield records;
      }
    },
  };
}
