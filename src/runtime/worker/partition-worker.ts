import { NEVER, earliest, instant, plus, type Instant } from '../../core/time.ts';
import type { Rulebook } from '../../core/tagging/rulebook.ts';
import { TidemarkError } from '../../errors.ts';
import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { Assignment } from '../../ports/partitioned-source.ts';
import type { StateStore } from '../../ports/state-store.ts';
import type { EventCounts } from '../../ports/telemetry.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import type { ModelSource } from '../serving/model-source.ts';
import type { ServedScorer } from '../serving/served-scorer.ts';
import { StreamProcessor } from '../stream-processor.ts';
import { isUsable, nextPart } from '../turns.ts';
import { forwardedOrigins } from '../record-reader.ts';
import { Alignment } from './alignment.ts';
import { NotedProgress } from './noted-progress.ts';
import { drainOutbox } from './outbox-drain.ts';
import { SourceCursor } from './source-cursor.ts';
import { TallyMeter } from './tally-meter.ts';

export interface WorkerOptions {
  readonly store: StateStore;
  /** Where the progress of all is asked for; shared by the partitions of a process. The store unless given. */
  readonly known?: Pick<StateStore, 'progress'>;
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

export interface WorkerPace {
  /** Records per commit at most: more share a write, fewer answer sooner. */
  readonly turnRecords: number;
  /** Decoded people kept in memory, per partition. */
  readonly cachePeople: number;
  /** People whose time has come who are taken at once: live records wait for no more of them. */
  readonly sweepPeople: number;
  /** Outbox entries published at once. */
  readonly publishEntries: number;
  /** How long a record may wait for others to be committed with. */
  readonly lingerMs: number;
  /** How often time passes for the silent. */
  readonly tickMs: number;
  /** What arrives may take so long to be read; time passes that much later. */
  readonly settleMs: number;
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

/** A few a turn at most, none of them about a person. */
export type WorkerEvent =
  | { readonly kind: 'claimed'; readonly partition: number; readonly clock: Instant }
  | { readonly kind: 'fenced'; readonly partition: number }
  /** After every try that failed. */
  | { readonly kind: 'outage'; readonly partition: number; readonly error: TidemarkError }
  /** A turn with records is stored; the world is still to be told. */
  | {
      readonly kind: 'committed';
      readonly partition: number;
      readonly records: number;
      /** What became of the events since the last event of this kind. */
      readonly events: EventCounts;
    }
  /** What had to be stored and told is, and the partition goes on; several times a second. */
  | {
      readonly kind: 'went_on';
      readonly partition: number;
      /** Everything that arrived up to here is in. */
      readonly until: Instant;
      /** Up to here time has passed for those who live there. */
      readonly clock: Instant;
    };

/** How often it is seen to that this process does not stand still. */
const LOOK_EVERY_MS = 100;
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

class PartitionWork {
  private readonly assignment: Assignment;
  private readonly options: WorkerOptions;
  private readonly processor: StreamProcessor;
  private readonly alignment: Alignment;
  private readonly meter: TallyMeter;
  private readonly noted: NotedProgress;
  private events: readonly SourceCursor[] = [];
  private facts: readonly SourceCursor[] = [];
  /** Up to where time may pass, when the others were last asked. */
  private complete: Instant = instant(0);
  /** When the first record of the turn at hand was taken. */
  private turnBeganAt: Instant = NEVER;
  private nextTickAt: Instant = instant(0);
  /** A review that waits for others is not asked for more often than that. */
  private reviewAgainAt: Instant = instant(0);
  /** A record lies ready that must not be taken yet. */
  private isHeldUp = false;
  /** When this process was last seen to be awake. */
  private awakeAt: Instant = NEVER;

  constructor(assignment: Assignment, options: WorkerOptions, scorer: ServedScorer | undefined) {
    const { store, rulebook, muteTriggers, pace } = options;
    this.assignment = assignment;
    this.options = options;
    this.processor = new StreamProcessor({
      ...{ store, rulebook, muteTriggers, scorer },
      ...{ cachePeople: pace.cachePeople, sweepPeople: pace.sweepPeople },
      partitions: [assignment.partition],
      betweenTurns: () => this.betweenTurns(),
    });
    this.alignment = new Alignment(options.known ?? store, assignment.partition);
    this.noted = new NotedProgress(store, options.clock);
    this.meter = new TallyMeter(this.processor.tally);
  }

  async run(): Promise<void> {
    const { assignment, processor, options } = this;
    const { onEvent, clock, pace } = options;
    const { partition, revoked, sources, factSources } = assignment;
    await processor.start();
    onEvent?.({ kind: 'claimed', partition, clock: processor.now });
    await this.publish();
    let waiting = new AbortController();
    const wake = (): void => waiting.abort();
    const cursorOf = (source: string): SourceCursor =>
      new SourceCursor(assignment, source, processor.offsets.get(source), wake);
    this.facts = factSources.map(cursorOf);
    this.events = sources.map(cursorOf);
    const cursors = [...this.facts, ...this.events];
    revoked.addEventListener('abort', wake);
    const over = new AbortController();
    const staying = this.stayAwake(over.signal);
    try {
      while (!revoked.aborted && !cursors.every(({ hasEnded }) => hasEnded)) {
        waiting = new AbortController();
        for (const cursor of cursors) cursor.refill();
        const hasTaken = await this.takeReady();
        // What comes next must be on its way before anything is said of how far we are.
        for (const cursor of cursors) cursor.refill();
        if (this.isTurnOver()) await this.endTurn();
        if (clock.now() >= this.nextTickAt) await this.tick();
        else if (this.isHeldUp && pace.maxSkewMs !== 0) await this.compareNotes();
        if (!hasTaken) await clock.wait(this.waitMs(), waiting.signal);
      }
      // Whoever has the partition by now fences it off.
      if (processor.turnRecords > 0) await this.endTurn();
    } finally {
      revoked.removeEventListener('abort', wake);
      over.abort();
      await staying;
      await Promise.all(cursors.map((cursor) => cursor.close()));
    }
  }

  /** @returns whether anything was taken */
  private async takeReady(): Promise<boolean> {
    this.isHeldUp = false;
    let hasTaken = false;
    for (const cursor of this.facts) if (await this.takeFrom(cursor, NEVER, false)) hasTaken = true;
    for (let took = true; took;) {
      const { cursor, bound } = firstOf(this.events);
      took = cursor !== undefined && (await this.takeFrom(cursor, bound, true));
      if (took) hasTaken = true;
    }
    return hasTaken;
  }

  /** No further than `bound`; events besides only as far as the others allow. */
  private async takeFrom(cursor: SourceCursor, bound: Instant, isEvents: boolean): Promise<boolean> {
    const { processor } = this;
    const { turnRecords, maxSkewMs } = this.options.pace;
    const room = turnRecords - processor.turnRecords;
    const { head } = cursor;
    if (head === undefined || room <= 0) return false;
    const isInLine = isEvents && maxSkewMs === 0;
    const upTo = isEvents && !isInLine ? earliest(bound, plus(this.complete, maxSkewMs)) : bound;
    const isAllowed = head.receivedAt <= upTo && (!isInLine || (await this.isNext(head.receivedAt)));
    if (!isAllowed || (isUsable(head) && !(await this.reviewedUpTo(head.receivedAt)))) {
      this.isHeldUp = true;
      return false;
    }
    const part = nextPart(
      cursor.readyWhile(
        ({ receivedAt }) => receivedAt <= upTo && (!isInLine || this.alignment.isNext(receivedAt)),
        room,
      ),
      ...([0, room, processor.nextReviewAt] as const),
    );
    if (this.turnBeganAt === NEVER) this.turnBeganAt = this.options.clock.now();
    if (!isInLine) {
      await processor.take(part);
      cursor.took(part.length);
      return true;
    }
    for (const record of part) {
      await processor.take([record]);
      cursor.took(1);
      // Somebody may have an answer to it, which comes before what is next here.
      if (processor.hasForwarded) break;
    }
    return true;
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
    await this.publish();
    return isThere;
  }

  private isTurnOver(): boolean {
    const { pace, clock } = this.options;
    const { turnRecords } = this.processor;
    if (turnRecords === 0) return false;
    const isFull = turnRecords >= pace.turnRecords || pace.maxSkewMs === 0;
    return isFull || clock.now() >= plus(this.turnBeganAt, pace.lingerMs);
  }

  private async endTurn(): Promise<void> {
    const { processor, assignment } = this;
    const { onEvent } = this.options;
    this.turnBeganAt = NEVER;
    const { turnRecords: records } = processor;
    // Facts that others sent before they were rolled back with us arrive before our own events of that time.
    const complete = this.options.pace.maxSkewMs === 0 ? NEVER : this.complete;
    const sweepUntil = earliest(complete, this.until());
    await processor.commit(sweepUntil);
    const { partition } = assignment;
    onEvent?.({ kind: 'committed', partition, records, events: this.meter.read() });
    assignment.processed(Object.fromEntries(processor.offsets));
    await this.publish();
    await this.note();
  }

  /** Nobody waits for the end of a pass over everybody: not who is told of it, nor who has the partition next. */
  private async betweenTurns(): Promise<void> {
    if (this.assignment.revoked.aborted)
      throw new TidemarkError('INTERRUPTED', 'the partition is given up', 'another worker goes on with it');
    await this.publish();
  }

  private async publish(): Promise<void> {
    const { store, publisher, pace } = this.options;
    for (const claim of this.processor.currentClaims) {
      await this.noted.recall(claim);
      // Known before it is forgotten here: nobody may think that nothing is under way.
      await drainOutbox(store, claim, publisher, pace.publishEntries, (forwarded) =>
        this.noted.noteSent(claim, forwarded),
      );
    }
  }

  private async note(): Promise<void> {
    if (this.processor.turnRecords > 0) return;
    const taken = forwardedOrigins(this.processor.offsets);
    for (const claim of this.processor.currentClaims)
      await this.noted.note(claim, { until: this.until(), taken });
  }

  /** What lies ready here may be what the others wait for. */
  private async compareNotes(): Promise<void> {
    await this.note();
    this.complete = await this.alignment.ask();
  }

  /** Looks at the clock now and then, whatever the work waits for: only one who stands still looks at it too late. */
  private async stayAwake(over: AbortSignal): Promise<void> {
    for (; !over.aborted; await this.options.clock.wait(LOOK_EVERY_MS, over)) this.look();
  }

  /**
   * Who stood still, frozen or out of breath, cannot know what arrived meanwhile, however little lies ready. Most of
   * `settleMs` is for what is under way, not for this.
   */
  private look(): void {
    const { clock, pace } = this.options;
    const now = clock.now();
    if (now > plus(this.awakeAt, Math.max(pace.settleMs / 4, 2 * LOOK_EVERY_MS)))
      for (const cursor of this.events) cursor.doubtEnd();
    this.awakeAt = now;
  }

  /** Everything that arrived as an event up to here is committed, unless a turn is at hand. */
  private until(): Instant {
    this.look();
    const { clock, pace } = this.options;
    let until: Instant = NEVER;
    for (const { head, isAtEnd, lastReceivedAt } of this.events) {
      const own = head !== undefined ? plus(head.receivedAt, -1) : plus(lastReceivedAt, -1);
      if (!isAtEnd) until = earliest(until, own);
    }
    return earliest(until, plus(clock.now(), -pace.settleMs));
  }

  /** Lets time pass for the silent, as far as it is known that nobody has anything more to say before. */
  private async tick(): Promise<void> {
    const { pace, clock, models, onEvent } = this.options;
    const { processor } = this;
    const { partition } = this.assignment;
    this.nextTickAt = plus(clock.now(), pace.tickMs);
    if (processor.turnRecords > 0) await this.endTurn();
    await this.publish();
    await this.compareNotes();
    onEvent?.({ kind: 'went_on', partition, until: this.until(), clock: processor.now });
    if (models !== undefined) await processor.useModels(await models.latest());
    const until = earliest(this.until(), this.complete);
    if (until <= processor.now && plus(until, 1) < processor.nextReviewAt) return;
    if (processor.nextReviewAt === NEVER) await this.advanceTo(until);
    if (plus(until, 1) >= processor.nextReviewAt && !(await this.advanceTo(plus(until, 1)))) return;
    // Not all at once: what lies ready is taken between two turns of the sweep.
    if (!(await processor.sweepTurn(until, pace.sweepPeople))) this.nextTickAt = clock.now();
    await this.publish();
  }

  private waitMs(): number {
    const { pace, clock } = this.options;
    const now = clock.now();
    const turnEndsAt = this.turnBeganAt === NEVER ? NEVER : plus(this.turnBeganAt, pace.lingerMs);
    const untilNext = Math.max(0, earliest(this.nextTickAt, turnEndsAt) - now);
    return this.isHeldUp ? Math.min(untilNext, pace.askAgainMs) : untilNext;
  }
}

/** The source whose next record arrived first, and how far it may be taken before another's would have its turn. */
function firstOf(cursors: readonly SourceCursor[]): {
  readonly cursor: SourceCursor | undefined;
  readonly bound: Instant;
} {
  let cursor: SourceCursor | undefined;
  for (const one of cursors) {
    const at = one.head?.receivedAt ?? NEVER;
    if (at < (cursor?.head?.receivedAt ?? NEVER)) cursor = one;
  }
  let bound: Instant = NEVER;
  for (const one of cursors) if (one !== cursor) bound = earliest(bound, one.notBefore);
  return { cursor, bound };
}
