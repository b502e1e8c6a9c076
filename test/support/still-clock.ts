import { instant, plus, type Instant } from '../../src/core/time.ts';
import type { WallClock } from '../../src/ports/wall-clock.ts';

interface Wait {
  readonly until: Instant;
  readonly end: () => void;
}

/** A clock that stands still until it is told how much time has passed. */
export class StillClock implements WallClock {
  private time: Instant = instant(1_700_000_000_000);
  private readonly waits = new Set<Wait>();

  now(): Instant {
    return this.time;
  }

  /** How many wait for it to go on. */
  get waiting(): number {
    return this.waits.size;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.waits.delete(wait);
        resolve();
      };
      const wait: Wait = { until: plus(this.time, ms), end };
      this.waits.add(wait);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  pass(ms: number): void {
    this.time = plus(this.time, ms);
    for (const { until, end } of [...this.waits]) if (until <= this.time) end();
  }
}
