import type { ByteReader, ByteWriter } from '../bytes.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, type Instant } from '../time.ts';
import { HOURLY_WINDOW_MS, LONGEST_WINDOW_MS, addUp, agedBefore, type Measure } from './windowed.ts';

interface HopList {
  /** Index of the hop since the epoch, ascending. */
  readonly index: number[];
  readonly count: number[];
  readonly sum: number[];
  readonly marks: number[];
}

interface Hop {
  /** The latest instant at which a fact of the hop can lie. */
  readonly lastAt: number;
  readonly count: number;
  readonly sum: number;
  readonly marks: number;
}

/**
 * The tail of a window: facts that are no longer kept one by one, added up by hour while they are younger than
 * two days and by day after that. Where a fact lies is a function of its time and of `now` alone, so the order
 * in which facts were spilled leaves no trace.
 *
 * Readers say how old the oldest fact is that they still keep (`oldestKeptAt`). No fact in here is younger, so
 * every hop has left a window as soon as that fact has: a window without spilled facts is read exactly.
 */
export class Hops {
  private readonly hours: HopList = { index: [], count: [], sum: [], marks: [] };
  private readonly days: HopList = { index: [], count: [], sum: [], marks: [] };

  get empty(): boolean {
    return this.hours.index.length === 0 && this.days.index.length === 0;
  }

  add(at: Instant, now: Instant, sum: number, marks: number): void {
    const hour = Math.floor(at / HOUR_MS);
    if ((hour + 1) * HOUR_MS > now - HOURLY_WINDOW_MS) addHop(this.hours, hour, 1, sum, marks);
    else addHop(this.days, Math.floor(at / DAY_MS), 1, sum, marks);
  }

  /** Hours that became old go into their days; days outside every window go. */
  settle(now: Instant): void {
    const { hours, days } = this;
    let old = 0;
    for (; old < hours.index.length; old++) {
      const hour = hours.index[old] ?? 0;
      if ((hour + 1) * HOUR_MS > now - HOURLY_WINDOW_MS) break;
      addHop(days, Math.floor(hour / 24), hours.count[old] ?? 0, hours.sum[old] ?? 0, hours.marks[old] ?? 0);
    }
    dropFirst(hours, old);
    const aged = agedBefore(now);
    let gone = 0;
    while (gone < days.index.length && (days.index[gone] ?? 0) * DAY_MS < aged) gone++;
    dropFirst(days, gone);
  }

  /** Both are settled at the same instant. */
  merge(other: Hops): void {
    for (const [mine, theirs] of [
      [this.hours, other.hours],
      [this.days, other.days],
    ] as const) {
      theirs.index.forEach((index, i) => {
        addHop(mine, index, theirs.count[i] ?? 0, theirs.sum[i] ?? 0, theirs.marks[i] ?? 0);
      });
    }
  }

  total(now: Instant, windowMs: number, measure: Measure, oldestKeptAt: number): number {
    let total = 0;
    this.walk(windowMs, oldestKeptAt, (hop) => {
      if (hop.lastAt <= now - windowMs) return false;
      total += hop[measure];
      return true;
    });
    return total;
  }

  /** When the hops have shrunk so far that less than `missing` is left; NEVER if they hold less already. */
  lastsUntil(
    now: Instant,
    windowMs: number,
    measure: Measure,
    missing: number,
    oldestKeptAt: number,
  ): Instant {
    let until: number = NEVER;
    this.walk(windowMs, oldestKeptAt, (hop) => {
      if (hop.lastAt <= now - windowMs) return false;
      missing -= hop[measure];
      if (missing > 0) return true;
      until = hop.lastAt + windowMs;
      return false;
    });
    return instant(until);
  }

  nextExpiry(now: Instant, windowMs: number, oldestKeptAt: number): Instant {
    let expiry: number = NEVER;
    this.walk(windowMs, oldestKeptAt, ({ lastAt }) => {
      if (lastAt <= now - windowMs) return false;
      expiry = lastAt + windowMs;
      return true;
    });
    return instant(expiry);
  }

  decayed(now: Instant, halfLifeMs: number, measure: Measure, oldestKeptAt: number): number {
    let total = 0;
    this.walk(LONGEST_WINDOW_MS, oldestKeptAt, (hop) => {
      if (hop.lastAt <= now - LONGEST_WINDOW_MS) return false;
      total += hop[measure] * 2 ** ((hop.lastAt - now) / halfLifeMs);
      return true;
    });
    return total;
  }

  write(writer: ByteWriter): void {
    writeList(writer, this.hours);
    writeList(writer, this.days);
  }

  static read(reader: ByteReader): Hops {
    const hops = new Hops();
    readList(reader, hops.hours);
    readList(reader, hops.days);
    return hops;
  }

  /**
   * Newest first; stops when `visit` returns false. Long windows see hours and the day they lie in as one hop, so
   * that an hour going into its day changes nothing they read.
   */
  private walk(windowMs: number, oldestKeptAt: number, visit: (hop: Hop) => boolean): void {
    const { hours, days } = this;
    let hour = hours.index.length - 1;
    if (windowMs <= HOURLY_WINDOW_MS) {
      for (; hour >= 0; hour--) {
        const lastAt = Math.min(((hours.index[hour] ?? 0) + 1) * HOUR_MS - 1, oldestKeptAt);
        const hop = {
          lastAt,
          count: hours.count[hour] ?? 0,
          sum: hours.sum[hour] ?? 0,
          marks: hours.marks[hour] ?? 0,
        };
        if (!visit(hop)) return;
      }
      return;
    }
    let day = days.index.length - 1;
    while (hour >= 0 || day >= 0) {
      const index = Math.max(dayOf(hours.index[hour]), days.index[day] ?? -1);
      let count = 0;
      let sum = 0;
      let marks = 0;
      for (; hour >= 0 && dayOf(hours.index[hour]) === index; hour--) {
        count += hours.count[hour] ?? 0;
        sum += hours.sum[hour] ?? 0;
        marks += hours.marks[hour] ?? 0;
      }
      if (days.index[day] === index) {
        count += days.count[day] ?? 0;
        sum += days.sum[day] ?? 0;
        marks += days.marks[day] ?? 0;
        day--;
      }
      const lastAt = Math.min((index + 1) * DAY_MS - 1, oldestKeptAt);
      if (!visit({ lastAt, count, sum, marks })) return;
    }
  }
}

function dayOf(hour: number | undefined): number {
  return hour === undefined ? -1 : Math.floor(hour / 24);
}

function addHop(list: HopList, index: number, count: number, sum: number, marks: number): void {
  let at = list.index.length;
  while (at > 0 && (list.index[at - 1] ?? 0) > index) at--;
  if (at > 0 && list.index[at - 1] === index) {
    list.count[at - 1] = (list.count[at - 1] ?? 0) + count;
    list.sum[at - 1] = addUp(list.sum[at - 1] ?? 0, sum);
    list.marks[at - 1] = (list.marks[at - 1] ?? 0) + marks;
    return;
  }
  list.index.splice(at, 0, index);
  list.count.splice(at, 0, count);
  list.sum.splice(at, 0, sum);
  list.marks.splice(at, 0, marks);
}

function dropFirst(list: HopList, n: number): void {
  if (n === 0) return;
  list.index.splice(0, n);
  list.count.splice(0, n);
  list.sum.splice(0, n);
  list.marks.splice(0, n);
}

function writeList(writer: ByteWriter, list: HopList): void {
  writer.unsigned(list.index.length);
  let previous = 0;
  for (let i = 0; i < list.index.length; i++) {
    const index = list.index[i] ?? 0;
    writer.signed(index - previous);
    previous = index;
    writer.unsigned(list.count[i] ?? 0);
    writer.unsigned(list.sum[i] ?? 0);
    writer.unsigned(list.marks[i] ?? 0);
  }
}

function readList(reader: ByteReader, list: HopList): void {
  let index = 0;
  for (let n = reader.unsigned(); n > 0; n--) {
    index += reader.signed();
    list.index.push(index);
    list.count.push(reader.unsigned());
    list.sum.push(reader.unsigned());
    list.marks.push(reader.unsigned());
  }
}
