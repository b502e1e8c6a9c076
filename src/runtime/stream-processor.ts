import { ByteWriter } from '../core/bytes.ts';
import { interpret } from '../core/events/interpret.ts';
import { isEventName } from '../core/events/names.ts';
import type { AddressedFact } from '../core/events/fact.ts';
import type { FoldOutcome } from '../core/features/fold.ts';
import {
  LATE_AFTER_MS,
  adoptModels,
  dueOf,
  passTime,
  periodOf,
  takeFact,
  type Period,
} from '../core/person.ts';
import { writePerson } from '../core/person-codec.ts';
import { NO_POPULATION, PopulationCounters } from '../core/scoring/population.ts';
import { nextReviewAfter } from '../core/tagging/review-calendar.ts';
import type { Rulebook } from '../core/tagging/rulebook.ts';
import { NEVER, instant, latest, type Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { Claim, StateStore } from '../ports/state-store.ts';
import { TidemarkError } from '../errors.ts';
import { decodePerson } from './decode-person.ts';
import { PersonCache, loaded, type Resident } from './person-cache.ts';
import { foreseeScores } from './serving/foresee-scores.ts';
import type { ServedScorer } from './serving/served-scorer.ts';
import { newTally, tallyUnknownName, type RunTally } from './tally.ts';
import { Turn, type SentFact } from './turn.ts';

/** People the sweeper takes per partition and turn: due work never holds up live work for long. */
const SWEEP_PEOPLE = 512;

/** One fact of a record, and whom it concerns. */
interface Step {
  readonly record: SourceRecord;
  readonly fact: AddressedFact;
  readonly resident: Resident;
  /** The sender's own fact: what becomes of it becomes of the record. */
  readonly isOwn: boolean;
}

export interface ProcessorOptions {
  readonly store: StateStore;
  readonly rulebook: Rulebook;
  /** Scores people at first; another may take its place: {@link StreamProcessor.useModels}. */
  readonly scorer?: ServedScorer | undefined;
  /** Decoded people kept between turns. */
  readonly cachePeople: number;
  /** Decide triggers, but mark them as not to be sent (backfill). */
  readonly muteTriggers: boolean;
}

/**
 * Turns records into committed state and announcements, for all partitions of a store. A turn is any number of
 * `take`s, each of which reads the people concerned, folds every fact in order of arrival, tags and decides; then
 * `commit` sweeps some of those whose time has come, and writes everything at once. Nothing it produces depends on
 * how records are cut into takes and turns. Throws `COMMIT_FENCED` when another owner took a partition over; the
 * state is then theirs.
 */
export class StreamProcessor {
  readonly tally: RunTally = newTally();
  private readonly options: ProcessorOptions;
  private readonly cache: PersonCache;
  private readonly writer = new ByteWriter();
  private claims: Claim[] = [];
  private offsets = new Map<string, number>();
  private clock: Instant = instant(0);
  private period: Period;
  /** What was taken since the last commit; undefined when that is nothing. */
  private turn: Turn | undefined;
  private turns = 0;
  private scorer: ServedScorer | undefined;

  constructor(options: ProcessorOptions) {
    this.options = options;
    this.cache = new PersonCache(options.cachePeople, options.store.partitions);
    this.scorer = options.scorer;
    this.period = this.periodOf(NO_POPULATION, NEVER);
  }

  /** Where the stream's clock stands: the latest arrival so far. */
  get now(): Instant {
    return this.clock;
  }

  /** Turns must not reach past this instant before {@link StreamProcessor.advanceTo} did. */
  get nextReviewAt(): Instant {
    return this.period.nextReviewAt;
  }

  get currentPeriod(): Period {
    return this.period;
  }

  get currentScorer(): ServedScorer | undefined {
    return this.scorer;
  }

  get currentClaims(): readonly Claim[] {
    return this.claims;
  }

  async start(): Promise<void> {
    const { store } = this.options;
    this.clock = instant(0);
    this.cache.clear();
    this.turn = undefined;
    this.claims = await Promise.all(Array.from({ length: store.partitions }, (_, i) => store.claim(i)));
    this.offsets = new Map();
    for (const { offsets, clock } of this.claims) {
      this.clock = latest(this.clock, clock);
      for (const [source, next] of Object.entries(offsets)) {
        this.offsets.set(source, Math.min(next, this.offsets.get(source) ?? Infinity));
      }
    }
    const inputs = (await store.populationInputs()) ?? NO_POPULATION;
    const reviewedUpTo = latest(inputs.since, this.clock);
    this.period = this.periodOf(inputs, this.clock === 0 ? NEVER : this.reviewAfter(reviewedUpTo));
    if (this.clock > 0) await this.adoptAll();
  }

  /** Records taken since the last commit. */
  get turnRecords(): number {
    return this.turn?.records ?? 0;
  }

  /**
   * Folds records into the turn. They must be in order of arrival and lie before {@link StreamProcessor.nextReviewAt}.
   * Nothing is kept of them: small blocks die young, however long the turn.
   */
  async take(records: readonly SourceRecord[]): Promise<void> {
    const turn = (this.turn ??= this.newTurn());
    turn.records += records.length;
    const steps = this.understand(records, turn);
    const concerned = steps.map(({ resident }) => resident);
    await this.load(concerned);
    foreseeScores(concerned, this.clock, this.period);
    for (const { record, fact, resident, isOwn } of steps) {
      const direct = this.apply(turn, resident, fact, record, 0);
      const sent = turn.takeSent();
      const onwards = sent.length > 0 ? await this.passOn(turn, sent, record) : direct;
      if (isOwn) this.count(record, direct === 'moved' ? onwards : direct, turn);
    }
  }

  /**
   * Puts other models in force, now: everyone they concern is scored anew, in turns, and transitions that come of it are
   * caused by the model. Again with the same models is nothing.
   */
  async useModels(scorer: ServedScorer): Promise<void> {
    if (this.scorer?.version === scorer.version) return;
    await this.sweepAll(this.clock);
    this.scorer = scorer;
    this.period = this.periodOf(this.period.population, this.period.nextReviewAt);
    await this.adoptAll();
  }

  private async adoptAll(): Promise<void> {
    if (this.period.models === undefined) return;
    for (const claim of this.claims) {
      const ids: string[] = [];
      for await (const page of this.options.store.people(claim))
        ids.push(...page.map(({ personId }) => personId));
      for (let from = 0; from < ids.length; from += SWEEP_PEOPLE)
        await this.adopt(ids.slice(from, from + SWEEP_PEOPLE));
    }
  }

  /** Ends the turn, if there is one. */
  async commit(): Promise<void> {
    const { turn } = this;
    if (turn === undefined) return;
    this.turn = undefined;
    await this.sweepSome(turn, this.clock);
    await this.store(turn);
  }

  /**
   * Lets time pass for everyone up to and including `until`, with every review on the way. Between reviews the
   * sweep is complete: the counters a review freezes are those of that very instant.
   */
  async advanceTo(until: Instant): Promise<void> {
    if (this.period.nextReviewAt === NEVER) {
      this.period = { ...this.period, nextReviewAt: this.reviewAfter(until) };
    }
    while (this.period.nextReviewAt <= until) {
      const at = this.period.nextReviewAt;
      await this.sweepAll(instant(at - 1));
      await this.review(at);
    }
  }

  /** Works off every due up to and including `until`. */
  async sweepAll(until: Instant): Promise<void> {
    await this.commit();
    this.clock = latest(this.clock, until);
    for (;;) {
      const turn = this.newTurn();
      const swept = await this.sweepSome(turn, until);
      await this.store(turn);
      if (swept === 0) return;
    }
  }

  private understand(records: readonly SourceRecord[], turn: Turn): Step[] {
    const steps: Step[] = [];
    const { policy } = this.options.rulebook;
    for (const record of records) {
      this.tally.events.read += record.rows;
      if (!record.event.ok && record.event.error.reason === 'after_until') {
        turn.reject(record, record.event.error);
        continue;
      }
      if (record.offset < (this.offsets.get(record.source) ?? 0)) {
        this.tally.events.duplicate += record.rows;
        continue;
      }
      this.offsets.set(record.source, record.offset + 1);
      this.clock = latest(this.clock, record.receivedAt);
      const facts = record.event.ok ? interpret(record.event.value, record.receivedAt, policy) : record.event;
      if (!facts.ok) {
        turn.reject(record, facts.error);
        continue;
      }
      if (record.event.ok && !isEventName(record.event.value.name))
        tallyUnknownName(this.tally, record.event.value.name);
      let isOwn = true;
      for (const fact of facts.value) {
        steps.push({ record, fact, resident: this.cache.residentOf(fact.personId), isOwn });
        isOwn = false;
      }
    }
    return steps;
  }

  private apply(
    turn: Turn,
    resident: Resident,
    { personId, fact }: AddressedFact,
    record: SourceRecord,
    redirections: number,
  ): FoldOutcome {
    const ref = record.event.ok ? record.event.value.messageId : '';
    const output = turn.outputFor(resident);
    const person = loaded(resident);
    return takeFact(personId, person, fact, record.receivedAt, ref, this.period, output, redirections);
  }

  /**
   * Facts a fact gives rise to (a refund told to the seller, a merged history) are delivered at once, in order.
   * @returns what became of the first of them, however often it was sent on
   */
  private async passOn(turn: Turn, sent: readonly SentFact[], record: SourceRecord): Promise<FoldOutcome> {
    let first: FoldOutcome | undefined;
    for (const { fact, redirections } of sent) {
      const resident = this.cache.residentOf(fact.personId);
      await this.load([resident]);
      const direct = this.apply(turn, resident, fact, record, redirections);
      const further = turn.takeSent();
      const onwards = further.length > 0 ? await this.passOn(turn, further, record) : direct;
      first ??= direct === 'moved' ? onwards : direct;
    }
    return first ?? 'applied';
  }

  private count(record: SourceRecord, outcome: FoldOutcome, turn: Turn): void {
    const { events } = this.tally;
    if (outcome === 'too_late') {
      const detail = 'older than the longest window when it arrived';
      turn.reject(record, { reason: 'too_late', detail });
    } else if (outcome === 'duplicate' || outcome === 'restated') events.duplicate += record.rows;
    else if (record.event.ok && record.receivedAt - record.event.value.at > LATE_AFTER_MS)
      events.late += record.rows;
    else events.accepted += record.rows;
  }

  private async sweepSome(turn: Turn, until: Instant): Promise<number> {
    let swept = 0;
    for (const claim of this.claims) {
      const ids = await this.options.store.due(claim, until, SWEEP_PEOPLE);
      const due = ids.map((id) => this.cache.residentOf(id));
      await this.load(due);
      foreseeScores(due, until, this.period);
      for (const resident of due) {
        const person = loaded(resident);
        if (dueOf(person) > until) continue;
        passTime(resident.personId, person, until, this.period, turn.outputFor(resident));
        swept += 1;
      }
    }
    return swept;
  }

  private async adopt(ids: readonly string[]): Promise<void> {
    const turn = this.newTurn();
    const residents = ids.map((id) => this.cache.residentOf(id));
    await this.load(residents);
    const moved = residents.filter((resident) => adoptModels(loaded(resident), this.clock, this.period));
    foreseeScores(moved, this.clock, this.period);
    for (const resident of moved)
      passTime(resident.personId, loaded(resident), this.clock, this.period, turn.outputFor(resident));
    await this.store(turn);
  }

  private async review(at: Instant): Promise<void> {
    const { store, rulebook } = this.options;
    const counters = new PopulationCounters(rulebook.counted);
    counters.add(await store.population());
    const inputs = counters.freeze(at);
    await store.publishPopulationInputs(inputs);
    this.period = this.periodOf(inputs, this.reviewAfter(at));
  }

  private async load(residents: readonly Resident[]): Promise<void> {
    const missing = new Map<number, Set<Resident>>();
    for (const resident of residents) {
      if (resident.person !== undefined) continue;
      const { partition } = resident;
      let awaited = missing.get(partition);
      if (awaited === undefined) missing.set(partition, (awaited = new Set()));
      awaited.add(resident);
    }
    for (const [partition, awaited] of missing) {
      const list = [...awaited];
      const ids = list.map(({ personId }) => personId);
      const records = await this.options.store.read(this.claimOf(partition), ids);
      list.forEach((resident, i) => {
        resident.person = decodePerson(resident.personId, records[i]);
      });
    }
  }

  private async store(turn: Turn): Promise<void> {
    this.writer.reset();
    if (this.scorer !== undefined) turn.giveReasons(this.scorer);
    const changes = turn.changes(this.claims, this.offsets, this.clock, (person) =>
      writePerson(person, this.writer),
    );
    if ((await this.options.store.commit(changes)) === 'fenced') {
      this.cache.clear();
      throw new TidemarkError(
        'COMMIT_FENCED',
        'another process took this state over',
        'stop the other process, or let it go on',
      );
    }
    this.cache.age();
  }

  private newTurn(): Turn {
    const { store, rulebook, muteTriggers } = this.options;
    return new Turn(this.turns++, store.partitions, rulebook.counted, muteTriggers, this.tally);
  }

  private claimOf(partition: number): Claim {
    const claim = this.claims[partition];
    if (claim === undefined) throw new Error(`partition ${partition} was never claimed`);
    return claim;
  }

  private reviewAfter(at: Instant): Instant {
    const { reviewEvery, utcOffsetMs } = this.options.rulebook.policy;
    return nextReviewAfter(at, reviewEvery, utcOffsetMs);
  }

  private periodOf(population: Period['population'], nextReviewAt: Instant): Period {
    return periodOf(this.options.rulebook, population, this.scorer, nextReviewAt);
  }
}
