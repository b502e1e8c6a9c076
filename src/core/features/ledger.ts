import type { ByteReader, ByteWriter } from '../bytes.ts';
import { DAY_MS, NEVER, instant, plus, type Instant } from '../time.ts';
import { Hops } from './hops.ts';
import { readEntry, writeEntry } from './ledger-codec.ts';
import { counts, netMinor, unplacedEntry, type LedgerEntry } from './ledger-entry.ts';
import { LONGEST_WINDOW_MS, addUp, agedBefore, type Measure, type Windowed } from './windowed.ts';

/** Orders of one person kept one by one, so that money can still go back; as many refunds may wait for orders. */
export const LEDGER_ENTRIES = 1024;
/** One more than are promised: once it has left a window, so has everything older, and what is left is exact. */
const KEPT_ENTRIES = LEDGER_ENTRIES + 1;
/**
 * Orders (or sales) net of refunds and cancellations, each at the time of the order itself. The order's id is
 * its identity: the same order stated twice, the same refund stated twice, refunds larger than the order and
 * refunds before the order all end in the same ledger, in whatever order they come. An order cancelled or given
 * back in full no longer counts. Beyond {@link LEDGER_ENTRIES} newer orders, or a longest window, an order is
 * closed: it stays in windows and life totals as it is.
 */
export class Ledger implements Windowed {
  /** Ascending by `placedAt`, then key; waiting entries (0) first. */
  readonly entries: LedgerEntry[] = [];
  private closed = { count: 0, sum: 0, marks: 0, firstAt: NEVER as number, lastAt: -Infinity };
  private hops: Hops | undefined;
  /** Life totals once asked for, until an entry changes. */
  private totals: { readonly count: number; readonly sum: number } | undefined;

  /** `fresh` is false when the order was known already; `introduced` is true when its counterparty was not. */
  place(key: number, at: Instant, now: Instant, order: PlacedOrder): Placement {
    const entry = this.entryOf(key, at);
    const fresh = entry.placedAt === 0;
    entry.placedAt = fresh ? at : Math.min(entry.placedAt, at);
    entry.noticedAt = entry.placedAt;
    entry.grossMinor = Math.max(entry.grossMinor, order.grossMinor);
    entry.discounted ||= order.discounted;
    entry.priceScore = Math.max(entry.priceScore, order.priceScore);
    const introduced = order.counterparty > entry.counterparty;
    if (introduced) entry.counterparty = order.counterparty;
    this.sort(entry);
    this.closeBeyondLimit(now);
    return { entry, fresh, introduced };
  }

  takeBack(
    key: number,
    at: Instant,
    returnKey: number,
    amountMinor: number | null,
    cancelled: boolean,
  ): LedgerEntry {
    const entry = this.entryOf(key, at);
    const known = entry.returns.find((back) => back.key === returnKey);
    if (cancelled) entry.cancelled = true;
    else if (known === undefined) {
      entry.returns.push({ key: returnKey, amountMinor });
      entry.returns.sort((a, b) => a.key - b.key);
    } else if (known.amountMinor !== null) {
      known.amountMinor = amountMinor === null ? null : Math.max(known.amountMinor, amountMinor);
    }
    this.forgetBeyondLimit();
    return entry;
  }

  ship(key: number, at: Instant): void {
    const entry = this.entryOf(key, at);
    entry.shippedAt = entry.shippedAt === 0 ? at : Math.min(entry.shippedAt, at);
    this.forgetBeyondLimit();
  }

  get totalCount(): number {
    return (this.totals ??= this.addTotals()).count;
  }

  get totalSum(): number {
    return (this.totals ??= this.addTotals()).sum;
  }

  /** Days (UTC) with an order that counts; of those that left every window each order counts as a day of its own. */
  purchaseDays(now: Instant): number {
    let days = this.closed.count;
    let last = -1;
    for (const entry of this.entries) {
      if (!counts(entry)) continue;
      const day = Math.floor(entry.placedAt / DAY_MS);
      if (day !== last || entry.placedAt <= now - LONGEST_WINDOW_MS) days += 1;
      last = day;
    }
    return days;
  }

  get firstAt(): Instant {
    return instant(Math.min(this.closed.firstAt, this.entries.find(counts)?.placedAt ?? NEVER));
  }

  get lastAt(): Instant {
    return instant(Math.max(this.closed.lastAt, this.entries.findLast(counts)?.placedAt ?? -Infinity));
  }

  total(now: Instant, windowMs: number, measure: Measure): number {
    let total = this.hops?.total(now, windowMs, measure, this.oldestKeptAt) ?? 0;
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i];
      if (entry === undefined || entry.placedAt <= now - windowMs) break;
      total += amountOf(entry, measure);
    }
    return total;
  }

  /**
   * The same walk for what is not a sum: calls `visit` for each order that counts, newest first. Of more than
   * {@link LEDGER_ENTRIES} orders it sees the newest.
   */
  visit(now: Instant, windowMs: number, visit: (entry: LedgerEntry) => void): void {
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i];
      if (entry === undefined || entry.placedAt <= now - windowMs) break;
      if (counts(entry)) visit(entry);
    }
  }

  lastsUntil(now: Instant, windowMs: number, measure: Measure, threshold: number): Instant {
    if (threshold <= 0) return NEVER;
    let missing = threshold;
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i];
      if (entry === undefined || entry.placedAt === 0) break;
      if (entry.placedAt <= now - windowMs) return NEVER;
      missing -= amountOf(entry, measure);
      if (missing <= 0) return instant(entry.placedAt + windowMs);
    }
    return this.hops?.lastsUntil(now, windowMs, measure, missing, this.oldestKeptAt) ?? NEVER;
  }

  /** Net value of the largest order in the window, minor units. */
  largest(now: Instant, windowMs: number): number {
    let most = 0;
    this.visit(now, windowMs, (entry) => (most = Math.max(most, netMinor(entry))));
    return most;
  }

  /** When the last order of at least `minor` leaves the window; NEVER if there is none. */
  largestUntil(now: Instant, windowMs: number, minor: number): Instant {
    if (minor <= 0) return NEVER;
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const entry = this.entries[i];
      if (entry === undefined || entry.placedAt <= now - windowMs) return NEVER;
      if (netMinor(entry) >= minor) return instant(entry.placedAt + windowMs);
    }
    return NEVER;
  }

  nextExpiry(now: Instant, windowMs: number): Instant {
    const tail = this.hops?.nextExpiry(now, windowMs, this.oldestKeptAt) ?? NEVER;
    if (tail !== NEVER) return tail;
    const oldest = this.entries.find((entry) => entry.placedAt > now - windowMs && counts(entry));
    return oldest === undefined ? NEVER : plus(instant(oldest.placedAt), windowMs);
  }

  decayed(now: Instant, halfLifeMs: number, measure: Measure): number {
    let total = 0;
    this.visit(now, LONGEST_WINDOW_MS, (entry) => {
      total += amountOf(entry, measure) * 2 ** ((entry.placedAt - now) / halfLifeMs);
    });
    return total + (this.hops?.decayed(now, halfLifeMs, measure, this.oldestKeptAt) ?? 0);
  }

  /**
   * Orders ever, each halved every `halfLifeMs`. Of those that left every window only number and span count: they
   * are taken as spread evenly over it, which is exact for one of them; all weigh little by then.
   */
  decayedEver(now: Instant, halfLifeMs: number): number {
    let { count, firstAt, lastAt } = this.closed;
    const kept = this.decayed(now, halfLifeMs, 'count');
    // Not closed yet, for want of settling: the answer must not depend on when that is done.
    for (const entry of this.entries) {
      if (!counts(entry)) continue;
      if (entry.placedAt > now - LONGEST_WINDOW_MS) break;
      count += 1;
      firstAt = Math.min(firstAt, entry.placedAt);
      lastAt = Math.max(lastAt, entry.placedAt);
    }
    const gone = count - (this.hops?.total(now, LONGEST_WINDOW_MS, 'count', this.oldestKeptAt) ?? 0);
    return gone <= 0 ? kept : kept + gone * meanHalved(firstAt, lastAt, now, halfLifeMs);
  }

  /**
   * Both are settled at `now`.
   * @returns the orders of one that refunds or cancellations of the other had waited for
   */
  merge(other: Ledger, now: Instant): LedgerEntry[] {
    const met: LedgerEntry[] = [];
    for (const theirs of other.entries) {
      const noticedAt = instant(theirs.noticedAt);
      const mine = this.entryOf(theirs.key, noticedAt);
      const waited = mine.placedAt === 0 ? mine : theirs.placedAt === 0 ? theirs : undefined;
      const meets = mine.placedAt + theirs.placedAt > 0 && waited !== undefined && isReturned(waited);
      if (meets) met.push(mine);
      mine.cancelled ||= theirs.cancelled;
      if (theirs.shippedAt > 0) this.ship(theirs.key, instant(theirs.shippedAt));
      for (const back of theirs.returns)
        this.takeBack(theirs.key, noticedAt, back.key, back.amountMinor, false);
      if (theirs.placedAt > 0) this.place(theirs.key, instant(theirs.placedAt), now, theirs);
    }
    this.totals = undefined;
    this.closed.count += other.closed.count;
    this.closed.sum = addUp(this.closed.sum, other.closed.sum);
    this.closed.marks += other.closed.marks;
    this.closed.firstAt = Math.min(this.closed.firstAt, other.closed.firstAt);
    this.closed.lastAt = Math.max(this.closed.lastAt, other.closed.lastAt);
    if (other.hops !== undefined) (this.hops ??= new Hops()).merge(other.hops);
    this.closeBeyondLimit(now);
    this.forgetBeyondLimit();
    return met;
  }

  /** Closes orders that left every window; drops refunds whose order never came. */
  settle(now: Instant): void {
    const aged = agedBefore(now);
    const waiting = this.countWaiting();
    while ((this.entries[waiting]?.placedAt ?? aged) < aged) this.close(waiting);
    for (let i = waiting - 1; i >= 0; i--) {
      if ((this.entries[i]?.noticedAt ?? aged) < aged) this.entries.splice(i, 1);
    }
    this.hops?.settle(now);
  }

  write(writer: ByteWriter): void {
    const { closed } = this;
    const hops = this.hops?.empty === false ? this.hops : undefined;
    writer.byte((closed.count > 0 ? 1 : 0) | (hops === undefined ? 0 : 2));
    writer.unsigned(this.entries.length);
    for (let i = this.entries.length - 1, next = 0; i >= 0; i--) {
      const entry = this.entries[i];
      if (entry !== undefined) next = writeEntry(writer, entry, next);
    }
    if (closed.count > 0) {
      writer.unsigned(closed.count);
      writer.unsigned(closed.sum);
      writer.unsigned(closed.marks);
      writer.unsigned(closed.firstAt);
      writer.unsigned(closed.lastAt);
    }
    hops?.write(writer);
  }

  static read(reader: ByteReader): Ledger {
    const ledger = new Ledger();
    const flags = reader.byte();
    for (let n = reader.unsigned(), next = 0; n > 0; n--) {
      const entry = readEntry(reader, next);
      if (entry.placedAt > 0) next = entry.placedAt;
      ledger.entries.push(entry);
    }
    ledger.entries.reverse();
    if ((flags & 1) !== 0) {
      ledger.closed = {
        count: reader.unsigned(),
        sum: reader.unsigned(),
        marks: reader.unsigned(),
        firstAt: reader.unsigned(),
        lastAt: reader.unsigned(),
      };
    }
    if ((flags & 2) !== 0) ledger.hops = Hops.read(reader);
    return ledger;
  }

  private addTotals(): { count: number; sum: number } {
    let { count, sum } = this.closed;
    for (const entry of this.entries) {
      if (!counts(entry)) continue;
      count += 1;
      sum = addUp(sum, netMinor(entry));
    }
    return { count, sum };
  }

  private entryOf(key: number, noticedAt: Instant): LedgerEntry {
    this.totals = undefined;
    const known = this.entries.findLast((entry) => entry.key === key);
    if (known !== undefined) {
      if (known.placedAt === 0 && noticedAt < known.noticedAt) known.noticedAt = noticedAt;
      return known;
    }
    const entry = unplacedEntry(key, noticedAt);
    this.entries.push(entry);
    this.sort(entry);
    return entry;
  }

  private countWaiting(): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.placedAt ?? 0) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private get oldestKeptAt(): number {
    return this.entries[this.countWaiting()]?.placedAt ?? -Infinity;
  }

  private sort(entry: LedgerEntry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    let i = this.entries.length;
    while (i > 0 && isAfter(this.entries[i - 1], entry)) i--;
    this.entries.splice(i, 0, entry);
  }

  private closeBeyondLimit(now: Instant): void {
    const waiting = this.countWaiting();
    while (this.entries.length - waiting > KEPT_ENTRIES) {
      const entry = this.close(waiting);
      if (entry !== undefined && counts(entry))
        (this.hops ??= new Hops()).add(
          instant(entry.placedAt),
          now,
          netMinor(entry),
          entry.discounted ? 1 : 0,
        );
    }
  }

  /** Waiting entries have a limit of their own: refunds of unknown orders must not close known ones. */
  private forgetBeyondLimit(): void {
    for (let waiting = this.countWaiting(); waiting > LEDGER_ENTRIES; waiting--) {
      let oldest = 0;
      for (let i = 1; i < waiting; i++) {
        if ((this.entries[i]?.noticedAt ?? 0) < (this.entries[oldest]?.noticedAt ?? 0)) oldest = i;
      }
      this.entries.splice(oldest, 1);
    }
  }

  private close(index: number): LedgerEntry | undefined {
    this.totals = undefined;
    const [entry] = this.entries.splice(index, 1);
    if (entry === undefined || !counts(entry)) return entry;
    this.closed.count += 1;
    this.closed.sum = addUp(this.closed.sum, netMinor(entry));
    this.closed.marks += entry.discounted ? 1 : 0;
    this.closed.firstAt = Math.min(this.closed.firstAt, entry.placedAt);
    this.closed.lastAt = Math.max(this.closed.lastAt, entry.placedAt);
    return entry;
  }
}

export interface Placement {
  readonly entry: LedgerEntry;
  readonly fresh: boolean;
  readonly introduced: boolean;
}

export interface PlacedOrder {
  readonly grossMinor: number;
  readonly discounted: boolean;
  readonly priceScore: number;
  readonly counterparty: string;
}

/** Mean of 2^(−age / halfLife) over instants spread evenly from `first` to `last`. */
function meanHalved(first: number, last: number, now: number, halfLifeMs: number): number {
  const [oldest, newest] = [2 ** ((first - now) / halfLifeMs), 2 ** ((last - now) / halfLifeMs)];
  return last > first ? ((newest - oldest) * halfLifeMs) / (Math.LN2 * (last - first)) : newest;
}

function isReturned(entry: LedgerEntry): boolean {
  return entry.cancelled || entry.returns.length > 0;
}

function amountOf(entry: LedgerEntry, measure: Measure): number {
  if (!counts(entry)) return 0;
  return measure === 'count' ? 1 : measure === 'sum' ? netMinor(entry) : entry.discounted ? 1 : 0;
}

function isAfter(a: LedgerEntry | undefined, b: LedgerEntry): boolean {
  if (a === undefined) return false;
  return a.placedAt === b.placedAt ? a.key > b.key : a.placedAt > b.placedAt;
}
