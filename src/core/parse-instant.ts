import { DAY_MS, instant, type Instant } from './time.ts';

/** 1990-01-01T00:00Z. No shop's history is older; what claims to be is a broken clock or a default value. */
export const EARLIEST_AT = instant(631_152_000_000);

/** Epoch numbers below it are seconds (up to the year 5138), others milliseconds (from 1973 on). */
const SECONDS_BELOW = 100_000_000_000;
/** The last instant a JavaScript date can name. */
const LATEST_MS = 8_640_000_000_000_000;
const UNREADABLE = -1;

/**
 * An instant as source systems write it: ISO 8601 (`2019-10-01`, `20191001`, `2019-10-01T08:26:00.250Z`,
 * `2019-10-01 08:26:00 UTC`, `…+02:00`) or epoch seconds or milliseconds, as a number or in digits. A time
 * without a zone is UTC, a date without a time is its first millisecond. Digits past the millisecond are cut.
 * `undefined` for anything else, for days that no calendar has, and for instants before {@link EARLIEST_AT}.
 */
export function parseInstant(value: string | number): Instant | undefined {
  if (typeof value === 'number') return inRange(epochMs(value));
  const exact = exactMs(value);
  if (exact !== UNREADABLE) return inRange(exact);
  const text = value.trim();
  if (text.charCodeAt(4) === HYPHEN) return inRange(isoMs(text));
  if (!EPOCH.test(text)) return undefined;
  if (text.length !== 8) return inRange(epochMs(Number(text)));
  return inRange(dayMs(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2)));
}

/**
 * A month/day/year date as American spreadsheets write it, with or without a time: `12/1/2010 8:26` is 08:26
 * UTC on the first of December. Two-digit years are 1970 to 2069. `undefined` as for {@link parseInstant}.
 */
export function parseSlashInstant(value: string): Instant | undefined {
  const match = SLASH_DATE.exec(value.trim());
  if (match === null) return undefined;
  const [whole, month, day, year] = match;
  const midnight = dayMs(fullYear(Number(year)), Number(month), Number(day));
  return inRange(addClock(midnight, match.input, whole.length));
}

const EPOCH = /^\d+(?:\.\d+)?$/;
const SLASH_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})(?=$|[ T])/;
const HYPHEN = 45;
const PLUS = 43;
const COLON = 58;
const ZERO = 48;
const CAPITAL_T = 84;
const CAPITAL_Z = 90;
const POINT = 46;
/** Milliseconds in the digits of a fraction. */
const WEIGHTS: readonly number[] = [100, 10, 1];

function inRange(ms: number): Instant | undefined {
  return ms >= EARLIEST_AT && ms <= LATEST_MS ? instant(ms) : undefined;
}

function epochMs(value: number): number {
  return Math.floor(Math.abs(value) < SECONDS_BELOW ? Math.round(value * 1e6) / 1e3 : value);
}

function fullYear(year: number): number {
  if (year >= 100) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

/** `2019-10-01T08:26:00.250Z`, as nearly every event writes it, in little more than half the time; the rest reads anything else. */
function exactMs(text: string): number {
  if (text.length !== 24 || text.charCodeAt(23) !== CAPITAL_Z || text.charCodeAt(10) !== CAPITAL_T)
    return UNREADABLE;
  if (text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN || text.charCodeAt(19) !== POINT)
    return UNREADABLE;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return UNREADABLE;
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const fraction = digits(text, 20, 3);
  const midnight = dayMs(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
  const isRead = hour >= 0 && minute >= 0 && second >= 0 && fraction >= 0 && midnight !== UNREADABLE;
  if (!isRead || hour > 23 || minute > 59 || second > 59) return UNREADABLE;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
}

function isoMs(text: string): number {
  if (text.charCodeAt(7) !== HYPHEN) return UNREADABLE;
  return addClock(dayMs(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)), text, 10);
}

function dayMs(year: number, month: number, day: number): number {
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return UNREADABLE;
  return daysBeforeMonth(year, month) * DAY_MS + (day - 1) * DAY_MS;
}

/** Days from 1970-01-01 to the first of the month: years are taken to begin in March, so that leap days come last. */
function daysBeforeMonth(year: number, month: number): number {
  const march = month > 2 ? year : year - 1;
  const leapDays = Math.floor(march / 4) - Math.floor(march / 100) + Math.floor(march / 400);
  return march * 365 + leapDays + Math.floor((153 * ((month + 9) % 12) + 2) / 5) - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `midnight` moved by the time of day and zone that start at `text[from]`: nothing, or ` 8:26`, `T08:26:00.250Z`. */
function addClock(midnight: number, text: string, from: number): number {
  if (midnight === UNREADABLE || text.length === from) return midnight;
  const mark = text[from];
  if (mark !== 'T' && mark !== ' ' && mark !== 't') return UNREADABLE;
  let next = from + 1;
  const hourDigits = text.charCodeAt(next + 1) === COLON ? 1 : 2;
  const hour = digits(text, next, hourDigits);
  next += hourDigits;
  if (text.charCodeAt(next) !== COLON) return UNREADABLE;
  const minute = digits(text, next + 1, 2);
  next += 3;
  let second = 0;
  let fraction = 0;
  if (text.charCodeAt(next) === COLON) {
    second = digits(text, next + 1, 2);
    next += 3;
    if (text[next] === '.' || text[next] === ',') {
      const start = ++next;
      for (let code = text.charCodeAt(next); code >= ZERO && code < COLON; code = text.charCodeAt(++next)) {
        if (next - start < 3) fraction += (code - ZERO) * (WEIGHTS[next - start] ?? 0);
      }
      if (next === start) return UNREADABLE;
    }
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return UNREADABLE;
  const offset = zoneMinutes(text, next);
  if (Number.isNaN(offset)) return UNREADABLE;
  return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
}

function zoneMinutes(text: string, from: number): number {
  if (from === text.length) return 0;
  const code = text.charCodeAt(from);
  if (code === CAPITAL_Z && from + 1 === text.length) return 0;
  if (code !== PLUS && code !== HYPHEN) return /^ ?(?:z|utc|gmt)$/i.test(text.slice(from)) ? 0 : Number.NaN;
  const hours = digits(text, from + 1, 2);
  const colon = text.charCodeAt(from + 3) === COLON ? 1 : 0;
  const hasMinutes = text.length > from + 3;
  const minutes = hasMinutes ? digits(text, from + 3 + colon, 2) : 0;
  const end = hasMinutes ? from + 5 + colon : from + 3;
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || end !== text.length) return Number.NaN;
  return (code === PLUS ? 1 : -1) * (hours * 60 + minutes);
}

/** The number that `count` decimal digits at `from` write; −1 when one of them is no digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return UNREADABLE;
    value = value * 10 + digit;
  }
  return value;
}
