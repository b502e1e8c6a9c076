import { ByteWriter } from '../core/bytes.ts';
import type { Fact } from '../core/events/fact.ts';
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
import { partitionOf } from '../core/partition.ts';
import { writePerson } from '../core/person-codec.ts';
import { NO_POPULATION, PopulationCounters } from '../core/scoring/population.ts';
import { nextReviewAfter } from '../core/tagging/review-calendar.ts';
import { NEVER, earliest, instant, latest, plus, type Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { Said, SentFact } from '../ports/forwarded-facts.ts';
import type { Claim } from '../ports/state-store.ts';
import { TidemarkError } from '../errors.ts';
import { decodePerson } from './decode-person.ts';
import { PersonCache, loaded, type Resident } from './person-cache.ts';
import type { ProcessorOptions } from './processor-options.ts';
import { RecordReader, type Step } from './record-reader.ts';
import { foreseeScores } from './serving/foresee-scores.ts';
import type { ServedScorer } from './serving/served-scorer.ts';
import { newTally, type RunTally } from './tally.ts';
import { Turn } from './turn.ts';

/** People the sweeper takes per partition and turn, unless told otherwise. */
const SWEEP_PEOPLE = 512;

/**
 * Turns records into committed state and announcements, for some partitions of a store or all of them. A turn is any number of
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
  private readonly partitions: ReadonlySet<number>;
  private readonly reader: RecordReader;
  private period: Period;
  /** What was taken since the last commit; undefined when that is nothing. */
  private turn: Turn | undefined;
  private turns = 0;
  private scorer: ServedScorer | undefined;
  /** Whose scores everyone has: another version only once all were asked. */
  private scoredBy = '';

  constructor(options: ProcessorOptions) {
    this.options = options;
    const { store, rulebook } = options;
    this.partitions = new Set(options.partitions ?? Array.from({ length: store.partitions }, (_, i) => i));
    this.reader = new RecordReader(rulebook.policy, store.partitions, this.tally);
    this.cache = new PersonCache(options.cachePeople, store.partitions);
    this.scorer = options.scorer;
    this.period = this.periodOf(NO_POPULATION, NEVER);
  }

  /** Where the stream's clock stands: the latest arrival so far. */
  get now(): Instant {
    return this.clock;
  }

  private get clock(): Instant {
    return this.reader.clock;
  }

  /** Turns must not reach past this instant before {@link StreamProcessor.advanceTo} did. */
  get nextReviewAt(): Instant {
    return this.period.nextReviewAt;
  }

  /** Next offset per source, and per origin of forwarded facts. */
  get offsets(): ReadonlyMap<string, number> {
    return this.reader.offsets;
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
    this.cache.clear();
    this.turn = undefined;
    this.claims = await Promise.all([...this.partitions].map((partition) => store.claim(partition)));
    this.reader.restart(this.claims);
    // A review is over at its own instant; until then the clock stands just before it.
    const inputs = (await store.populationInputs(plus(this.clock, 1))) ?? NO_POPULATION;
    const reviewedUpTo = latest(inputs.since, this.clock);
    this.period = this.periodOf(inputs, this.clock === 0 ? NEVER : this.reviewAfter(reviewedUpTo));
    const version = this.scorer?.version ?? '';
    this.scoredBy = this.claims.every(({ scoredBy }) => scoredBy === version) ? version : '';
    if (this.scoredBy !== version && this.clock > 0) await this.adoptAll();
    this.scoredBy = version;
  }

  /** Records taken since the last commit. */
  get turnRecords(): number {
    return this.turn?.records ?? 0;
  }

  /** Something taken since the last commit concerns people who are worked on elsewhere. */
  get hasForwarded(): boolean {
    return this.turn?.hasForwarded ?? false;
  }

  /**
   * Folds records into the turn. They must be in order of arrival and lie before {@link StreamProcessor.nextReviewAt}.
   * Nothing is kept of them: small blocks die young, however long the turn.
   */
  async take(records: readonly SourceRecord<Said>[]): Promise<void> {
    const turn = (this.turn ??= this.newTurn());
    turn.records += records.length;
    const steps = this.reader.read(records, turn);
    const residents = steps.map(({ partition, fact }) => this.residentHere(partition, fact.personId));
    const concerned = residents.filter((resident) => resident !== undefined);
    await this.load(concerned);
    foreseeScores(concerned, this.clock, this.period);
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i];
      if (step === undefined) continue;
      const resident = residents[i];
      const outcome =
        resident === undefined
          ? forward(turn, step, step)
          : await this.applyAll(turn, resident, step.fact.fact, step, step.redirections);
      if (step.isOwn) this.count(step.record, outcome, turn);
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
    this.scoredBy = scorer.version;
  }

  private async adoptAll(): Promise<void> {
    if (this.period.models === undefined) return;
    for (const claim of this.claims) {
      const ids: string[] = [];
      for await (const page of this.options.store.people(claim))
        ids.push(...page.map(({ personId }) => personId));
      for (let from = 0; from < ids.length; from += SWEEP_PEOPLE) {
        await this.adopt(ids.slice(from, from + SWEEP_PEOPLE));
        await this.options.betweenTurns?.();
      }
    }
  }

  /**
   * Ends the turn, if there is one. Its sweep reaches no further than the latest arrival and `sweepUntil`, and takes
   * `most` people per partition.
   * @returns whether that was all of them
   */
  async commit(sweepUntil: Instant = NEVER, most = SWEEP_PEOPLE): Promise<boolean> {
    const { turn } = this;
    if (turn === undefined) return true;
    this.turn = undefined;
    const isAll = await this.sweepSome(turn, earliest(this.clock, sweepUntil), most);
    await this.store(turn);
    return isAll;
  }

  /**
   * A turn of its own for those whose time has come, `most` per partition.
   * @returns whether that was all of them
   */
  async sweepTurn(until: Instant, most = SWEEP_PEOPLE): Promise<boolean> {
    await this.commit(until);
    this.reader.clock = latest(this.clock, until);
    const turn = this.newTurn();
    const isAll = await this.sweepSome(turn, until, most);
    await this.store(turn);
    return isAll;
  }

  /**
   * Lets time pass for everyone up to and including `until`, with every review on the way. Between reviews the
   * sweep is complete: the counters a review freezes are those of that very instant.
   * @returns false when a review awaits partitions that are worked on elsewhere: call again, and take nothing until then
   */
  async advanceTo(until: Instant): Promise<boolean> {
    if (this.period.nextReviewAt === NEVER) {
      this.period = { ...this.period, nextReviewAt: this.reviewAfter(until) };
    }
    while (this.period.nextReviewAt <= until) {
      const at = this.period.nextReviewAt;
      await this.sweepAll(instant(at - 1));
      if (!(await this.review(at))) return false;
    }
    return true;
  }

  /** Works off every due up to and including `until`. */
  async sweepAll(until: Instant): Promise<void> {
    await this.commit();
    while (!(await this.sweepTurn(until))) await this.options.betweenTurns?.();
  }

  /**
   * Applies a fact, and those it gives rise to (a refund told to the seller, a merged history) at once, in order, unless
   * they concern people who are worked on elsewhere.
   * @returns what became of the fact, however often it was sent on
   */
  private async applyAll(
    turn: Turn,
    resident: Resident,
    fact: Fact,
    step: Step,
    redirections: number,
  ): Promise<FoldOutcome> {
    const { receivedAt, ref } = step;
    const output = turn.outputFor(resident);
    const { personId } = resident;
    const direct = takeFact(
      personId,
      loaded(resident),
      fact,
      receivedAt,
      ref,
      this.period,
      output,
      redirections,
    );
    const sent = turn.takeSent();
    if (sent.length === 0) return direct;
    const onwards = await this.passOn(turn, sent, step);
    return direct === 'moved' ? onwards : direct;
  }

  /** @returns what became of the first of them */
  private async passOn(turn: Turn, sent: readonly SentFact[], step: Step): Promise<FoldOutcome> {
    let first: FoldOutcome | undefined;
    for (const { fact, redirections } of sent) {
      const partition = partitionOf(fact.personId, this.options.store.partitions);
      const resident = this.residentHere(partition, fact.personId);
      if (resident !== undefined) await this.load([resident]);
      const outcome =
        resident === undefined
          ? forward(turn, { ...step, partition }, { fact, redirections })
          : await this.applyAll(turn, resident, fact.fact, step, redirections);
      first ??= outcome;
    }
    return first ?? 'applied';
  }

  /** undefined for who is worked on elsewhere. */
  private residentHere(partition: number, personId: string): Resident | undefined {
    return this.partitions.has(partition) ? this.cache.residentOf(personId) : undefined;
  }

  private count(record: SourceRecord<Said>, outcome: FoldOutcome, turn: Turn): void {
    const { events } = this.tally;
    if (outcome === 'too_late') {
      const detail = 'older than the longest window when it arrived';
      turn.reject(record, { reason: 'too_late', detail });
    } else if (outcome === 'duplicate' || outcome === 'restated') events.duplicate += record.rows;
    else if (
      record.event.ok &&
      'at' in record.event.value &&
      record.receivedAt - record.event.value.at > LATE_AFTER_MS
    )
      events.late += record.rows;
    else events.accepted += record.rows;
  }

  /** @returns whether nobody else is due */
  private async sweepSome(turn: Turn, until: Instant, most: number): Promise<boolean> {
    let isAll = true;
    for (const claim of this.claims) {
      const ids = await this.options.store.due(claim, until, most);
      if (ids.length >= most) isAll = false;
      const due = ids.map((id) => this.cache.residentOf(id));
      await this.load(due);
      foreseeScores(due, until, this.period);
      for (const resident of due) {
        const person = loaded(resident);
        if (dueOf(person) > until) continue;
        passTime(resident.personId, person, until, this.period, turn.outputFor(resident));
      }
    }
    return isAll;
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

  private async review(at: Instant): Promise<boolean> {
    const { store, rulebook } = this.options;
    for (const claim of this.claims)
      if ((await store.freezePopulation(claim, at)) === 'fenced') throw this.fenced();
    const frozen = await store.frozenPopulation(at);
    if (frozen === undefined) return false;
    const counters = new PopulationCounters(rulebook.counted);
    counters.add(frozen);
    const inputs = counters.freeze(at);
    await store.publishPopulationInputs(inputs);
    this.period = this.periodOf(inputs, this.reviewAfter(at));
    return true;
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
        resident.person = decodePerson(resident.personId, records[i], `partition ${partition}`);
      });
    }
  }

  private async store(turn: Turn): Promise<void> {
    this.writer.reset();
    if (this.scorer !== undefined) turn.giveReasons(this.scorer);
    const changes = turn.changes(this.claims, this.reader.offsets, this.clock, this.scoredBy, (person) =>
      writePerson(person, this.writer),
    );
    if ((await this.options.store.commit(changes)) === 'fenced') {
      throw this.fenced();
    }
    this.cache.age();
  }

  private fenced(): TidemarkError {
    this.cache.clear();
    return new TidemarkError(
      'COMMIT_FENCED',
      'another process took this state over',
      'stop the other process, or let it go on',
    );
  }

  private newTurn(): Turn {
    const { rulebook, muteTriggers } = this.options;
    return new Turn(this.turns++, [...this.partitions], rulebook.counted, muteTriggers, this.tally);
  }

  private claimOf(partition: number): Claim {
    const claim = this.claims.find((one) => one.partition === partition);
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

function forward(turn: Turn, step: Step, { fact, redirections }: SentFact): FoldOutcome {
  turn.forward(step, { fact, redirections });
  return 'applied';
}
