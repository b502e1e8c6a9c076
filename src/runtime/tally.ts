import type { RejectReason } from '../core/events/event.ts';
import type { Cause } from '../core/tagging/transition.ts';

/** What became of the rows read so far: each is in exactly one of the others. */
export interface EventTally {
  read: number;
  /** Folded in. */
  accepted: number;
  /** Known already: by messageId, by order id, or from an earlier run over the same source. */
  duplicate: number;
  /** Folded in at their own time, more than five minutes after it. */
  late: number;
  readonly rejected: Partial<Record<RejectReason, number>>;
}

export interface RunTally {
  readonly events: EventTally;
  /** Where the first row of each reject reason stands. */
  readonly firstRejected: Partial<Record<RejectReason, { readonly place: string; readonly detail: string }>>;
  readonly transitions: { total: number; readonly byCause: Partial<Record<Cause, number>> };
  /** Events whose name says nothing to Tidemark, by that name; they count as activity. */
  readonly unknownNames: Map<string, number>;
  /** By trigger name. */
  readonly triggers: Record<string, number>;
  mutedTriggers: number;
}

/** Names a source makes up by the thousand are tallied together under the last. */
const MOST_UNKNOWN_NAMES = 1000;
const OTHER_NAMES = '(other names)';

export function tallyUnknownName({ unknownNames }: RunTally, name: string): void {
  const isNew = !unknownNames.has(name) && unknownNames.size >= MOST_UNKNOWN_NAMES;
  const under = isNew ? OTHER_NAMES : name;
  unknownNames.set(under, (unknownNames.get(under) ?? 0) + 1);
}

export function newTally(): RunTally {
  return {
    events: { read: 0, accepted: 0, duplicate: 0, late: 0, rejected: {} },
    firstRejected: {},
    transitions: { total: 0, byCause: {} },
    unknownNames: new Map(),
    triggers: {},
    mutedTriggers: 0,
  };
}
