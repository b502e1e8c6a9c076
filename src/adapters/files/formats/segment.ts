import { parseInstant } from '../../../core/parse-instant.ts';
import type { RecordDecoder } from '../../../ports/record-decoder.ts';
import type { RowFormat } from '../row-format.ts';

/** How encoders that think of readers begin a line: `receivedAt` first, in ISO 8601 with milliseconds. */
const ARRIVAL_FIRST = '{"receivedAt":"';
const ISO_LENGTH = 24;

/**
 * NDJSON of Segment-spec calls, one per line, in order of `receivedAt`, or of the event's own time where it is
 * missing. What a call means is the decoder's business.
 */
export function segmentFormat(decode: RecordDecoder): RowFormat {
  return {
    name: 'segment',
    statesCurrency: true,
    recognise: (lines) => {
      const isList = lines[0]?.trimStart().startsWith('[') === true;
      if (!isList && lines.some((line) => line.trimStart().startsWith('{'))) {
        return {
          kind: 'data',
          headerRows: 0,
          cut: (text) => [text],
          width: 1,
          read: ({ text }) => {
            const decoded = decode(text);
            if (!decoded.ok) return { kind: 'rejection', rejection: decoded.error };
            const { event, receivedAt } = decoded.value;
            return receivedAt === undefined
              ? { kind: 'event', at: event.at, event }
              : { kind: 'event', at: receivedAt, event, isReceived: true };
          },
        };
      }
      const found = isList ? 'a JSON list' : `a first line ${JSON.stringify(lines[0]?.slice(0, 80))}`;
      return { kind: 'foreign', found, needed: 'one JSON object per line' };
    },
    peekArrival: (text) => {
      if (!text.startsWith(ARRIVAL_FIRST)) return undefined;
      return parseInstant(text.slice(ARRIVAL_FIRST.length, ARRIVAL_FIRST.length + ISO_LENGTH));
    },
  };
}
