import type { ByteReader, ByteWriter } from '../bytes.ts';
import { DAY_MS, MINUTE_MS, NEVER, instant, plus, type Instant } from '../time.ts';
import { EXACT_FACTS, agedBefore } from './windowed.ts';

/** Acts closer together than this belong to one session. */
export const SESSION_GAP_MS = 30 * MINUTE_MS;

/**
 * When a person was here: sessions (maximal runs of own acts with gaps of at most 30 minutes) and days (UTC)
 * with an act. Both are functions of the set of acts, whatever their order, but for one limit: of the sessions of
 * the longest window only the newest {@link EXACT_FACTS} are kept, so an act that comes later than 64 sessions
 * after its own time no longer joins those it lies between.
 */
export class Presence {
  firstAt: Instant = NEVER;
  lastAt: Instant = instant(-Infinity);
  /** Session i is [from[i], until[i]], ascending, more than a gap apart. */
  private readonly from: number[] = [];
  private readonly until: number[] = [];
  /** Days since the epoch, ascending. */
  private readonly days: number[] = [];

  add(at: Instant): void {
    if (at < this.firstAt) this.firstAt = at;
    if (at > this.lastAt) this.lastAt = at;
    this.addSession(at, at);
    this.dropBeyondLimit();
    this.addDay(Math.floor(at / DAY_MS));
  }

  merge(other: Presence): void {
    if (other.firstAt < this.firstAt) this.firstAt = other.firstAt;
    if (other.lastAt > this.lastAt) this.lastAt = other.lastAt;
    other.from.forEach((from, i) => {
      this.addSession(from, other.until[i] ?? from);
    });
    this.dropBeyondLimit();
    for (const day of other.days) this.addDay(day);
  }

  settle(now: Instant): void {
    const aged = agedBefore(now);
    // A session that an act within the longest window could still join stays.
    let gone = 0;
    while ((this.until[gone] ?? aged) + SESSION_GAP_MS < aged) gone++;
    this.dropSessions(gone);
    while ((this.days[0] ?? Infinity) * DAY_MS < aged) this.days.shift();
  }

  /** Sessions begun in the window; at most {@link EXACT_FACTS}. */
  sessions(now: Instant, windowMs: number): number {
    return countAfter(this.from, now - windowMs);
  }

  nextSessionExpiry(now: Instant, windowMs: number): Instant {
    return plus(instant(firstAfter(this.from, now - windowMs)), windowMs);
  }

  /** Days with an act that began in the window. */
  activeDays(now: Instant, windowMs: number): number {
    return countAfter(this.days, (now - windowMs) / DAY_MS);
  }

  nextDayExpiry(now: Instant, windowMs: number): Instant {
    return plus(instant(firstAfter(this.days, (now - windowMs) / DAY_MS) * DAY_MS), windowMs);
  }

  /** Instants are written as distances back from `base`, which no act lies after. */
  write(writer: ByteWriter, base: Instant): void {
    writer.unsigned(this.from.length);
    for (let i = this.from.length - 1, next: number = base; i >= 0; i--) {
      const from = this.from[i] ?? 0;
      const until = this.until[i] ?? 0;
      writer.unsigned(next - until);
      writer.unsigned(until - from);
      next = from;
    }
    writer.unsigned(this.days.length);
    for (let i = this.days.length - 1, next = Math.floor(base / DAY_MS); i >= 0; i--) {
      const day = this.days[i] ?? 0;
      writer.unsigned(next - day);
      next = day;
    }
    const whole = this.from.length > 0 && this.firstAt === this.from[0] && this.lastAt === this.until.at(-1);
    writer.byte(whole ? 1 : this.firstAt === NEVER ? 2 : 0);
    if (whole || this.firstAt === NEVER) return;
    writer.unsigned(base - this.firstAt);
    writer.unsigned(base - this.lastAt);
  }

  static read(reader: ByteReader, base: Instant): Presence {
    const presence = new Presence();
    for (let n = reader.unsigned(), next: number = base; n > 0; n--) {
      const until = next - reader.unsigned();
      next = until - reader.unsigned();
      presence.from.push(next);
      presence.until.push(until);
    }
    presence.from.reverse();
    presence.until.reverse();
    for (let n = reader.unsigned(), next = Math.floor(base / DAY_MS); n > 0; n--) {
      next -= reader.unsigned();
      presence.days.push(next);
    }
    presence.days.reverse();
    const bounds = reader.byte();
    if (bounds === 1) {
      presence.firstAt = instant(presence.from[0] ?? NEVER);
      presence.lastAt = instant(presence.until.at(-1) ?? -Infinity);
    } else if (bounds === 0) {
      presence.firstAt = instant(base - reader.unsigned());
      presence.lastAt = instant(base - reader.unsigned());
    }
    return presence;
  }

  /** Joins every session that the new one touches. */
  private addSession(from: number, until: number): void {
    let end = this.from.length;
    while (end > 0 && (this.from[end - 1] ?? 0) > until + SESSION_GAP_MS) end--;
    let start = end;
    while (start > 0 && (this.until[start - 1] ?? 0) >= from - SESSION_GAP_MS) {
      start--;
      from = Math.min(from, this.from[start] ?? from);
      until = Math.max(until, this.until[start] ?? until);
    }
    if (end - start === 1) {
      this.from[start] = from;
      this.until[start] = until;
      return;
    }
    this.from.splice(start, end - start, from);
    this.until.splice(start, end - start, until);
  }

  private dropBeyondLimit(): void {
    this.dropSessions(this.from.length - EXACT_FACTS);
  }

  private dropSessions(oldest: number): void {
    if (oldest <= 0) return;
    this.from.splice(0, oldest);
    this.until.splice(0, oldest);
  }

  private addDay(day: number): void {
    let i = this.days.length;
    while (i > 0 && (this.days[i - 1] ?? 0) > day) i--;
    if (i === 0 || this.days[i - 1] !== day) this.days.splice(i, 0, day);
  }
}

function countAfter(ascending: readonly number[], after: number): number {
  let n = 0;
  for (let i = ascending.length - 1; i >= 0 && (ascending[i] ?? 0) > after; i--) n++;
  return n;
}

/** Infinity when there is none. */
function firstAfter(ascending: readonly number[], after: number): number {
  for (const value of ascending) if (value > after) return value;
  return Infinity;
}
