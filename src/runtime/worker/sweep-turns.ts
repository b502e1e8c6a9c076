import { instant, type Instant } from '../../core/time.ts';
import type { WallClock } from '../../ports/wall-clock.ts';

/** Whoever stood still was not at work. */
const LONGEST_REST_MS = 1_000;

/** A partition in which more people are due than are taken at once. */
export interface Sweeper {
  /** It is its turn: `enter` would let it in. */
  readonly wake: () => void;
}

/**
 * Lets one partition of a process at a time work on the many whose time has come now, in turns, some people each, and then
 * none for as long as that took: what arrives meanwhile, in whatever partition, has half of the process to itself, however
 * many are due at once.
 */
export class SweepTurns {
  private readonly clock: WallClock;
  private inside: Sweeper | undefined;
  private enteredAt: Instant = instant(0);
  private isResting = false;
  private readonly waiting = new Set<Sweeper>();

  constructor(clock: WallClock) {
    this.clock = clock;
  }

  /** Somebody is at it, or about to. */
  get isBusy(): boolean {
    return this.inside !== undefined || this.waiting.size > 0;
  }

  /** Whoever is not let in waits in line, and is woken. Who was let in must leave. */
  enter(sweeper: Sweeper): boolean {
    const [first = sweeper] = this.waiting;
    if (this.inside !== undefined || this.isResting || first !== sweeper) {
      this.waiting.add(sweeper);
      return false;
    }
    this.waiting.delete(sweeper);
    this.inside = sweeper;
    this.enteredAt = this.clock.now();
    return true;
  }

  /** Also leaves the line. Who is not there may leave as well. */
  leave(sweeper: Sweeper): void {
    const wasFirst = this.waiting.values().next().value === sweeper;
    this.waiting.delete(sweeper);
    if (this.inside === sweeper) {
      this.inside = undefined;
      void this.rest();
    } else if (wasFirst && this.inside === undefined && !this.isResting) this.wakeNext();
  }

  private async rest(): Promise<void> {
    this.isResting = true;
    const tookMs = Math.max(0, this.clock.now() - this.enteredAt);
    await this.clock.wait(Math.min(tookMs, LONGEST_REST_MS));
    this.isResting = false;
    this.wakeNext();
  }

  private wakeNext(): void {
    const [next] = this.waiting;
    next?.wake();
  }
}
