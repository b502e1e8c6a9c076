import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface SignalSource {
  on(name: (typeof SIGNALS)[number], listener: () => void): unknown;
}

export interface Interruption {
  /** Aborted by the first signal: whoever works finishes what is in hand. */
  readonly signal: AbortSignal;
  /** 128 and the number of the first signal, as shells count; undefined while there was none. */
  readonly exitCode: () => number | undefined;
}

/** Ctrl-C and a service manager's stop: the first one is a request, at the second one `leave` ends the process. */
export function abortOnSignals(
  source: SignalSource,
  { announce, leave }: { readonly announce: (words: string) => void; readonly leave: (code: number) => void },
): Interruption {
  const controller = new AbortController();
  const received: number[] = [];
  for (const name of SIGNALS) {
    const exitCode = 128 + constants.signals[name];
    source.on(name, () => {
      if (controller.signal.aborted) {
        leave(exitCode);
        return;
      }
      announce('\nfinishing what is in hand; once more to leave at once\n');
      received.push(exitCode);
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => received[0] };
}
