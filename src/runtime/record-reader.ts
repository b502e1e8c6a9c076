import { interpret } from '../core/events/interpret.ts';
import { isEventName } from '../core/events/names.ts';
import type { AddressedFact } from '../core/events/fact.ts';
import { partitionOf } from '../core/partition.ts';
import { LATE_AFTER_MS } from '../core/person.ts';
import { latest, instant, type Instant } from '../core/time.ts';
import type { Policy } from '../core/tagging/policy.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { ForwardedFacts, Said } from '../ports/forwarded-facts.ts';
import type { Claim } from '../ports/state-store.ts';
import { tallyUnknownName, type RunTally } from './tally.ts';
import type { Turn } from './turn.ts';

/**
 * One fact of a record, and whom it concerns. Of the record no more is kept than may still be asked: turns are long, and
 * decoded events are large.
 */
export interface Step {
  readonly fact: AddressedFact;
  /** Where the person lives. */
  readonly partition: number;
  /** When the fact reached us first, in whatever partition. */
  readonly receivedAt: Instant;
  /** Names it in transitions. */
  readonly ref: string;
  /** How often it was sent on before. */
  readonly redirections: number;
  /** The sender's own fact, and the rows it stands for: what becomes of it becomes of them. */
  readonly ownRows: number | undefined;
  /** It reached us long after its own time. */
  readonly isLate: boolean;
  /** Whole where its own fact may turn out to be too late. */
  readonly record: SourceRecord<Said> | undefined;
  readonly origin: ForwardedFacts['origin'];
  readonly root: ForwardedFacts['root'];
}

/**
 * Turns records into steps, and remembers how far every source was read, so that a record counts once. Facts from other
 * partitions are remembered by the records they come of, and passed over when that record's were there before.
 */
export class RecordReader {
  /** Next offset per source, and per origin of forwarded facts. */
  readonly offsets = new Map<string, number>();
  /** The latest arrival so far. */
  clock: Instant = instant(0);
  private readonly policy: Policy;
  private readonly partitions: number;
  private readonly tally: RunTally;

  constructor(policy: Policy, partitions: number, tally: RunTally) {
    this.policy = policy;
    this.partitions = partitions;
    this.tally = tally;
  }

  /** Goes on where the least advanced of the claims stands, each source by itself. */
  restart(claims: readonly Claim[]): void {
    this.offsets.clear();
    this.clock = instant(0);
    for (const { offsets, clock } of claims) {
      this.clock = latest(this.clock, clock);
      for (const [source, next] of Object.entries(offsets))
        this.offsets.set(source, Math.min(next, this.offsets.get(source) ?? Infinity));
    }
  }

  read(records: readonly SourceRecord<Said>[], turn: Turn): Step[] {
    const steps: Step[] = [];
    for (const record of records) this.readOne(record, turn, steps);
    return steps;
  }

  private readOne(record: SourceRecord<Said>, turn: Turn, steps: Step[]): void {
    const { events } = this.tally;
    // Facts from elsewhere were counted there, as the event they come of.
    const rows = record.event.ok && 'facts' in record.event.value ? 0 : record.rows;
    events.read += rows;
    if (!record.event.ok && record.event.error.reason === 'after_until') {
      turn.reject(record, record.event.error);
      return;
    }
    if (record.offset < (this.offsets.get(record.source) ?? 0)) {
      events.duplicate += rows;
      return;
    }
    this.offsets.set(record.source, record.offset + 1);
    if (!record.event.ok) {
      this.clock = latest(this.clock, record.receivedAt);
      turn.reject(record, record.event.error);
      return;
    }
    const said = record.event.value;
    if ('facts' in said) {
      const { origin, receivedAt, ref } = said;
      const source = forwardedFrom(origin.source);
      if (origin.offset < (this.offsets.get(source) ?? 0)) return;
      this.offsets.set(source, origin.offset + 1);
      this.clock = latest(this.clock, receivedAt);
      for (const { fact, redirections } of said.facts)
        steps.push({
          fact,
          partition: this.homeOf(fact),
          receivedAt,
          ref,
          redirections,
          ownRows: undefined,
          isLate: false,
          record: undefined,
          origin: { source: record.source, offset: record.offset },
          root: said.root ?? origin,
        });
      return;
    }
    const { receivedAt } = record;
    this.clock = latest(this.clock, receivedAt);
    const facts = interpret(said, receivedAt, this.policy);
    if (!facts.ok) {
      turn.reject(record, facts.error);
      return;
    }
    if (!isEventName(said.name)) tallyUnknownName(this.tally, said.name);
    const origin = { source: record.source, offset: record.offset };
    const isLate = receivedAt - said.at > LATE_AFTER_MS;
    let isOwn = true;
    for (const fact of facts.value) {
      // Hardly anybody's time is past this clock: what is not even late here is too late nowhere.
      const mayBeTooLate = isOwn && this.clock - fact.fact.at > LATE_AFTER_MS;
      steps.push({
        fact,
        partition: this.homeOf(fact),
        receivedAt,
        ref: said.messageId,
        redirections: 0,
        ownRows: isOwn ? record.rows : undefined,
        isLate,
        record: mayBeTooLate ? record : undefined,
        origin,
        root: undefined,
      });
      isOwn = false;
    }
  }

  private homeOf({ personId }: AddressedFact): number {
    return partitionOf(personId, this.partitions);
  }
}

const FORWARDED = ' forwarded';

/** Next offset after the last record that facts came from, by its source. */
export function forwardedOrigins(offsets: ReadonlyMap<string, number>): Record<string, number> {
  const origins: Record<string, number> = {};
  for (const [name, next] of offsets)
    if (name.endsWith(FORWARDED)) origins[name.slice(0, -FORWARDED.length)] = next;
  return origins;
}

/** An origin's name among the offsets. */
function forwardedFrom(source: string): string {
  return source + FORWARDED;
}
