import type { ByteReader, ByteWriter } from '../bytes.ts';
import { NEVER, instant, plus, type Instant } from '../time.ts';
import { Hops } from './hops.ts';
import {
  EXACT_FACTS,
  LONGEST_WINDOW_MS,
  addUp,
  agedBefore,
  type Measure,
  type Windowed,
} from './windowed.ts';

/** One more than are promised: once it has left a window, so has everything older, and what is left is exact. */
const KEPT_FACTS = EXACT_FACTS + 1;

/**
 * Accumulator of one kind of fact: the newest to the millisecond, the rest in hops, life totals for ever. After
 * `settle` a function of the *set* of facts added and of the latest `now`, never of their order or of when it was
 * settled before. `add` costs O(facts newer than the one added), reads O(log n) plus the hops in the window.
 */
export class Series implements Windowed {
  count = 0;
  sum = 0;
  marks = 0;
  firstAt: Instant = NEVER;
  lastAt: Instant = instant(-Infinity);

  /** Ascending. */
  private at: number[] = [];
  /** Beside `at`; undefined while all are 0: most kinds of act have no value, or no mark, and people are many. */
  private value: number[] | undefined;
  private mark: number[] | undefined;
  private hops: Hops | undefined;

  add(at: Instant, now: Instant, value: number, mark: boolean): void {
    this.count += 1;
    this.sum = addUp(this.sum, value);
    this.marks += mark ? 1 : 0;
    if (at < this.firstAt) this.firstAt = at;
    if (at > this.lastAt) this.lastAt = at;
    this.keep(at, now, value, mark ? 1 : 0);
  }

  /** Both are settled at `now`. */
  merge(other: Series, now: Instant): void {
    this.count += other.count;
    this.sum = addUp(this.sum, other.sum);
    this.marks += other.marks;
    if (other.firstAt < this.firstAt) this.firstAt = other.firstAt;
    if (other.lastAt > this.lastAt) this.lastAt = other.lastAt;
    if (other.hops !== undefined) (this.hops ??= new Hops()).merge(other.hops);
    other.at.forEach((at, i) => this.keep(instant(at), now, other.value?.[i] ?? 0, other.mark?.[i] ?? 0));
  }

  settle(now: Instant): void {
    const aged = agedBefore(now);
    if ((this.at[0] ?? aged) < aged) {
      const gone = this.indexAfter(aged - 1);
      this.at.splice(0, gone);
      this.value?.splice(0, gone);
      this.mark?.splice(0, gone);
    }
    this.hops?.settle(now);
  }

  total(now: Instant, windowMs: number, measure: Measure): number {
    const from = this.indexAfter(now - windowMs);
    let total = this.hops?.total(now, windowMs, measure, this.oldestKeptAt) ?? 0;
    if (measure === 'count') return total + this.at.length - from;
    const values = measure === 'sum' ? this.value : this.mark;
    if (values === undefined) return total;
    for (let i = from; i < values.length; i++) total += values[i] ?? 0;
    return total;
  }

  lastsUntil(now: Instant, windowMs: number, measure: Measure, threshold: number): Instant {
    if (threshold <= 0) return NEVER;
    let missing = threshold;
    for (let i = this.at.length - 1; i >= 0; i--) {
      const at = this.at[i] ?? 0;
      if (at <= now - windowMs) return NEVER;
      missing -= this.amount(i, measure);
      if (missing <= 0) return instant(at + windowMs);
    }
    return this.hops?.lastsUntil(now, windowMs, measure, missing, this.oldestKeptAt) ?? NEVER;
  }

  nextExpiry(now: Instant, windowMs: number): Instant {
    const tail = this.hops?.nextExpiry(now, windowMs, this.oldestKeptAt) ?? NEVER;
    if (tail !== NEVER) return tail;
    const oldest = this.at[this.indexAfter(now - windowMs)];
    return oldest === undefined ? NEVER : plus(instant(oldest), windowMs);
  }

  decayed(now: Instant, halfLifeMs: number, measure: Measure): number {
    let total = this.hops?.decayed(now, halfLifeMs, measure, this.oldestKeptAt) ?? 0;
    for (let i = this.indexAfter(now - LONGEST_WINDOW_MS); i < this.at.length; i++)
      total += this.amount(i, measure) * 2 ** (((this.at[i] ?? 0) - now) / halfLifeMs);
    return total;
  }

  /** Instants are written as distances back from `base`, which no fact lies after. */
  write(writer: ByteWriter, base: Instant): void {
    const hops = this.hops?.empty === false ? this.hops : undefined;
    const { at, value, mark } = this;
    const hasSum = this.sum > 0;
    const hasMarks = this.marks > 0;
    const oneByOne = at.length === this.count;
    writer.byte((hasSum ? 1 : 0) | (hasMarks ? 2 : 0) | (hops === undefined ? 0 : 4) | (oneByOne ? 8 : 0));
    writer.unsigned(at.length);
    for (let i = at.length - 1, next: number = base; i >= 0; i--) {
      const instantAt = at[i] ?? 0;
      writer.unsigned(next - instantAt);
      next = instantAt;
      if (hasSum) writer.unsigned(value?.[i] ?? 0);
      if (hasMarks) writer.byte(mark?.[i] ?? 0);
    }
    hops?.write(writer);
    if (oneByOne) return;
    writer.unsigned(this.count);
    if (hasSum) writer.unsigned(this.sum);
    if (hasMarks) writer.unsigned(this.marks);
    writer.unsigned(base - this.firstAt);
    writer.unsigned(base - this.lastAt);
  }

  static read(reader: ByteReader, base: Instant): Series {
    const series = new Series();
    const flags = reader.byte();
    const length = reader.unsigned();
    const at = (series.at = new Array<number>(length));
    const value = (flags & 1) !== 0 ? (series.value = new Array<number>(length)) : undefined;
    const mark = (flags & 2) !== 0 ? (series.mark = new Array<number>(length)) : undefined;
    for (let i = length - 1, next: number = base; i >= 0; i--) {
      next -= reader.unsigned();
      at[i] = next;
      if (value !== undefined) series.sum = addUp(series.sum, (value[i] = reader.unsigned()));
      if (mark !== undefined) series.marks += mark[i] = reader.byte();
    }
    if ((flags & 4) !== 0) series.hops = Hops.read(reader);
    if ((flags & 8) !== 0) {
      series.count = length;
      series.firstAt = instant(at[0] ?? NEVER);
      series.lastAt = instant(at[length - 1] ?? -Infinity);
      return series;
    }
    series.count = reader.unsigned();
    series.sum = (flags & 1) !== 0 ? reader.unsigned() : 0;
    series.marks = (flags & 2) !== 0 ? reader.unsigned() : 0;
    series.firstAt = instant(base - reader.unsigned());
    series.lastAt = instant(base - reader.unsigned());
    return series;
  }

  private get oldestKeptAt(): number {
    return this.at[0] ?? -Infinity;
  }

  /** Index of the first exact fact younger than `after`. */
  private indexAfter(after: number): number {
    let low = 0;
    let high = this.at.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at[middle] ?? 0) > after) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private amount(i: number, measure: Measure): number {
    if (measure === 'count') return 1;
    return (measure === 'sum' ? this.value?.[i] : this.mark?.[i]) ?? 0;
  }

  /** Facts of one instant are kept in the order of value and mark, so that no trace of arrival stays. */
  private keep(at: Instant, now: Instant, value: number, mark: number): void {
    if (value !== 0) this.value ??= this.at.map(() => 0);
    if (mark !== 0) this.mark ??= this.at.map(() => 0);
    let i = this.at.length;
    while (i > 0 && this.isAfter(i - 1, at, value, mark)) i--;
    insert(this.at, i, at);
    if (this.value !== undefined) insert(this.value, i, value);
    if (this.mark !== undefined) insert(this.mark, i, mark);
    if (this.at.length <= KEPT_FACTS) return;
    const oldest = instant(this.at.shift() ?? 0);
    (this.hops ??= new Hops()).add(oldest, now, this.value?.shift() ?? 0, this.mark?.shift() ?? 0);
  }

  private isAfter(i: number, at: number, value: number, mark: number): boolean {
    const thisAt = this.at[i] ?? 0;
    if (thisAt !== at) return thisAt > at;
    const thisValue = this.value?.[i] ?? 0;
    return thisValue === value ? (this.mark?.[i] ?? 0) > mark : thisValue > value;
  }
}

function insert(into: number[], i: number, value: number): void {
  if (i === into.length) into.push(value);
  else into.splice(i, 0, value);
}
