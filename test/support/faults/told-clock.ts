import { setTimeout as pause } from 'node:timers/promises';
import { latest, type Instant } from '../../../src/core/time.ts';
import type { WallClock } from '../../../src/ports/wall-clock.ts';

/** What was said so long ago, to one who stood still, is not what time it is. */
const STALE_AFTER_MS = 500;
/** Who waits for no time at all lets others have their turn. */
const LEAST_WAIT_MS = 5;
/** Of the machine's time; a wait is only ever for something that is asked for again. */
const LONGEST_WAIT_MS = 100;

export interface ToldTime {
  readonly now: Instant;
  readonly saidAtMs: number;
}

/** Shows the time that it is told, which may pass faster than the machine's; waits by the machine's. */
export class ToldClock implements WallClock {
  private time: Instant;

  constructor(startAt: Instant) {
    this.time = startAt;
  }

  /** `saidAtMs` is by the machine's clock. */
  tell({ now, saidAtMs }: ToldTime): void {
    if (Date.now() - saidAtMs < STALE_AFTER_MS) this.time = latest(this.time, now);
  }

  now(): Instant {
    return this.time;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    const waitMs = Math.min(Math.max(ms, LEAST_WAIT_MS), LONGEST_WAIT_MS);
    await pause(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
