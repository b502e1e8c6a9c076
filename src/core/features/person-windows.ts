import type { ByteReader, ByteWriter } from '../bytes.ts';
import { ACT_NAMES, ACTS, type Act, type Side } from '../events/fact.ts';
import { HOUR_MS, NEVER, instant, latest, type Instant } from '../time.ts';
import { Cases } from './cases.ts';
import { Ledger } from './ledger.ts';
import { readScores, writeScores, type PersonScores } from './person-scores.ts';
import { type LedgerEntry } from './ledger-entry.ts';
import { Presence } from './presence.ts';
import { Seen } from './seen.ts';
import { Series } from './series.ts';

/**
 * Everything Tidemark remembers of one person's behaviour. A function of the set of facts and of `clock`, the
 * latest `now` it was touched at. Sides a person never took cost nothing.
 */
export interface PersonWindows {
  clock: Instant;
  readonly presence: Presence;
  readonly seen: Seen;
  /** By {@link ACTS} number; absent until the first fact. */
  readonly acts: (Series | undefined)[];
  orders: Ledger | undefined;
  sales: Ledger | undefined;
  /** Disputes as the buyer / as the seller. */
  buyerCases: Cases | undefined;
  sellerCases: Cases | undefined;
  /** Latest own act on the seller's side. */
  sellerActiveAt: Instant;
  /** What models last said of them: no fact, but kept here so that features may read it. */
  scores: PersonScores | undefined;
  /** Not empty: this id was merged into another and only forwards. */
  mergedInto: string;
}

export function emptyWindows(): PersonWindows {
  return {
    clock: instant(0),
    presence: new Presence(),
    seen: new Seen(),
    acts: [],
    orders: undefined,
    sales: undefined,
    buyerCases: undefined,
    sellerCases: undefined,
    sellerActiveAt: instant(0),
    scores: undefined,
    mergedInto: '',
  };
}

export function seriesOf(windows: PersonWindows, act: Act): Series {
  return (windows.acts[ACTS[act]] ??= new Series());
}

export function ledgerOf(windows: PersonWindows, side: Side): Ledger {
  return side === 'buyer' ? (windows.orders ??= new Ledger()) : (windows.sales ??= new Ledger());
}

export function casesOf(windows: PersonWindows, side: Side): Cases {
  return side === 'buyer' ? (windows.buyerCases ??= new Cases()) : (windows.sellerCases ??= new Cases());
}

/**
 * Takes `other` in as if both had always been one. `other` is spent afterwards.
 * @returns bought orders for which refunds of the other history had waited: `forwardReturns` tells their sellers
 */
export function mergeWindows(into: PersonWindows, other: PersonWindows, now: Instant): LedgerEntry[] {
  into.clock = latest(latest(into.clock, other.clock), now);
  settleWindows(into, into.clock);
  settleWindows(other, into.clock);
  into.presence.merge(other.presence);
  into.seen.merge(other.seen);
  for (const act of ACT_NAMES) {
    const theirs = other.acts[ACTS[act]];
    if (theirs !== undefined) seriesOf(into, act).merge(theirs, into.clock);
  }
  const met = other.orders === undefined ? [] : ledgerOf(into, 'buyer').merge(other.orders, into.clock);
  if (other.sales !== undefined) ledgerOf(into, 'seller').merge(other.sales, into.clock);
  for (const side of ['buyer', 'seller'] as const) {
    const cases = side === 'buyer' ? other.buyerCases : other.sellerCases;
    if (cases !== undefined) casesOf(into, side).merge(cases);
  }
  into.sellerActiveAt = latest(into.sellerActiveAt, other.sellerActiveAt);
  return met;
}

/** Drops what no window can see any more; reads nothing that `now` does not determine. */
export function settleWindows(windows: PersonWindows, now: Instant): void {
  windows.presence.settle(now);
  windows.seen.settle(now);
  for (const series of windows.acts) series?.settle(now);
  windows.orders?.settle(now);
  windows.sales?.settle(now);
  windows.buyerCases?.settle(now);
  windows.sellerCases?.settle(now);
}

/** Settles unless that was done in the same hour: whatever ages does so at the turn of an hour. */
export function settleFrom(settledAt: Instant, windows: PersonWindows, now: Instant): void {
  if (Math.floor(now / HOUR_MS) > Math.floor(settledAt / HOUR_MS)) settleWindows(windows, now);
}

const PARTS = ['orders', 'sales', 'buyerCases', 'sellerCases'] as const;

const MERGED = 16;

/** What the first byte that {@link writeWindows} wrote tells. */
export function saysMerged(parts: number): boolean {
  return (parts & MERGED) !== 0;
}

export function writeWindows(writer: ByteWriter, windows: PersonWindows): void {
  let parts = windows.mergedInto === '' ? 0 : MERGED;
  for (let bit = 0; bit < PARTS.length; bit++) {
    const part = PARTS[bit];
    if (part !== undefined && windows[part] !== undefined) parts |= 1 << bit;
  }
  if (windows.sellerActiveAt > 0) parts |= 32;
  if (windows.scores !== undefined) parts |= 64;
  writer.byte(parts);
  writer.unsigned(windows.clock);
  if (windows.mergedInto !== '') writer.string(windows.mergedInto);
  if (windows.sellerActiveAt > 0) writer.signed(windows.clock - windows.sellerActiveAt);
  windows.presence.write(writer, windows.clock);
  windows.seen.write(writer, windows.clock);
  let present = 0;
  for (const series of windows.acts) if (series !== undefined) present++;
  writer.unsigned(present);
  for (let act = 0; act < windows.acts.length; act++) {
    const series = windows.acts[act];
    if (series === undefined) continue;
    writer.byte(act);
    series.write(writer, windows.clock);
  }
  for (const part of PARTS) windows[part]?.write(writer);
  if (windows.scores !== undefined) writeScores(writer, windows.scores, windows.clock);
}

export function readWindows(reader: ByteReader): PersonWindows {
  const parts = reader.byte();
  const clock = instant(reader.unsigned());
  const mergedInto = saysMerged(parts) ? reader.string() : '';
  const sellerActiveAt = instant((parts & 32) !== 0 ? clock - reader.signed() : 0);
  const presence = Presence.read(reader, clock);
  const seen = Seen.read(reader, clock);
  const acts: PersonWindows['acts'] = [];
  for (let n = reader.unsigned(); n > 0; n--) {
    const act = reader.byte();
    acts[act] = Series.read(reader, clock);
  }
  return {
    clock,
    presence,
    seen,
    acts,
    orders: (parts & 1) !== 0 ? Ledger.read(reader) : undefined,
    sales: (parts & 2) !== 0 ? Ledger.read(reader) : undefined,
    buyerCases: (parts & 4) !== 0 ? Cases.read(reader) : undefined,
    sellerCases: (parts & 8) !== 0 ? Cases.read(reader) : undefined,
    sellerActiveAt,
    scores: (parts & 64) !== 0 ? readScores(reader, clock) : undefined,
    mergedInto,
  };
}

/** NEVER-free reading of an instant that may not exist: undefined for never and for minus infinity. */
export function known(at: Instant): Instant | undefined {
  return at === NEVER || at === -Infinity || at === 0 ? undefined : at;
}
