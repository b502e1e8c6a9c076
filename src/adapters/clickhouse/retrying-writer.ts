import type { Instant } from '../../core/time.ts';
import { TidemarkError } from '../../errors.ts';
import type { AnalyticsRows, AnalyticsWriter } from '../../ports/analytics.ts';
import { isWriteOutage } from './clickhouse-failures.ts';

/** Hears of outages, for metrics and logs. Must not throw. */
export interface OutageObserver {
  /** After each attempt that failed; `since` is the first failure of this outage, whosever write it was. */
  down(since: Instant, why: TidemarkError): void;
  /** After the first write that succeeded again. */
  up(downMs: number): void;
}

export interface RetryOptions {
  readonly now: () => Instant;
  /** Resolves after that time; may reject or resolve at once when the signal is aborted. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<unknown>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Ends the waiting of all writes; what is being sent may still be stored. */
  readonly signal: AbortSignal;
  readonly observer: OutageObserver;
  /** The bound of the first wait, doubled from one to the next … */
  readonly firstDelayMs?: number;
  /** … up to this. */
  readonly maxDelayMs?: number;
}

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 30_000;

/**
 * Writes to another writer until the rows are stored: while ClickHouse is down, full or overloaded, the same rows go
 * again under the same token, so that an answer lost after the insert counts nothing twice. Between attempts
 * it waits between half and all of a time that doubles up to `maxDelayMs`, for ever; the caller who awaits the
 * write is what stops reading more. A call keeps its own rows in memory and nothing else.
 *
 * Rejects at once with the writer's own `DATABASE_WRITE` when the rows, the tables or the permissions are at fault,
 * and with `INTERRUPTED` when the signal is aborted: the same call later stores what is missing.
 */
export class RetryingWriter implements AnalyticsWriter {
  readonly #writer: AnalyticsWriter;
  readonly #options: RetryOptions;
  #downSince: Instant | undefined;

  constructor(writer: AnalyticsWriter, options: RetryOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  async write(token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    const { firstDelayMs = FIRST_DELAY_MS, maxDelayMs = MAX_DELAY_MS, random, signal } = this.#options;
    if (Object.values(rows).every((part) => part.length === 0)) return;
    let boundMs = Math.min(firstDelayMs, maxDelayMs);
    let outage: TidemarkError | undefined;
    for (;;) {
      if (signal.aborted) throw interrupted(outage);
      outage = await this.#attempt(token, rows);
      if (outage === undefined) return;
      await this.#pause(boundMs * (0.5 + random() / 2), outage);
      boundMs = Math.min(boundMs * 2, maxDelayMs);
    }
  }

  async #attempt(token: string, rows: Partial<AnalyticsRows>): Promise<TidemarkError | undefined> {
    const { now, observer, signal } = this.#options;
    try {
      await untilAborted(this.#writer.write(token, rows), signal);
    } catch (failure) {
      if (!isWriteOutage(failure)) throw failure;
      this.#downSince ??= now();
      observer.down(this.#downSince, failure);
      return failure;
    }
    if (this.#downSince !== undefined) {
      const downMs = now() - this.#downSince;
      this.#downSince = undefined;
      observer.up(downMs);
    }
    return undefined;
  }

  async #pause(delayMs: number, outage: TidemarkError): Promise<void> {
    const { sleep, signal } = this.#options;
    const asleep = sleep(delayMs, signal).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
    });
    await untilAborted(asleep, signal, outage);
  }
}

/** Settles as the work does, or rejects once the signal is aborted; the work is left to itself then. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal, outage?: TidemarkError): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(interrupted(outage));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function interrupted(outage: TidemarkError | undefined): TidemarkError {
  return new TidemarkError(
    'INTERRUPTED',
    outage === undefined
      ? 'stopped before all rows were known to be stored'
      : `stopped while rows waited for ClickHouse: ${outage.message}`,
    'Start again: what is stored stays, and nothing counts twice.',
    outage,
  );
}
