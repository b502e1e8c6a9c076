import type { Instant } from '../core/time.ts';

/** The time outside. The core never sees it: what it says comes in as an argument, like any other input. */
export interface WallClock {
  now(): Instant;
  /** Resolves after the time, or as soon as the signal is aborted; never rejects. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}
