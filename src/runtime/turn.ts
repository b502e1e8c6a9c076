import type { Rejection } from '../core/events/event.ts';
import type { PersonOutput } from '../core/person.ts';
import { PopulationCounters, type PopulationDelta } from '../core/scoring/population.ts';
import type { ScoreRule } from '../core/scoring/score.ts';
import type { Transition } from '../core/tagging/transition.ts';
import type { Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { ForwardedFacts, Said, SentFact } from '../ports/forwarded-facts.ts';
import type { Announcement, Claim, PartitionChanges, PersonChange } from '../ports/state-store.ts';
import type { Step } from './record-reader.ts';
import type { Resident } from './resident.ts';
import type { ServedScorer } from './serving/served-scorer.ts';
import type { RunTally } from './tally.ts';

interface Touched {
  readonly people: Resident[];
  readonly announcements: Announcement[];
  readonly population: PopulationCounters;
  output: PersonOutput | undefined;
}

/** Collects what one turn changes, by partition, until it is committed as one. */
export class Turn {
  /** Taken so far. */
  records = 0;
  private readonly number: number;
  private readonly muted: boolean;
  private readonly tally: RunTally;
  /** By partition; only those that are worked on here. */
  private readonly touched = new Map<number, Touched>();
  /** What belongs to no person goes to the first of them. */
  private readonly home: number;
  private sent: SentFact[] = [];
  /** The step that is applied at the moment, and how many prices it told so far. */
  private place = 0;
  private prices = 0;
  /** Where a category was told of first. */
  private readonly firstPriced = new Map<string, PricePlace>();
  /** The latest by partition: more of the same record may follow. */
  private readonly forwarded = new Map<number, ForwardedFacts & { readonly facts: SentFact[] }>();

  /** `number` tells it from the turns before; `partitions` are those that are worked on here. */
  constructor(
    number: number,
    partitions: readonly number[],
    counted: readonly ScoreRule[],
    muted: boolean,
    tally: RunTally,
  ) {
    this.number = number;
    this.muted = muted;
    this.tally = tally;
    this.home = partitions[0] ?? 0;
    for (const partition of partitions) {
      const population = new PopulationCounters(counted, Infinity);
      this.touched.set(partition, { people: [], announcements: [], population, output: undefined });
    }
  }

  /**
   * Where the step at this place of the turn goes, or what time brings about after all of them. The person is written
   * back at the end of the turn.
   */
  outputFor(resident: Resident, place = Infinity): PersonOutput {
    const touched = this.of(resident.partition);
    this.place = place;
    this.prices = 0;
    if (resident.turn !== this.number) {
      resident.turn = this.number;
      resident.firstPlace = place;
      touched.people.push(resident);
    }
    return (touched.output ??= this.outputOf(touched));
  }

  /** Towards whoever works on the person's partition; with what else the record states there. In order of arrival. */
  forward(
    partition: number,
    { origin, root, receivedAt, ref }: Step,
    { fact, redirections }: SentFact,
  ): void {
    const sent = { fact, redirections };
    const known = this.forwarded.get(partition);
    if (known?.origin.source === origin.source && known.origin.offset === origin.offset) {
      known.facts.push(sent);
      return;
    }
    const rooted = root === undefined ? {} : { root };
    const forwarded = { partition, origin, ...rooted, receivedAt, ref, facts: [sent] };
    this.forwarded.set(partition, forwarded);
    this.of(this.home).announcements.push({ kind: 'facts', forwarded });
  }

  get hasForwarded(): boolean {
    return this.forwarded.size > 0;
  }

  takeSent(): readonly SentFact[] {
    if (this.sent.length === 0) return this.sent;
    const { sent } = this;
    this.sent = [];
    return sent;
  }

  /** Counts the record's rows as rejected; what was not merely cut off by `--until` becomes a dead letter. */
  reject(record: SourceRecord<Said>, rejection: Rejection): void {
    const { reason, detail } = rejection;
    const { events, firstRejected } = this.tally;
    events.rejected[reason] = (events.rejected[reason] ?? 0) + record.rows;
    firstRejected[reason] ??= { place: record.place, detail };
    if (reason === 'after_until') return;
    const { source, offset, place, receivedAt } = record;
    const raw = record.raw ?? (record.event.ok ? JSON.stringify(record.event.value) : '');
    this.of(this.home).announcements.push({
      kind: 'dead_letter',
      letter: { source, offset, place, rejection, raw, receivedAt },
    });
  }

  /** Tells why the risks are what they are, of all transitions that wait for it, with one question to the model. */
  giveReasons(scorer: ServedScorer): void {
    const announcements = [...this.touched.values()].flatMap((touched) => touched.announcements);
    const waiting = announcements.flatMap((one) =>
      one.kind === 'transition' && one.transition.evidence !== undefined ? [one.transition] : [],
    );
    if (waiting.length === 0) return;
    const reasons = scorer.reasons(waiting.flatMap(({ evidence }) => evidence ?? []));
    const told = new Map(
      waiting.map((transition, i) => {
        const { evidence, ...rest } = transition;
        return [transition, { ...rest, modelReasons: reasons[i] ?? [] }];
      }),
    );
    const tell = (transition: Transition): Transition => told.get(transition) ?? transition;
    for (const { announcements: own } of this.touched.values()) {
      own.forEach((one, i) => {
        if (one.kind === 'transition') own[i] = { ...one, transition: tell(one.transition) };
        if (one.kind === 'trigger')
          own[i] = { ...one, trigger: { ...one.trigger, transition: tell(one.trigger.transition) } };
      });
    }
  }

  changes(
    claims: readonly Claim[],
    offsets: ReadonlyMap<string, number>,
    clock: Instant,
    scoredBy: string,
    changesOf: (people: readonly Resident[]) => PersonChange[],
  ): PartitionChanges[] {
    const next = Object.fromEntries(offsets);
    return claims.map((claim) => {
      const { people, announcements, population } = this.of(claim.partition);
      return {
        claim,
        // As if one step had been applied after the other: stores may keep people in the order in which they came.
        people: changesOf(people.sort((a, b) => compare(a.firstPlace, b.firstPlace))),
        announcements,
        population: inOrderOf(this.firstPriced, population.export()),
        offsets: next,
        clock,
        scoredBy,
      };
    });
  }

  private outputOf({ announcements, population }: Touched): PersonOutput {
    return {
      transition: (transition) => {
        const { transitions } = this.tally;
        transitions.total += 1;
        transitions.byCause[transition.cause] = (transitions.byCause[transition.cause] ?? 0) + 1;
        announcements.push({ kind: 'transition', transition });
      },
      trigger: (trigger) => {
        this.tally.triggers[trigger.rule.name] = (this.tally.triggers[trigger.rule.name] ?? 0) + 1;
        if (this.muted) this.tally.mutedTriggers += 1;
        announcements.push({ kind: 'trigger', trigger, muted: this.muted });
      },
      send: (fact, redirections = 0) => {
        this.sent.push({ fact, redirections });
      },
      contribution: (before, after) => {
        population.contribution(before, after);
      },
      // In one place for all partitions, so that categories come to the store in order of arrival.
      price: (category, priceMinor) => {
        this.of(this.home).population.price(category, priceMinor);
        this.notePrice(category);
      },
    };
  }

  private notePrice(category: string): void {
    const nth = this.prices++;
    const known = this.firstPriced.get(category);
    if (known !== undefined && (known.step < this.place || (known.step === this.place && known.nth <= nth)))
      return;
    this.firstPriced.set(category, { step: this.place, nth });
  }

  private of(partition: number): Touched {
    const touched = this.touched.get(partition);
    if (touched === undefined) throw new RangeError(`partition ${partition} is not worked on here`);
    return touched;
  }
}

/** Of a price: the step that told it, and which of that step it is. */
interface PricePlace {
  readonly step: number;
  readonly nth: number;
}

function inOrderOf(places: ReadonlyMap<string, PricePlace>, delta: PopulationDelta): PopulationDelta {
  const prices = [...delta.prices].sort(([a], [b]) => comparePlaces(places.get(a), places.get(b)));
  return { ...delta, prices };
}

function comparePlaces(a: PricePlace | undefined, b: PricePlace | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return compare(a.step, b.step) || a.nth - b.nth;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
