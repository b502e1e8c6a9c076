import type { ByteReader, ByteWriter } from '../bytes.ts';
import { HOUR_MS, NEVER, instant, type Instant } from '../time.ts';
import type { CaseFact } from '../events/fact.ts';
import { agedBefore } from './windowed.ts';

/** Disputes of one side kept one by one; beyond them the oldest is forgotten, waiting or not. */
export const MOST_CASES = 1024;

/** One dispute; an instant of 0 means that step is not known (yet). */
export interface Case {
  readonly key: number;
  openedAt: number;
  answeredAt: number;
  resolvedAt: number;
  lost: boolean;
}

/**
 * Disputes of one side of a person, matched by id: steps may come in any order and twice. Keeps those with a step
 * in the longest window and those that still wait for an answer, however old.
 */
export class Cases {
  /** Ascending by the first step known, then key. */
  readonly list: Case[] = [];

  note(fact: CaseFact): void {
    this.step(fact.caseKey, fact.step, fact.at, fact.lost);
  }

  merge(other: Cases): void {
    for (const theirs of other.list) {
      if (theirs.openedAt > 0) this.step(theirs.key, 'opened', theirs.openedAt, false);
      if (theirs.answeredAt > 0) this.step(theirs.key, 'answered', theirs.answeredAt, false);
      if (theirs.resolvedAt > 0) this.step(theirs.key, 'resolved', theirs.resolvedAt, theirs.lost);
    }
  }

  settle(now: Instant): void {
    const aged = agedBefore(now);
    const [oldest] = this.list;
    if (oldest === undefined || startOf(oldest) >= aged) return;
    const kept = this.list.filter((one) => latestStepOf(one) >= aged || waits(one));
    if (kept.length < this.list.length) this.list.splice(0, this.list.length, ...kept);
  }

  /** Opened in the window. */
  opened(now: Instant, windowMs: number): Case[] {
    return this.list.filter((one) => one.openedAt > now - windowMs);
  }

  /** Mean hours from opening to the first answer, over cases opened in the window and answered; NaN for none. */
  responseHours(now: Instant, windowMs: number): number {
    const answered = this.opened(now, windowMs).filter((one) => one.answeredAt > 0);
    const totalMs = answered.reduce((sum, one) => sum + Math.max(0, one.answeredAt - one.openedAt), 0);
    return answered.length === 0 ? NaN : totalMs / answered.length / HOUR_MS;
  }

  /** When the longest waiting case was opened; NEVER if all are answered or resolved. */
  waitingSince(): Instant {
    return instant(Math.min(NEVER, ...this.list.filter(waits).map((one) => one.openedAt)));
  }

  write(writer: ByteWriter): void {
    writer.unsigned(this.list.length);
    for (const one of this.list) {
      writer.fixed48(one.key);
      const base = startOf(one);
      writer.unsigned(base);
      for (const at of [one.openedAt, one.answeredAt, one.resolvedAt])
        writer.unsigned(at === 0 ? 0 : at - base + 1);
      writer.byte(one.lost ? 1 : 0);
    }
  }

  static read(reader: ByteReader): Cases {
    const cases = new Cases();
    for (let n = reader.unsigned(); n > 0; n--) {
      const key = reader.fixed48();
      const base = reader.unsigned();
      const [openedAt = 0, answeredAt = 0, resolvedAt = 0] = [0, 0, 0].map(() => {
        const distance = reader.unsigned();
        return distance === 0 ? 0 : base + distance - 1;
      });
      cases.list.push({ key, openedAt, answeredAt, resolvedAt, lost: reader.byte() === 1 });
    }
    return cases;
  }

  private step(key: number, step: CaseFact['step'], at: number, lost: boolean): void {
    let one = this.list.find((known) => known.key === key);
    if (one === undefined) {
      one = { key, openedAt: 0, answeredAt: 0, resolvedAt: 0, lost: false };
      this.list.push(one);
    }
    if (step === 'opened') one.openedAt = earlier(one.openedAt, at);
    else if (step === 'answered') one.answeredAt = earlier(one.answeredAt, at);
    else {
      one.resolvedAt = earlier(one.resolvedAt, at);
      one.lost ||= lost;
    }
    this.list.sort((a, b) => startOf(a) - startOf(b) || a.key - b.key);
    if (this.list.length > MOST_CASES) this.list.shift();
  }
}

function waits(one: Case): boolean {
  return one.openedAt > 0 && one.answeredAt === 0 && one.resolvedAt === 0;
}

function earlier(known: number, at: number): number {
  return known === 0 ? at : Math.min(known, at);
}

function latestStepOf(one: Case): number {
  return Math.max(one.openedAt, one.answeredAt, one.resolvedAt);
}

function startOf(one: Case): number {
  let start = Infinity;
  if (one.openedAt > 0) start = one.openedAt;
  if (one.answeredAt > 0 && one.answeredAt < start) start = one.answeredAt;
  if (one.resolvedAt > 0 && one.resolvedAt < start) start = one.resolvedAt;
  return start;
}
