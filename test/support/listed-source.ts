import type { TrackedEvent } from '../../src/core/events/event.ts';
import { ok } from '../../src/core/result.ts';
import type { Instant } from '../../src/core/time.ts';
import type { EventSource, SourceRecord } from '../../src/ports/event-source.ts';

/** Records as a source, in blocks of `blockRecords`. They must keep the port's contract: offsets dense from 0. */
export function listedSource(records: readonly SourceRecord[], blockRecords = 4096): EventSource {
  return {
    sources: [...new Set(records.map(({ source }) => source))],
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, a list is not
    async *read(from) {
      const wanted = records.filter(({ source, offset }) => offset >= (from[source] ?? 0));
      for (let at = 0; at < wanted.length; at += blockRecords) yield wanted.slice(at, at + blockRecords);
    },
  };
}

/** Everything a source has. */
export async function recordsOf(source: EventSource): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const block of source.read({})) for (const record of block) records.push(record);
  return records;
}

/** Events in the order in which they arrived, as the records of one source. */
export function numbered(
  events: readonly { readonly event: TrackedEvent; readonly receivedAt: Instant }[],
  source = 'list',
): SourceRecord[] {
  return events.map(({ event, receivedAt }, offset) => ({
    source,
    offset,
    receivedAt,
    event: ok(event),
    rows: 1,
    place: `${source}#${offset}`,
  }));
}
