import { setTimeout as pause } from 'node:timers/promises';
import { instant, type Instant } from '../../../src/core/time.ts';
import type { WallClock } from '../../../src/ports/wall-clock.ts';

/** Begins with the machine's time and goes so many times as fast; so do waits. */
export class FastClock implements WallClock {
  private readonly speed: number;
  private readonly startAt = Date.now();
  private readonly startedMs = performance.now();

  constructor(speed: number) {
    this.speed = speed;
  }

  now(): Instant {
    return instant(Math.floor(this.startAt + (performance.now() - this.startedMs) * this.speed));
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    await pause(ms / this.speed, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
