import { instant, type Instant } from '../../src/core/time.ts';
import type { WallClock } from '../../src/ports/wall-clock.ts';

/** Nobody waits for it: whoever asks to wait moves it on, and goes on as soon as others had their turn. */
export class HastyClock implements WallClock {
  private time: number;

  constructor(startAt: Instant) {
    this.time = startAt;
  }

  now(): Instant {
    return instant(Math.floor(this.time));
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    this.time += Math.min(ms, LARGEST_STEP_MS);
    return new Promise((resolve) => setImmediate(resolve));
  }
}

const LARGEST_STEP_MS = 5;
