import { parseInstant, parseSlashInstant } from '../../core/parse-instant.ts';
import { parseMinor } from '../../core/parse-number.ts';
import type { Instant } from '../../core/time.ts';
import { detached } from './read-lines.ts';
import { rejected, type RowReading } from './row-format.ts';

const NOBODY = new Set(['', 'nan', 'null', 'none', 'na']);

/** The person of a cell; `undefined` for an empty cell and for what table tools write into one. */
export function personOf(cell: string | undefined): string | undefined {
  const text = (cell ?? '').trim();
  return text.length <= 4 && NOBODY.has(text.toLowerCase()) ? undefined : detached(text);
}

/** An id or category; `undefined` for an empty cell. */
export function wordOf(cell: string | undefined): string | undefined {
  const text = (cell ?? '').trim();
  return text === '' ? undefined : detached(text);
}

/** ISO 8601, epoch, or a month/day/year date. */
export function timeOf(cell: string | undefined): Instant | undefined {
  const text = cell ?? '';
  return text.includes('/') ? parseSlashInstant(text) : parseInstant(text);
}

/** Minor units of an amount in major units; negative or NaN where it cannot be used, and NaN for an empty cell. */
export function minorOf(cell: string | undefined): number {
  return parseMinor(cell ?? '');
}

export function badTime(column: string, cell: string | undefined): RowReading {
  return rejected('invalid_timestamp', `${column} is ${shown(cell)}; expected a time from 1990 on`);
}

export function nobody(column: string, at: Instant): RowReading {
  return rejected('missing_person', `${column} is empty`, at);
}

/** For an amount that {@link minorOf} found negative or unreadable. */
export function badAmount(column: string, cell: string | undefined, minor: number, at: Instant): RowReading {
  return minor < 0
    ? rejected('negative_amount', `${column} is ${shown(cell)}`, at)
    : rejected('invalid_amount', `${column} is ${shown(cell)}; expected a number`, at);
}

export function badKind(
  column: string,
  cell: string | undefined,
  kinds: Iterable<string>,
  at: Instant,
): RowReading {
  return rejected('malformed', `${column} is ${shown(cell)}; expected one of ${[...kinds].join(', ')}`, at);
}

function shown(cell: string | undefined): string {
  return JSON.stringify((cell ?? '').slice(0, 60));
}
