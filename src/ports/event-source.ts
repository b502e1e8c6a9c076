import type { Rejection, TrackedEvent } from '../core/events/event.ts';
import type { Result } from '../core/result.ts';
import type { Instant } from '../core/time.ts';

/**
 * One record of a source, decoded or not. Offsets are dense per source, start at 0 and never change meaning:
 * reading the same source again gives the same records at the same offsets.
 */
export interface SourceRecord<Said = TrackedEvent> {
  /** Names the source for ever: a topic-partition, or a file with its format. */
  readonly source: string;
  readonly offset: number;
  /** When the record reached us: broker time, `receivedAt`, or the row's own time for a history. */
  readonly receivedAt: Instant;
  readonly event: Result<Said, Rejection>;
  /**
   * How many data rows of the source this record stands for: 1 for a message, the number of its line items for
   * an order put together from several rows, 0 for a second record that the same row gave rise to (a return
   * taken out of two orders). Summed over a source it is the number of rows read, each counted once.
   */
  readonly rows: number;
  /** Where a person would look for it: `orders.csv:12`. */
  readonly place: string;
  /** The original text, kept only for records that were rejected at the edge. */
  readonly raw?: string;
}

/**
 * A replayable stream of records in order of arrival: `receivedAt` never goes down within a source.
 *
 * `read` starts each source at the offset `from` names: the next one wanted, 0 where it names none. It may be
 * called again after it ended or failed, from any offset it gave before. It yields arrays of any size (never
 * empty) so that the cost of asynchrony is paid per block, not per record; a consumer that stops iterating
 * releases the source's files and buffers. Memory is bounded whatever the size of the source.
 * Records that cannot be decoded come as values; what is thrown is an outage or a wrong input
 * (`TidemarkError`), naming place and mend.
 */
export interface EventSource {
  /** The ids that `SourceRecord.source` can take. */
  readonly sources: readonly string[];
  read(from: Readonly<Record<string, number>>): AsyncIterable<readonly SourceRecord[]>;
}
