import { setTimeout as pause } from 'node:timers/promises';
import { instant, type Instant } from '../../core/time.ts';
import type { WallClock } from '../../ports/wall-clock.ts';

/** The machine's own time. What it is set back by does not show: it stands still until the old time is reached again. */
export class SystemClock implements WallClock {
  private latest = 0;

  now(): Instant {
    this.latest = Math.max(this.latest, Date.now());
    return instant(this.latest);
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    await pause(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
