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
  return rejected(
    'invalid_timestamp',
    `${column} is ${shown(cell)}; expected ${timeMeant(cell ?? '')} from 1990 on`,
  );
}

/** What the writer of a cell has to write instead, where the cell shows in what order they took it to be. */
function timeMeant(cell: string): string {
  if (cell.includes('/')) return 'month/day/year';
  return /^\s*\d{1,2}[.-]\d{1,2}[.-]/.test(cell) ? 'year-month-day (2010-12-31)' : 'a time';
}

export function nobody(column: string, at: Instant): RowReading {
  return rejected('missing_person', `${column} is empty`, at);
}

/** For an amount that {@link minorOf} found negative or unreadable. */
export function badAmount(column: string, cell: string | undefined, minor: number, at: Instant): RowReading {
  return minor < 0
    ? rejected('negative_amount', `${column} is ${shown(cell)}`, at)
    : rejected('invalid_amount', `${column} is ${shown(cell)}; expected ${numberMeant(cell ?? '')}`, at);
}

/** Decimal commas, thousands and currency signs are not guessed at: 1.234 would be read as one or the other. */
function numberMeant(cell: string): string {
  return /\d,|\p{Sc}/u.test(cell) ? 'a plain number like 1234.50' : 'a number';
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
