import { NEVER, earliest, instant, plus, type Instant } from '../../core/time.ts';
import type { Rulebook } from '../../core/tagging/rulebook.ts';
import { TidemarkError } from '../../errors.ts';
import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { Said } from '../../ports/forwarded-facts.ts';
import type { Assignment } from '../../ports/partitioned-source.ts';
import type { Progress, StateStore } from '../../ports/state-store.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import type { ModelSource } from '../serving/model-source.ts';
import type { ServedScorer } from '../serving/served-scorer.ts';
import { StreamProcessor } from '../stream-processor.ts';
import { isUsable, nextPart } from '../turns.ts';
import { forwardedOrigins } from '../record-reader.ts';
import { Alignment } from './alignment.ts';
import { ReadSources } from './read-sources.ts';
import type { SourceCursor } from './source-cursor.ts';
import { SweepTurns, type Sweeper } from './sweep-turns.ts';
import { TallyMeter } from './tally-meter.ts';
import { Telling } from './telling.ts';
import { Tempo, type LivePace } from './tempo.ts';
import type { WorkerEvent } from './worker-event.ts';

export interface WorkerOptions {
  readonly store: StateStore;
  /** Where the progress of all is asked for; shared by the partitions of a process. The store unless given. */
  readonly known?: Pick<StateStore, 'progress'>;
  /** Shared by the partitions of a process. Of its own unless given. */
  readonly sweeps?: SweepTurns;
  readonly rulebook: Rulebook;
  /** Without it nobody is scored. */
  readonly models?: ModelSource | undefined;
  readonly publisher: AnnouncementPublisher;
  readonly clock: WallClock;
  readonly muteTriggers: boolean;
  readonly pace: WorkerPace;
  /** Told of everything an operator may want to count or read. Must not throw. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** While what happens now is taken in; more at once while a past is. */
export interface WorkerPace extends LivePace {
  /** People whose records are kept in memory, per partition. */
  readonly cachePeople: number;
  /** Outbox entries published at once. */
  readonly publishEntries: number;
  /** How often time passes for the silent. */
  readonly tickMs: number;
  /**
   * How far a partition may run ahead of the others in the time of arrival. 0: one record after the other over all
   * partitions, so that the result is that of one process; slow, and a partition nobody works on stops all.
   */
  readonly maxSkewMs: number;
  /** How often others are asked how far they are while records wait for them. */
  readonly askAgainMs: number;
  /** Pause before another try after an outage, or after somebody else took the partition. */
  readonly retryAfterMs: number;
}

/** Of those whose time has come, beside live records, while crowds are worked on. */
const FEW_PEOPLE = 8;
const PASSING = new Set(['REDIS_UNAVAILABLE', 'KAFKA_UNAVAILABLE', 'COMMIT_FENCED']);

/**
 * Works on one partition until it is revoked: reads, decides, commits, publishes, and lets time pass. Whatever goes
 * wrong outside, an outage as well as another who claims the partition, is answered in one way: everything that
 * is only in memory is dropped, and the store is asked where to go on. Rejects for what no waiting mends.
 */
export async function workOnPartition(assignment: Assignment, options: WorkerOptions): Promise<void> {
  const { partition, revoked } = assignment;
  while (!revoked.aborted) {
    try {
      // Known before anybody is looked at: without, whoever is due meanwhile would never be scored again.
      const scorer = await options.models?.latest();
      await new PartitionWork(assignment, options, scorer).run();
    } catch (error) {
      if (error instanceof TidemarkError && error.code === 'INTERRUPTED' && revoked.aborted) return;
      if (!(error instanceof TidemarkError) || !PASSING.has(error.code)) throw error;
      if (error.code === 'COMMIT_FENCED') options.onEvent?.({ kind: 'fenced', partition });
      else options.onEvent?.({ kind: 'outage', partition, error });
      await options.clock.wait(options.pace.retryAfterMs, revoked);
    }
  }
}

class PartitionWork implements Sweeper {
  private readonly assignment: Assignment;
  private readonly options: WorkerOptions;
  private readonly processor: StreamProcessor;
  private readonly alignment: Alignment;
  private readonly meter: TallyMeter;
  private readonly telling: Telling;
  private readonly sources: ReadSources;
  private readonly sweeps: SweepTurns;
  private readonly tempo: Tempo;
  /** Ends the wait for something to do. */
  private waiting = new AbortController();
  /** Up to where time may pass, when the others were last asked. */
  private complete: Instant = instant(0);
  /** When the first record of the turn at hand was taken. */
  private turnBeganAt: Instant = NEVER;
  private nextTickAt: Instant = instant(0);
  /** A review that waits for others is not asked for more often than that. */
  private reviewAgainAt: Instant = instant(0);
  /** When it was last seen to, more were due than were taken at once. */
  private areMoreDue = false;
  /** A record lies ready that must not be taken yet. */
  private isHeldUp = false;

  constructor(assignment: Assignment, options: WorkerOptions, scorer: ServedScorer | undefined) {
    const { store, rulebook, muteTriggers, pace } = options;
    this.assignment = assignment;
    this.options = options;
    this.processor = new StreamProcessor({
      ...{ store, rulebook, muteTriggers, scorer, cachePeople: pace.cachePeople },
      partitions: [assignment.partition],
      betweenTurns: () => this.betweenTurns(),
    });
    this.tempo = new Tempo(pace);
    this.sources = new ReadSources(assignment, options.clock, pace.settleMs);
    this.alignment = new Alignment(options.known ?? store, assignment.partition);
    const { publisher, clock } = options;
    const { publishEntries } = pace;
    this.telling = new Telling(
      { store, publisher, clock, publishEntries },
      () => this.processor.currentClaims,
    );
    this.sweeps = options.sweeps ?? new SweepTurns(options.clock);
    this.meter = new TallyMeter(this.processor.tally);
  }

  async run(): Promise<void> {
    const { assignment, processor, sources, options } = this;
    const { onEvent, clock, pace } = options;
    const { partition, revoked } = assignment;
    await processor.start();
    onEvent?.({ kind: 'claimed', partition, clock: processor.now });
    await this.telling.publish();
    const wake = (): void => this.waiting.abort();
    sources.open(processor.offsets, wake);
    revoked.addEventListener('abort', wake);
    const over = new AbortController();
    const staying = sources.stayAwake(over.signal);
    try {
      while (!revoked.aborted && !sources.haveEnded) {
        this.waiting = new AbortController();
        sources.refill();
        const hasTaken = await this.takeReady();
        // While the turn waits for more; a past is cheaper to work off all at once.
        if (hasTaken && !this.tempo.isCatchingUp) await processor.workOff();
        // What comes next must be on its way before anything is said of how far we are.
        sources.refill();
        if (this.isTurnOver()) await this.endTurn();
        if (clock.now() >= this.tickAt()) await this.tick();
        else if (this.isHeldUp && pace.maxSkewMs !== 0) await this.compareNotes();
        if (!hasTaken) await clock.wait(this.waitMs(), this.waiting.signal);
      }
      // Whoever has the partition by now fences it off.
      if (processor.turnRecords > 0) await this.endTurn();
      await this.telling.done();
    } finally {
      this.sweeps.leave(this);
      await this.telling.done().catch(() => undefined);
      revoked.removeEventListener('abort', wake);
      over.abort();
      await staying;
      await sources.close();
    }
  }

  wake(): void {
    this.nextTickAt = this.options.clock.now();
    this.waiting.abort();
  }

  /** @returns whether anything was taken */
  private async takeReady(): Promise<boolean> {
    this.isHeldUp = false;
    let hasTaken = false;
    for (const cursor of this.sources.ofFacts) if (await this.takeFacts(cursor)) hasTaken = true;
    for (let took = true; took;) {
      const { cursor, bound } = this.sources.nextEvents();
      took = cursor !== undefined && (await this.takeEvents(cursor, bound));
      if (took) hasTaken = true;
    }
    return hasTaken;
  }

  /**
   * Others only state what comes next here; but what they stated before their store went back to an older copy, and ours
   * with it, lies ready long before it comes next again.
   */
  private async takeFacts(cursor: SourceCursor): Promise<boolean> {
    const isAnyOrder = this.options.pace.maxSkewMs !== 0;
    const part = await this.part(cursor, (fact) => isAnyOrder || this.sources.isInOrder(fact));
    this.take(cursor, part);
    return part.length > 0;
  }

  /** No further than `bound`, and only as far as the others allow. */
  private async takeEvents(cursor: SourceCursor, bound: Instant): Promise<boolean> {
    const { maxSkewMs } = this.options.pace;
    if (maxSkewMs === 0) return this.takeInLine(cursor, bound);
    const upTo = earliest(bound, plus(this.complete, maxSkewMs));
    const part = await this.part(cursor, ({ receivedAt }) => receivedAt <= upTo);
    this.take(cursor, part);
    return part.length > 0;
  }

  private async takeInLine(cursor: SourceCursor, bound: Instant): Promise<boolean> {
    const { head } = cursor;
    if (head === undefined) return false;
    const isNext = head.receivedAt <= bound && (await this.isNext(head.receivedAt));
    const part = await this.part(
      cursor,
      ({ receivedAt }) => isNext && receivedAt <= bound && this.alignment.isNext(receivedAt),
    );
    for (const record of part) {
      this.take(cursor, [record]);
      // Somebody may have an answer to it, or a statement that lies ready comes before what is next here.
      if ((await this.processor.workOff()) || this.sources.haveFacts) break;
    }
    return part.length > 0;
  }

  /** What lies ready, passes, has room in the turn and lies before the next review. */
  private async part(
    cursor: SourceCursor,
    passes: (record: SourceRecord<Said>) => boolean,
  ): Promise<readonly SourceRecord<Said>[]> {
    const { processor } = this;
    const room = this.tempo.turnRecords - processor.turnRecords;
    const { head } = cursor;
    if (head === undefined || room <= 0) return [];
    if (!passes(head) || (isUsable(head) && !(await this.reviewedUpTo(head.receivedAt)))) {
      this.isHeldUp = true;
      return [];
    }
    return nextPart(cursor.readyWhile(passes, room), 0, room, processor.nextReviewAt);
  }

  private take(cursor: SourceCursor, part: readonly SourceRecord<Said>[]): void {
    if (part.length === 0) return;
    if (this.turnBeganAt === NEVER) this.turnBeganAt = this.options.clock.now();
    this.processor.take(part);
    cursor.took(part.length);
  }

  /** Others can only know that this partition has nothing before it once they were told. */
  private async isNext(at: Instant): Promise<boolean> {
    if (this.processor.turnRecords > 0) return false;
    await this.compareNotes();
    return this.alignment.isNext(at);
  }

  /** A review needs everything that comes before it, from everybody. */
  private async reviewedUpTo(at: Instant): Promise<boolean> {
    const { nextReviewAt } = this.processor;
    if (at < nextReviewAt && nextReviewAt !== NEVER) return true;
    const needsOthers = this.options.pace.maxSkewMs !== 0 && nextReviewAt !== NEVER;
    if (needsOthers && plus(this.complete, 1) < nextReviewAt) return false;
    return this.advanceTo(at);
  }

  /** Publishes what it leads to, whether it gets there or not: others may wait for just that. */
  private async advanceTo(at: Instant): Promise<boolean> {
    const { clock, pace } = this.options;
    if (this.processor.turnRecords > 0) await this.endTurn();
    if (clock.now() < this.reviewAgainAt) return false;
    const isThere = await this.processor.advanceTo(at);
    if (!isThere) this.reviewAgainAt = plus(clock.now(), pace.tickMs);
    await this.telling.publish();
    return isThere;
  }

  private isTurnOver(): boolean {
    const { pace, clock } = this.options;
    const { turnRecords } = this.processor;
    if (turnRecords === 0) return false;
    const isFull = turnRecords >= this.tempo.turnRecords || pace.maxSkewMs === 0;
    // Those it waits for may wait for what is in this turn.
    const isAwaited = this.tempo.isCatchingUp && this.isHeldUp;
    return isFull || isAwaited || clock.now() >= this.turnEndsAt();
  }

  /** While a past is caught up on, a turn is not ended for it. */
  private tickAt(): Instant {
    return this.tempo.isCatchingUp && this.processor.turnRecords > 0 ? NEVER : this.nextTickAt;
  }

  private turnEndsAt(): Instant {
    if (this.turnBeganAt === NEVER) return NEVER;
    return plus(this.turnBeganAt, this.sources.areAtEnd ? this.options.pace.lingerMs : this.tempo.lingerMs);
  }

  private async endTurn(): Promise<void> {
    const { processor, assignment } = this;
    const { onEvent } = this.options;
    this.turnBeganAt = NEVER;
    const { turnRecords: records } = processor;
    // In the strict order nothing comes any more that is before what was taken last.
    const complete = this.options.pace.maxSkewMs === 0 ? NEVER : this.complete;
    const until = this.sources.until();
    const isSweptElsewhere = this.sweeps.isBusy && !this.tempo.isCatchingUp;
    const most = isSweptElsewhere ? FEW_PEOPLE : this.tempo.sweepPeople(records);
    this.areMoreDue = !(await processor.commit(earliest(complete, until), most));
    this.tempo.turned(until, this.options.clock.now());
    const { partition } = assignment;
    onEvent?.({ kind: 'committed', partition, records, events: this.meter.read() });
    assignment.processed(Object.fromEntries(processor.offsets));
    await this.telling.begin(this.progress());
    // In the strict order others wait for just that.
    if (this.options.pace.maxSkewMs === 0) await this.telling.done();
  }

  /** Nobody waits for the end of a pass over everybody: not who is told of it, nor who has the partition next. */
  private async betweenTurns(): Promise<void> {
    if (this.assignment.revoked.aborted)
      throw new TidemarkError('INTERRUPTED', 'the partition is given up', 'another worker goes on with it');
    // Others need not wait in line for it.
    this.sweeps.leave(this);
    await this.telling.publish();
  }

  private async note(): Promise<void> {
    if (this.processor.turnRecords > 0) return;
    await this.telling.note(this.progress());
  }

  /** Only while no turn is at hand. */
  private progress(): Omit<Progress, 'sent'> {
    const taken = forwardedOrigins(this.processor.offsets);
    // In this order: what is held back comes after `until`.
    const until = this.sources.until();
    const holdsBack = this.options.pace.maxSkewMs === 0 && this.sources.holdBack;
    return { until, taken, holdsBack };
  }

  /** What lies ready here may be what the others wait for. */
  private async compareNotes(): Promise<void> {
    await this.note();
    this.complete = await this.alignment.ask();
  }

  /** Lets time pass for the silent, as far as it is known that nobody has anything more to say before. */
  private async tick(): Promise<void> {
    const { pace, clock, models, onEvent } = this.options;
    const { processor } = this;
    const { partition } = this.assignment;
    this.nextTickAt = plus(clock.now(), pace.tickMs);
    if (processor.turnRecords > 0) await this.endTurn();
    await this.telling.publish();
    await this.compareNotes();
    this.tempo.looked(this.sources.until(), clock.now());
    onEvent?.({ kind: 'went_on', partition, until: this.sources.until(), clock: processor.now });
    if (models !== undefined) await processor.useModels(await models.latest());
    const until = earliest(this.sources.until(), this.complete);
    if (!(await this.mayPassTo(until))) return this.sweeps.leave(this);
    const { isCatchingUp, crowdPeople } = this.tempo;
    const isCrowd = this.areMoreDue && !isCatchingUp;
    if (isCrowd && !this.sweeps.enter(this)) return;
    try {
      const most = isCrowd ? crowdPeople : this.tempo.sweepPeople(pace.turnRecords);
      this.areMoreDue = !(await processor.sweepTurn(until, most));
      // Not all at once: what lies ready is taken between two turns of the sweep.
      if (this.areMoreDue && !isCatchingUp) this.nextTickAt = clock.now();
    } finally {
      this.sweeps.leave(this);
    }
    await this.telling.begin(this.progress());
  }

  /** Whether there is time to pass, and all reviews before are over. */
  private async mayPassTo(until: Instant): Promise<boolean> {
    const { processor } = this;
    const isThere = until <= processor.now && !this.areMoreDue;
    if (isThere && plus(until, 1) < processor.nextReviewAt) return false;
    if (processor.nextReviewAt === NEVER) await this.advanceTo(until);
    return plus(until, 1) < processor.nextReviewAt || this.advanceTo(plus(until, 1));
  }

  private waitMs(): number {
    const { pace, clock } = this.options;
    const now = clock.now();
    const untilNext = Math.max(0, earliest(this.tickAt(), this.turnEndsAt()) - now);
    return this.isHeldUp ? Math.min(untilNext, pace.askAgainMs) : untilNext;
  }
}
