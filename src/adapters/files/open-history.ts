import type { Rejection } from '../../core/events/event.ts';
import { err, ok } from '../../core/result.ts';
import { NEVER, isoOf, type Instant } from '../../core/time.ts';
import type { EventSource, SourceRecord } from '../../ports/event-source.ts';
import type { RecordDecoder } from '../../ports/record-decoder.ts';
import { TidemarkError } from '../../errors.ts';
import type { ColumnMap } from './column-map.ts';
import { BEFORE_ALL, type Draft } from './draft.ts';
import { listInputFiles } from './input-files.ts';
import type { ReadingPlan } from './make-drafts.ts';
import { inOrderOfArrival, type ArrivalFindings } from './order-of-arrival.ts';
import { ProgressMeter, type ReadProgress } from './progress-meter.ts';
import { recogniseFiles } from './recognise-files.ts';
import { TempFolder } from './temp-folder.ts';

export interface HistoryOptions {
  /** A name of `HISTORY_FORMATS`; anything else is a usage error that says so. */
  readonly format: string;
  /** A file, or a folder of files; plain or gzip. */
  readonly path: string;
  /** Reads a line of format `segment`. */
  readonly decodeSegment: RecordDecoder;
  /** For format `csv`, and only there. */
  readonly map?: ColumnMap | undefined;
  /** Rows that arrived later are rejected as `after_until`. */
  readonly until?: Instant | undefined;
  /** The present. Rows more than 5 minutes ahead of it are rejected as `future_timestamp`; unchecked when absent. */
  readonly wallClockAt?: Instant | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  /** Where an input that does not fit in memory is sorted; the system's temporary folder by default. */
  readonly tempDir?: string | undefined;
  /** About how many bytes of records to hold for sorting, and as many of line items; 64 MiB by default. */
  readonly chunkBytes?: number | undefined;
}

export interface History extends EventSource {
  /** Files that were recognised and left out, and why; one sentence each. */
  readonly notes: readonly string[];
  /** Whether it says in which currency amounts are; else they count in the policy's, whatever they were in. */
  readonly statesCurrency: boolean;
}

const DEFAULT_CHUNK_BYTES = 64 * 1024 * 1024;

/**
 * A history on disk as a source of events, in order of arrival. It has one source id, `<format>:<file>` or
 * `<format>:<folder>/`, and numbers its records densely in that order, so that the same input gives the same
 * offsets whatever the memory, compression, `until`, and number of readings.
 *
 * The `rows` of all records add up to the data rows of the input: blank lines, headers and companion files are
 * none. MessageIds of row formats are `<format>:<file>:<line>`. Throws `TidemarkError`, here or on reading: `USAGE`,
 * `INPUT_NOT_FOUND`, `INPUT_EMPTY`, `INPUT_FORMAT`, `TEMP_FOLDER`. Nothing stays on disk after reading, whether it
 * ended, failed or was broken off.
 */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const input = await listInputFiles(options.path);
  const { format, files, notes } = await recogniseFiles(input, options);
  const plan: ReadingPlan = {
    format,
    files,
    totalBytes: files.reduce((sum, file) => sum + file.bytes, 0),
    until: options.until ?? NEVER,
    wallClockAt: options.wallClockAt,
  };
  const source = `${format.name}:${input.name}`;
  const findings: ArrivalFindings = {};

  /** Rows that precede the first known time take that time. */
  function recordOf(draft: Draft, offset: number): SourceRecord {
    const receivedAt = draft.at === BEFORE_ALL ? (findings.firstAt ?? BEFORE_ALL) : draft.at;
    const { rows, raw } = draft;
    const place = `${files[draft.file]?.name ?? ''}:${draft.line}`;
    if (receivedAt <= plan.until && draft.rejection === undefined) {
      return { source, offset, receivedAt, event: ok(draft.event), rows, place };
    }
    const isAfter = receivedAt > plan.until || draft.rejection === undefined;
    const event = err(isAfter ? afterUntil(receivedAt, plan.until) : draft.rejection);
    return { source, offset, receivedAt, event, rows, place, ...(raw === undefined ? {} : { raw }) };
  }

  async function* read(from: Readonly<Record<string, number>>): AsyncGenerator<readonly SourceRecord[]> {
    const folder = new TempFolder(options.tempDir);
    const progress = new ProgressMeter(
      options.onProgress,
      plan.totalBytes,
      findings.isInOrder === true ? 1 : 2,
    );
    const chunkBytes = options.chunkBytes ?? DEFAULT_CHUNK_BYTES;
    const start = from[source] ?? 0;
    let offset = 0;
    try {
      for await (const drafts of inOrderOfArrival({ plan, findings, chunkBytes, folder, progress })) {
        const skip = Math.min(Math.max(start - offset, 0), drafts.length);
        const first = offset;
        offset += drafts.length;
        if (skip === drafts.length) continue;
        const records: SourceRecord[] = [];
        for (let i = skip; i < drafts.length; i++) {
          const draft = drafts[i];
          if (draft !== undefined) records.push(recordOf(draft, first + i));
        }
        yield records;
      }
      if (offset === 0) throw noRows(options.path);
      progress.endPass(0);
    } finally {
      await folder.remove();
    }
  }

  return { sources: [source], notes, statesCurrency: format.statesCurrency, read };
}

function afterUntil(at: Instant, until: Instant): Rejection {
  return { reason: 'after_until', detail: `${isoOf(at)} is after ${isoOf(until)}` };
}

function noRows(path: string): TidemarkError {
  return new TidemarkError('INPUT_EMPTY', `${path} holds no data rows`, 'check that the export went through');
}
