import { TidemarkError } from '../../errors.ts';
import type { AnalyticsWriter } from '../../ports/analytics.ts';
import type { SourceRecord } from '../../ports/event-source.ts';
import type { Assignment } from '../../ports/partitioned-source.ts';
import type { SinkOffsets } from '../../ports/sink-offsets.ts';
import type { SinkRow } from '../../ports/sink-row.ts';
import type { WallClock } from '../../ports/wall-clock.ts';
import { readBatches, type BatchPace } from './read-batches.ts';
import type { SinkBatch } from './sink-batch.ts';

export interface SinkOptions {
  readonly offsets: SinkOffsets;
  /**
   * Gives a writer that waits outages out, with the same rows under the same token, until the signal is aborted: then
   * it rejects with `INTERRUPTED`.
   */
  readonly openWriter: (revoked: AbortSignal) => AnalyticsWriter;
  readonly clock: WallClock;
  readonly pace: SinkPace;
  /** Told of everything an operator may want to count or read. Must not throw. */
  readonly onEvent?: ((event: SinkEvent) => void) | undefined;
}

export interface SinkPace extends BatchPace {
  /** Pause before the store of the offsets is asked again. */
  readonly retryAfterMs: number;
}

export type SinkEvent =
  /** The rows of one batch are stored, and it is known where to go on. */
  | {
      readonly kind: 'stored';
      readonly partition: number;
      readonly source: string;
      readonly rows: number;
      readonly next: number;
      readonly tookMs: number;
    }
  /** A message that is none of ours was passed over; again after a crash. */
  | { readonly kind: 'unreadable'; readonly partition: number; readonly record: SourceRecord<SinkRow> }
  /** The store of the offsets does not answer. */
  | { readonly kind: 'outage'; readonly partition: number; readonly error: TidemarkError };

/**
 * Takes what was published about people of one partition to the analysts, until the partition is revoked: each source
 * by itself, in batches that are large under load, each of which is stored before it is noted that it is. A crash in
 * between, or two who hold the same partition for a while, store a batch twice: under the same token where it is cut at
 * the same places, and else the rows' own identity makes them one.
 *
 * While the writer waits an outage out nothing more is read: memory holds one batch, and what the source reads ahead, for
 * each source. Cost: an insert for each source, partition and `lingerMs` at the most. Rejects for what no waiting mends.
 */
export async function sinkPartition(assignment: Assignment<SinkRow>, options: SinkOptions): Promise<void> {
  try {
    await new SinkWork(assignment, options).run();
  } catch (error) {
    const isGivenUp = error instanceof TidemarkError && ENDED_BY_REVOCATION.has(error.code);
    if (!isGivenUp || !assignment.revoked.aborted) throw error;
  }
}

const ENDED_BY_REVOCATION = new Set(['INTERRUPTED', 'REDIS_UNAVAILABLE']);

class SinkWork {
  private readonly assignment: Assignment<SinkRow>;
  private readonly options: SinkOptions;
  private readonly failure = new AbortController();
  /** Revoked, or one of the sources failed: no need for the others to go on. */
  private readonly over: AbortSignal;

  constructor(assignment: Assignment<SinkRow>, options: SinkOptions) {
    this.assignment = assignment;
    this.options = options;
    this.over = AbortSignal.any([assignment.revoked, this.failure.signal]);
  }

  async run(): Promise<void> {
    const { partition, sources } = this.assignment;
    const { offsets, openWriter } = this.options;
    const from = await this.patiently(() => offsets.read(partition));
    const writer = openWriter(this.over);
    let failed: { readonly error: unknown } | undefined;
    const drained = sources.map((source) =>
      this.drain(source, from[source], writer).catch((error: unknown) => {
        failed ??= { error };
        this.failure.abort();
      }),
    );
    await Promise.all(drained);
    if (failed !== undefined) throw failed.error;
  }

  private async drain(source: string, from: number | undefined, writer: AnalyticsWriter): Promise<void> {
    const { pace, clock } = this.options;
    for await (const batch of readBatches(this.assignment, source, from, pace, clock, this.over))
      await this.store(source, batch, writer);
  }

  private async store(source: string, batch: SinkBatch, writer: AnalyticsWriter): Promise<void> {
    const { offsets, clock, onEvent } = this.options;
    const { partition } = this.assignment;
    const { rows, until: next, unreadable } = batch;
    const beganAt = clock.now();
    if (rows.length > 0) await writer.write(batch.token(source), batch.byTable());
    await this.patiently(() => offsets.advance(partition, source, next));
    this.assignment.processed({ [source]: next });
    for (const record of unreadable) onEvent?.({ kind: 'unreadable', partition, record });
    const tookMs = clock.now() - beganAt;
    onEvent?.({ kind: 'stored', partition, source, rows: rows.length, next, tookMs });
  }

  /** Asks until there is an answer, or nobody wants it any more. */
  private async patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { clock, pace, onEvent } = this.options;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof TidemarkError) || error.code !== 'REDIS_UNAVAILABLE') throw error;
        onEvent?.({ kind: 'outage', partition: this.assignment.partition, error });
        await clock.wait(pace.retryAfterMs, this.over);
        if (this.over.aborted) throw error;
      }
    }
  }
}
