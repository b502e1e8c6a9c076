import { NEVER, earliest, plus, type Instant } from '../../core/time.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { Said } from '../../ports/forwarded-facts.ts';
import type { Assignment } from '../../ports/partitioned-source.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import { SourceCursor } from './source-cursor.ts';

/** How often it is seen to that this process does not stand still. */
const LOOK_EVERY_MS = 100;

export interface NextEvents {
  /** The source whose next record arrived first. */
  readonly cursor: SourceCursor | undefined;
  /** How far it may be taken before another's would have its turn. */
  readonly bound: Instant;
}

/** All that one partition reads, and up to where that is known to be everything. */
export class ReadSources {
  private facts: readonly SourceCursor[] = [];
  private events: readonly SourceCursor[] = [];
  private readonly clock: WallClock;
  private readonly settleMs: number;
  private readonly assignment: Assignment;
  /** When this process was last seen to be awake. */
  private awakeAt: Instant = NEVER;

  constructor(assignment: Assignment, clock: WallClock, settleMs: number) {
    this.assignment = assignment;
    this.clock = clock;
    this.settleMs = settleMs;
  }

  /** To be read from these offsets. `wake` is called when there is more to take, or never will be. Before anything else. */
  open(offsets: ReadonlyMap<string, number>, wake: () => void): void {
    const cursorOf = (source: string): SourceCursor =>
      new SourceCursor(this.assignment, source, offsets.get(source), wake);
    this.facts = this.assignment.factSources.map(cursorOf);
    this.events = this.assignment.sources.map(cursorOf);
  }

  /** There was no more to take when they were last read. */
  get areAtEnd(): boolean {
    return this.events.every(({ isAtEnd }) => isAtEnd);
  }

  get haveEnded(): boolean {
    return this.all.every(({ hasEnded }) => hasEnded);
  }

  /** Asks for more wherever all is taken. Throws what a source failed with. */
  refill(): void {
    for (const cursor of this.all) cursor.refill();
  }

  get ofFacts(): readonly SourceCursor[] {
    return this.facts;
  }

  nextEvents(): NextEvents {
    let cursor: SourceCursor | undefined;
    for (const one of this.events) {
      const at = one.head?.receivedAt ?? NEVER;
      if (at < (cursor?.head?.receivedAt ?? NEVER)) cursor = one;
    }
    let bound: Instant = NEVER;
    for (const one of this.events) if (one !== cursor) bound = earliest(bound, one.notBefore);
    return { cursor, bound };
  }

  /** Everything that arrived as an event up to here is taken. */
  until(): Instant {
    this.look();
    let until: Instant = NEVER;
    for (const { head, isAtEnd, lastReceivedAt } of this.events) {
      const own = head !== undefined ? plus(head.receivedAt, -1) : plus(lastReceivedAt, -1);
      if (!isAtEnd) until = earliest(until, own);
    }
    return earliest(until, plus(this.clock.now(), -this.settleMs));
  }

  /**
   * Whether every event that comes before a fact is taken. Of two that arrived at once, that of the lower partition does;
   * an answer to an event of ours comes right after it. What cannot be used has no place in the order.
   */
  isInOrder({ event }: SourceRecord<Said>): boolean {
    if (!event.ok || !('origin' in event.value)) return true;
    const { origin, root = origin, receivedAt } = event.value;
    const own = this.events.find(({ source }) => source === root.source);
    if (own !== undefined) return own.nextOffset > root.offset;
    const isOfLower = partitionIn(root.source) < this.assignment.partition;
    return receivedAt <= plus(this.until(), isOfLower ? 1 : 0);
  }

  /** Facts come next. */
  get haveFacts(): boolean {
    return this.facts.some(({ head }) => head !== undefined && this.isInOrder(head));
  }

  /** Facts lie ready, but events come before them. */
  get holdBack(): boolean {
    return this.facts.some(({ head }) => head !== undefined && !this.isInOrder(head));
  }

  /** Looks at the clock now and then, whatever the work waits for: only one who stands still looks at it too late. */
  async stayAwake(over: AbortSignal): Promise<void> {
    for (; !over.aborted; await this.clock.wait(LOOK_EVERY_MS, over)) this.look();
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((cursor) => cursor.close()));
  }

  private get all(): readonly SourceCursor[] {
    return [...this.facts, ...this.events];
  }

  /**
   * Who stood still, frozen or out of breath, cannot know what arrived meanwhile, however little lies ready. Most of
   * `settleMs` is for what is under way, not for this.
   */
  private look(): void {
    const now = this.clock.now();
    if (now > plus(this.awakeAt, Math.max(this.settleMs / 4, 2 * LOOK_EVERY_MS)))
      for (const cursor of this.events) cursor.doubtEnd();
    this.awakeAt = now;
  }
}

function partitionIn(source: string): number {
  return Number(source.slice(source.lastIndexOf(':') + 1));
}
