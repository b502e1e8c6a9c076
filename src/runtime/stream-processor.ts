import { adoptModels, dueOf, passTime, periodOf, type Period } from '../core/person.ts';
import { NO_POPULATION, PopulationCounters } from '../core/scoring/population.ts';
import { nextReviewAfter } from '../core/tagging/review-calendar.ts';
import { NEVER, earliest, instant, latest, plus, type Instant } from '../core/time.ts';
import type { SourceRecord } from '../ports/event-source.ts';
import type { Said } from '../ports/forwarded-facts.ts';
import type { Claim } from '../ports/state-store.ts';
import type { TidemarkError } from '../errors.ts';
import { fenced } from './fenced.ts';
import { PeopleHere } from './people-here.ts';
import type { ProcessorOptions } from './processor-options.ts';
import { RecordReader } from './record-reader.ts';
import { loaded, mayBeDue } from './resident.ts';
import { foreseeScores } from './serving/foresee-scores.ts';
import type { ServedScorer } from './serving/served-scorer.ts';
import { newTally, type RunTally } from './tally.ts';
import { TurnSteps } from './turn-steps.ts';
import { Turn } from './turn.ts';

/** People the sweeper takes per partition and turn, unless told otherwise. */
const SWEEP_PEOPLE = 512;
const NO_TIME = instant(-Infinity);

/**
 * Turns records into committed state and announcements, for some partitions of a store or all of them. A turn is any number of
 * `take`s; then `commit` reads the people concerned, folds every fact, tags and decides as if one after the other in order
 * of arrival, sweeps some of those whose time has come, and writes everything at once. Nothing it produces depends on
 * how records are cut into takes and turns. Throws `COMMIT_FENCED` when another owner took a partition over; the
 * state is then theirs.
 */
export class StreamProcessor {
  readonly tally: RunTally = newTally();
  private readonly options: ProcessorOptions;
  private readonly people: PeopleHere;
  private claims: Claim[] = [];
  private readonly partitions: ReadonlySet<number>;
  private readonly reader: RecordReader;
  private period: Period;
  /** What was taken since the last commit; undefined when that is nothing. */
  private atHand: { readonly turn: Turn; readonly steps: TurnSteps } | undefined;
  private turns = 0;
  private scorer: ServedScorer | undefined;
  /** Whose scores everyone has: another version only once all were asked. */
  private scoredBy = '';

  constructor(options: ProcessorOptions) {
    this.options = options;
    const { store, rulebook } = options;
    this.partitions = new Set(options.partitions ?? Array.from({ length: store.partitions }, (_, i) => i));
    this.reader = new RecordReader(rulebook.policy, store.partitions, this.tally);
    this.people = new PeopleHere(store, this.partitions, options.cachePeople);
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
    this.atHand = undefined;
    this.claims = await Promise.all([...this.partitions].map((partition) => store.claim(partition)));
    this.people.restart(this.claims);
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
    return this.atHand?.turn.records ?? 0;
  }

  /**
   * Takes records into the turn. They must be in order of arrival and lie before {@link StreamProcessor.nextReviewAt}.
   * Until the commit their facts are kept, and little else of them: most of a decoded event dies young.
   */
  take(records: readonly SourceRecord<Said>[]): void {
    const { turn, steps } = (this.atHand ??= this.begin());
    turn.records += records.length;
    steps.add(this.reader.read(records, turn));
  }

  /**
   * Folds, tags and decides what was taken, now: {@link StreamProcessor.commit} would. In long turns more can be worked
   * off at once; in short ones less is left for their end.
   * @returns whether something in the turn concerns people who are worked on elsewhere
   */
  async workOff(): Promise<boolean> {
    if (this.atHand === undefined) return false;
    const { turn, steps } = this.atHand;
    await steps.workOff(this.period, this.clock, NO_TIME);
    return turn.hasForwarded;
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
    if (this.atHand === undefined) return true;
    const { turn, steps } = this.atHand;
    const until = earliest(this.clock, sweepUntil);
    await steps.workOff(this.period, this.clock, until);
    this.atHand = undefined;
    const isAll = await this.sweepSome(turn, until, most);
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

  /** @returns whether nobody else is due */
  private async sweepSome(turn: Turn, until: Instant, most: number): Promise<boolean> {
    let isAll = true;
    for (const claim of this.claims) {
      const ids = await this.options.store.due(claim, until, most);
      if (ids.length >= most) isAll = false;
      // The store does not know yet for whom time has passed in this turn.
      const due = ids.map((id) => this.people.known(id)).filter((resident) => mayBeDue(resident, until));
      await this.people.load(due);
      foreseeScores(due, until, this.period);
      for (const resident of due) {
        const person = loaded(resident);
        if (dueOf(person) <= until)
          passTime(resident.personId, person, until, this.period, turn.outputFor(resident));
        this.people.release(resident);
      }
    }
    return isAll;
  }

  private async adopt(ids: readonly string[]): Promise<void> {
    const turn = this.newTurn();
    const residents = ids.map((id) => this.people.known(id));
    await this.people.load(residents);
    const moved = residents.filter((resident) => adoptModels(loaded(resident), this.clock, this.period));
    foreseeScores(moved, this.clock, this.period);
    for (const resident of moved)
      passTime(resident.personId, loaded(resident), this.clock, this.period, turn.outputFor(resident));
    for (const resident of residents) this.people.release(resident);
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

  private async store(turn: Turn): Promise<void> {
    if (this.scorer !== undefined) turn.giveReasons(this.scorer);
    const changes = turn.changes(this.claims, this.reader.offsets, this.clock, this.scoredBy, (residents) =>
      this.people.changesOf(residents),
    );
    if ((await this.options.store.commit(changes)) === 'fenced') throw this.fenced();
    this.people.endTurn();
  }

  private fenced(): TidemarkError {
    this.people.forget();
    return fenced();
  }

  private begin(): { readonly turn: Turn; readonly steps: TurnSteps } {
    const turn = this.newTurn();
    return { turn, steps: new TurnSteps(turn, this.people, this.options.store.partitions, this.tally) };
  }

  private newTurn(): Turn {
    const { rulebook, muteTriggers } = this.options;
    return new Turn(this.turns++, [...this.partitions], rulebook.counted, muteTriggers, this.tally);
  }

  private reviewAfter(at: Instant): Instant {
    const { reviewEvery, utcOffsetMs } = this.options.rulebook.policy;
    return nextReviewAfter(at, reviewEvery, utcOffsetMs);
  }

  private periodOf(population: Period['population'], nextReviewAt: Instant): Period {
    return periodOf(this.options.rulebook, population, this.scorer, nextReviewAt);
  }
}
