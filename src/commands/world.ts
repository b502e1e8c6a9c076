import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Instant } from '../core/time.ts';

/** One of the process's two text streams. */
export interface Output {
  readonly stream: NodeJS.WritableStream;
  /** Someone reads it on a screen that can redraw a line; false for pipes, files and `TERM=dumb`. */
  readonly isTerminal: boolean;
  /** Width in character cells, read anew at each use because windows are resized. */
  readonly columns: number;
  readonly colours: boolean;
  write(text: string): void;
}

/**
 * Everything a command may touch of the process it runs in. `main.ts` makes the real one; tests make their
 * own and run whole command lines without starting a process.
 *
 * Answers go to `stdout`; progress, hints, errors and log lines go to `stderr`.
 */
export interface World {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly config: Config;
  readonly log: Logger;
  /** How this person starts Tidemark, for hints that can be copied: `tidemark` or `npm run -s tidemark --`. */
  readonly invocation: string;
  readonly wallClock: () => Instant;
  /** Aborted by the first Ctrl-C. A command then finishes what is in hand and throws {@link interrupted}. */
  readonly signal: AbortSignal;
}
