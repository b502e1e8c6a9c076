import type { SourceRecord } from './event-source.ts';
import type { Said } from './forwarded-facts.ts';

/**
 * Source topics that are shared out among workers by partition. All of them have the same number of partitions; who
 * gets partition n gets it of every topic, so that one person's records come to one worker whatever topic they are in.
 * What their records say is for who reads them: events and facts for the workers, rows for the sink.
 *
 * `join` enters the group and calls `owner` for every partition it is given, now and after each rebalance, until
 * `leave`. It rejects with `TidemarkError` when the topics are missing or disagree in their number of partitions, and
 * for settings the cluster refuses; an outage after that is waited out, with nobody told.
 * `leave` ends all assignments, waits for the owners to be done with them, and lets the others have the partitions
 * at once. It may be called again.
 * Not its job: remembering how far was read. Offsets come from whoever reads; what is reported by
 * {@link Assignment.processed} serves those who watch the lag, and nothing else.
 */
export interface PartitionedSource<Content = Said> {
  readonly partitions: number;
  join(owner: PartitionOwner<Content>): Promise<void>;
  leave(): Promise<void>;
  /** Resolves when the membership is over, because of `leave` or because something ended it; `leave` says what. */
  readonly ended: Promise<void>;
}

/** Works on one assignment until it is revoked; what it throws ends the group membership and rejects in `leave`. */
export type PartitionOwner<Content = Said> = (assignment: Assignment<Content>) => Promise<void>;

export interface Assignment<Content = Said> {
  readonly partition: number;
  /** The ids of its sources of events, `<topic>:<partition>`; offsets are Kafka's. */
  readonly sources: readonly string[];
  /** Of those that bring facts from other partitions. */
  readonly factSources: readonly string[];
  /** Aborted as soon as the partition may be another's: stop committing. */
  readonly revoked: AbortSignal;
  /**
   * Blocks of records of one source in order of offset, from the offset named, or from the beginning of what there is.
   * Each source is read by itself, one reader at a time. Ends when revoked, and when `stop` is aborted (which also ends
   * a wait for the next block, as leaving the iteration cannot). A consumer that does not ask for the next
   * block holds the broker back: no more than a bounded number of bytes is read ahead. A block may be empty: then the
   * source was read to its end.
   */
  read(source: string, from: number | undefined, stop?: AbortSignal): AsyncIterable<SourceBlock<Content>>;
  /** Tells the brokers how far was processed; for lag monitors. Never fails. */
  processed(offsets: Readonly<Record<string, number>>): void;
}

export interface SourceBlock<Content = Said> {
  readonly records: readonly SourceRecord<Content>[];
  /** The next offset to read, past gaps that compaction and transactions leave. */
  readonly next: number;
  /** How many offsets lay behind the block when it was read: 0 at the end of the source. */
  readonly behind: number;
}
