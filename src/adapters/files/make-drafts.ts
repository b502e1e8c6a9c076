import { FUTURE_TOLERANCE_MS } from '../../core/events/interpret.ts';
import { NEVER, isoOf, plus, type Instant } from '../../core/time.ts';
import type { Rejection } from '../../core/events/event.ts';
import { BEFORE_ALL, type Draft } from './draft.ts';
import type { InputFile } from './input-files.ts';
import { detached, readLines } from './read-lines.ts';
import { readRows, type Row } from './read-rows.ts';
import type { PlacedLine, Recognition, RowFormat, RowNames, RowReading } from './row-format.ts';

/** A file with what its first lines told. */
export interface DataFile extends InputFile {
  readonly recognition: Extract<Recognition, { kind: 'data' }>;
}

/** What is to be read, and how. */
export interface ReadingPlan {
  readonly format: RowFormat;
  readonly files: readonly DataFile[];
  readonly totalBytes: number;
  /** The last instant that counts. */
  readonly until: Instant;
  readonly wallClockAt: Instant | undefined;
}

/** A dead letter quotes no more of a row than this. */
export const LONGEST_RAW = 2000;

/** All data rows as they stand in the files. `onBytes` gets the bytes of all files so far. */
export async function* rowsOf(
  plan: ReadingPlan,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<{ readonly file: number; readonly rows: readonly Row[] }> {
  let bytesBefore = 0;
  for (const [file, dataFile] of plan.files.entries()) {
    const { cut, width, headerRows } = dataFile.recognition;
    const lines = readLines(dataFile, (bytes) => onBytes(bytesBefore + bytes));
    let skip: number = headerRows;
    for await (const rows of readRows(lines, cut, width)) {
      yield { file, rows: skip === 0 ? rows : rows.slice(skip) };
      skip = 0;
    }
    bytesBefore += dataFile.bytes;
  }
}

/**
 * Turns rows, in the order of the files, into drafts. A row that cannot tell its own time takes the time of the
 * last that could. An event that lies ahead of the wall clock is refused and moves no time but its own.
 */
export class DraftMaker {
  /** The time of the last row that told it. */
  private lastAt: Instant = BEFORE_ALL;
  private readonly plan: ReadingPlan;
  private readonly latestAt: Instant;
  /** The lasting name of a row. */
  private readonly names: RowNames;
  private readonly namesByFile: readonly ((line: number) => string)[];

  constructor(plan: ReadingPlan) {
    this.plan = plan;
    this.latestAt = plus(plan.wallClockAt ?? NEVER, FUTURE_TOLERANCE_MS);
    this.namesByFile = plan.files.map(
      ({ name }) =>
        (line) =>
          `${plan.format.name}:${name}:${line}`,
    );
    this.names = (file, line) => this.namesByFile[file]?.(line) ?? String(line);
  }

  /** A row that need not be made told this time. */
  passOver(at: Instant): void {
    this.lastAt = at;
  }

  make(row: Row, file: number): Draft | PlacedLine {
    const reading = this.readingOf(row, file);
    const isReceived = reading.kind === 'event' && reading.isReceived === true;
    const at = reading.at ?? this.lastAt;
    if (at > this.latestAt && !isReceived) {
      return this.refuse(row, file, { reason: 'future_timestamp', detail: `${isoOf(at)} is still to come` });
    }
    this.lastAt = at;
    if (reading.kind === 'rejection') return this.refuse(row, file, reading.rejection);
    if (reading.kind === 'line') {
      const { group, item } = reading;
      const line = { group, at, file, row: row.line, item };
      return item.isReturn === true || at > this.plan.until ? { ...line, raw: rawOf(row) } : line;
    }
    const draft = { at, file, line: row.line, part: 0, rows: 1, event: reading.event };
    return at > this.plan.until ? { ...draft, raw: rawOf(row) } : draft;
  }

  /** What a group of line items comes to. */
  combine(lines: readonly PlacedLine[]): Draft[] {
    return this.plan.format.combine?.(lines, this.names) ?? [];
  }

  private readingOf(row: Row, file: number): RowReading {
    const { recognition } = this.plan.files[file] as DataFile;
    const idOf = this.namesByFile[file] ?? String;
    if (row.fault !== undefined) return malformed(FAULTS[row.fault]);
    if (row.cells.length !== recognition.width) {
      return malformed(`${row.cells.length} columns instead of ${recognition.width}`);
    }
    return recognition.read(row, idOf);
  }

  private refuse(row: Row, file: number, rejection: Rejection): Draft {
    return { at: this.lastAt, file, line: row.line, part: 0, rows: 1, rejection, raw: rawOf(row) };
  }
}

const FAULTS = { open: 'a quote opens and does not close', broken: 'text follows a closing quote' };

function malformed(detail: string): RowReading {
  return { kind: 'rejection', rejection: { reason: 'malformed', detail } };
}

function rawOf(row: Row): string {
  return detached(row.text.slice(0, LONGEST_RAW));
}
