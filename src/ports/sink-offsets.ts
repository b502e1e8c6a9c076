/**
 * How far the rows of each source are stored, so that whoever has a partition next goes on from there.
 *
 * - What `read` gives covers nothing that was not said to be stored; it may fall short of it, and then rows come again.
 * - `advance` never takes a source back: a smaller offset than the one that is there changes nothing.
 * Rejects with `TidemarkError` when the store does not answer: give it again then.
 */
export interface SinkOffsets {
  /** Next offset by source; sources of which nothing is stored yet are absent. */
  read(partition: number): Promise<Readonly<Record<string, number>>>;
  advance(partition: number, source: string, next: number): Promise<void>;
}
