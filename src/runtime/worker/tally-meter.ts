import type { RejectReason } from '../../core/events/event.ts';
import type { EventCounts } from '../../ports/telemetry.ts';
import type { RunTally } from '../tally.ts';

/** Cuts a tally that only grows into parts. */
export class TallyMeter {
  private readonly tally: RunTally;
  private before: EventCounts = NOTHING;

  constructor(tally: RunTally) {
    this.tally = tally;
  }

  /** What was added since the last call. */
  read(): EventCounts {
    const { events, unknownNames } = this.tally;
    let unknown = 0;
    for (const times of unknownNames.values()) unknown += times;
    const { before } = this;
    const { accepted, duplicate, late } = events;
    const now = { accepted, duplicate, late, rejected: { ...events.rejected }, unknownNames: unknown };
    this.before = now;
    return {
      accepted: now.accepted - before.accepted,
      duplicate: now.duplicate - before.duplicate,
      late: now.late - before.late,
      rejected: grown(before.rejected, now.rejected),
      unknownNames: now.unknownNames - before.unknownNames,
    };
  }
}

type Rejected = EventCounts['rejected'];

const NOTHING: EventCounts = { accepted: 0, duplicate: 0, late: 0, rejected: {}, unknownNames: 0 };

function grown(before: Rejected, now: Rejected): Rejected {
  const more: Partial<Record<RejectReason, number>> = {};
  for (const [reason, times] of Object.entries(now) as [RejectReason, number][]) {
    const added = times - (before[reason] ?? 0);
    if (added > 0) more[reason] = added;
  }
  return more;
}
