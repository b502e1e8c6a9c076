import type { Rejection, TrackedEvent } from '../../core/events/event.ts';
import type { Instant } from '../../core/time.ts';

/**
 * A record on its way to its place in the order of arrival. Holds nothing that JSON would lose, because it may
 * have to wait on disk.
 */
export type Draft = AcceptedDraft | RejectedDraft;

export interface AcceptedDraft extends DraftPlace {
  readonly event: TrackedEvent;
  readonly rejection?: undefined;
  /** Where the row may yet be rejected. */
  readonly raw?: string;
}

export interface RejectedDraft extends DraftPlace {
  readonly event?: undefined;
  readonly rejection: Rejection;
  readonly raw?: string;
}

interface DraftPlace {
  /** When it arrived; {@link BEFORE_ALL} for what precedes the first record whose time is known. */
  readonly at: Instant;
  /** Which file, which of its lines, and which of the records that the line gave rise to. */
  readonly file: number;
  readonly line: number;
  readonly part: number;
  /** Data rows it stands for. */
  readonly rows: number;
}

/** No readable instant is this early. */
export const BEFORE_ALL = 0 as Instant;

/** The order of arrival: by time, then as the rows stand in the files. Total. */
export function compareArrival(a: Draft, b: Draft): number {
  return a.at - b.at || a.file - b.file || a.line - b.line || a.part - b.part;
}
