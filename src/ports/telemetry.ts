import type { RejectReason } from '../core/events/event.ts';
import type { Instant } from '../core/time.ts';

/** What became of events, by number; each is in exactly one of the first four. */
export interface EventCounts {
  readonly accepted: number;
  readonly duplicate: number;
  /** Folded in at their own time, more than five minutes after it. */
  readonly late: number;
  readonly rejected: Readonly<Partial<Record<RejectReason, number>>>;
  /** Of all these, those whose name says nothing to Tidemark. */
  readonly unknownNames: number;
}

export type WorkingRole = 'worker' | 'sink';

/** What is read: `events` and `facts` by workers, `rows` by sinks. */
export type SourceKind = 'events' | 'facts' | 'rows';

/** One partition as whoever works on it sees it now. */
export interface PartitionSight {
  readonly role: WorkingRole;
  readonly partition: number;
  /** Records that lie in the sources and are not worked off, as of the last read. */
  readonly behind: Readonly<Partial<Record<SourceKind, number>>>;
  /** Of workers: everything that arrived up to here is in. Undefined until it was heard. */
  readonly until: Instant | undefined;
  /** Of workers: up to here time has passed for those who live there. */
  readonly clock: Instant | undefined;
  readonly outages: readonly LastingOutage[];
}

/** What is waited for now. */
export interface LastingOutage {
  /** Who does not answer: the same through changes of the code. */
  readonly of: 'turn' | 'offsets' | 'clickhouse';
  /** Of src/errors.ts. */
  readonly code: string;
  readonly since: Instant;
}
