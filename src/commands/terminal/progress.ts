import type { World } from '../world.ts';
import { formatCount, formatDuration, formatRate, formatShare } from './numbers.ts';
import { clip } from './printable.ts';

const REDRAW_EVERY_MS = 100;
const PLAIN_LINE_EVERY_MS = 5_000;
const ERASE_TO_END = '\u001b[K';

export interface ProgressState {
  readonly done: number;
  /** Share of the whole, 0 to 1, where it is known; it gives the estimate of the time left. */
  readonly share?: number;
  /** What else to say, a few words. */
  readonly note?: string;
}

/** How far long work has come, on standard error. */
export interface Progress {
  /** Cheap enough to call for every block of a few hundred records: it draws ten times a second at most. */
  report(state: ProgressState): void;
  /** Takes the redrawn line away. Call it before anything else is printed, also after a failure. */
  clear(): void;
}

/**
 * On a terminal one line, redrawn and never wider than the window; elsewhere a plain line every five seconds,
 * so that a log stays readable and short work prints nothing.
 */
export function startProgress(
  world: Pick<World, 'stderr' | 'wallClock'>,
  about: { readonly label: string; readonly unit: string },
): Progress {
  const startedAt = world.wallClock();
  const everyMs = world.stderr.isTerminal ? REDRAW_EVERY_MS : PLAIN_LINE_EVERY_MS;
  let drawnAt = startedAt as number;
  let isDrawn = false;

  return {
    report(state) {
      const now = world.wallClock();
      if (now - drawnAt < everyMs) return;
      drawnAt = now;
      const line = describe(about, state, now - startedAt);
      if (world.stderr.isTerminal) {
        world.stderr.write(`\r${clip(line, world.stderr.columns - 1)}${ERASE_TO_END}`);
        isDrawn = true;
      } else {
        world.stderr.write(`${line}\n`);
      }
    },
    clear() {
      if (isDrawn) world.stderr.write(`\r${ERASE_TO_END}`);
      isDrawn = false;
    },
  };
}

function describe(
  { label, unit }: { readonly label: string; readonly unit: string },
  { done, share, note }: ProgressState,
  elapsedMs: number,
): string {
  const leftMs = share === undefined || share <= 0 ? undefined : (elapsedMs * (1 - share)) / share;
  const parts = [
    share === undefined ? '' : formatShare(Math.min(1, share)),
    `${formatCount(done)} ${unit}`,
    formatRate(done, unit, elapsedMs),
    leftMs === undefined ? formatDuration(elapsedMs) : `${formatDuration(leftMs)} left`,
    note ?? '',
  ];
  return `${label}: ${parts.filter((part) => part !== '').join(' · ')}`;
}
