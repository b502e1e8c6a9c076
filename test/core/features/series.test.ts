import { describe, expect, it } from 'vitest';
import { Series } from '../../../src/core/features/series.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));
const WEEK = 7 * DAY_MS;

describe('a rolling window is (now − W, now]', () => {
  //    now − 7 d                                       now
  //  ──────(────────────────────────────────────────────]──▶
  //        a b                                          c
  //  a lies on the open end and is out; b, a millisecond later, is in; c, at now itself, is in
  const series = seriesAt(plus(NOON, -WEEK), plus(NOON, -WEEK + 1), NOON);

  it('open at its far end, closed at now', () => {
    expect(series.total(NOON, WEEK, 'count')).toBe(2);
    expect(series.total(NOON, WEEK + 1, 'count')).toBe(3);
  });

  it('loses a fact exactly W after it', () => {
    expect(series.nextExpiry(NOON, WEEK)).toBe(plus(NOON, 1));
    expect(series.total(plus(NOON, 1), WEEK, 'count')).toBe(1);
    expect(series.total(plus(NOON, WEEK - 1), WEEK, 'count')).toBe(1);
    expect(series.total(plus(NOON, WEEK), WEEK, 'count')).toBe(0);
  });

  it('says until when it holds so many', () => {
    expect(series.lastsUntil(NOON, WEEK, 'count', 2)).toBe(plus(NOON, 1));
    expect(series.lastsUntil(NOON, WEEK, 'count', 1)).toBe(plus(NOON, WEEK));
    expect(series.lastsUntil(NOON, WEEK, 'count', 3)).toBe(NEVER); // it holds fewer already
    expect(series.lastsUntil(NOON, WEEK, 'count', 0)).toBe(NEVER); // it will always hold none
  });

  it('is empty for good once everything has left', () => {
    expect(series.nextExpiry(plus(NOON, WEEK), WEEK)).toBe(NEVER);
    expect(series.lastsUntil(plus(NOON, WEEK), WEEK, 'count', 1)).toBe(NEVER);
  });
});

describe('what is added up', () => {
  it('are facts, their values and their marks', () => {
    const series = new Series();
    series.add(NOON, NOON, 250, true);
    series.add(NOON, NOON, 50, false);
    expect(series.total(NOON, DAY_MS, 'count')).toBe(2);
    expect(series.total(NOON, DAY_MS, 'sum')).toBe(300);
    expect(series.total(NOON, DAY_MS, 'marks')).toBe(1);
  });

  it('halves with every half-life', () => {
    const series = new Series();
    series.add(plus(NOON, -90 * DAY_MS), NOON, 100, false);
    series.add(NOON, NOON, 8, false);
    expect(series.decayed(NOON, 90 * DAY_MS, 'sum')).toBe(58);
    expect(series.decayed(plus(NOON, 90 * DAY_MS), 90 * DAY_MS, 'sum')).toBe(29);
  });

  it('stays for life, when every window has long forgotten it', () => {
    const series = seriesAt(plus(NOON, -100 * DAY_MS), NOON);
    const later = plus(NOON, 1000 * DAY_MS);
    series.settle(later);
    expect(series.total(later, 365 * DAY_MS, 'count')).toBe(0);
    expect([series.count, series.firstAt, series.lastAt]).toEqual([2, plus(NOON, -100 * DAY_MS), NOON]);
  });

  it('stops at 2^53 instead of losing what a record can hold', () => {
    const series = new Series();
    for (let i = 0; i < 3; i++) series.add(NOON, NOON, 2 ** 52, false);
    expect(series.sum).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('of more than 64 facts the oldest go into hops', () => {
  //   10:00   10:10   …   every ten minutes, 72 in all   …   21:50
  //  ───┼───────┼──────────────────────────────────────────────┼──▶
  //     └ 7 in hops ┘└─ the newest 65 are kept one by one ─────┘
  const first = instant(Date.UTC(2024, 2, 10, 10));
  const times = Array.from({ length: 72 }, (_, i) => plus(first, 10 * i * MINUTE_MS));
  const last = plus(first, 71 * 10 * MINUTE_MS);
  const series = seriesAt(...times);

  it('so a day’s window may keep a fact of its tail until the end of its hour, never the other way round', () => {
    for (let at = first + DAY_MS; at < last + DAY_MS; at += MINUTE_MS) {
      const naive = times.filter((time) => time > at - DAY_MS).length;
      const widened = times.filter((time) => time > at - DAY_MS - HOUR_MS).length;
      const total = series.total(instant(at), DAY_MS, 'count');
      expect(total).toBeGreaterThanOrEqual(naive);
      expect(total).toBeLessThanOrEqual(widened);
    }
  });

  it('but as soon as no more than 64 are in the window it is exact again, to the millisecond', () => {
    const eighth = plus(first, 7 * 10 * MINUTE_MS); // the oldest of the newest 65
    expect(series.total(plus(eighth, DAY_MS - 1), DAY_MS, 'count')).toBe(65 + 1); // one of 11:00 to 11:59 still
    expect(series.total(plus(eighth, DAY_MS), DAY_MS, 'count')).toBe(64);
    expect(series.total(plus(eighth, WEEK), WEEK, 'count')).toBe(64);
  });

  it('and a fact that comes days later falls into the hop of its own time', () => {
    // The hours of the tenth have not become a day yet when a fact of the twelfth comes in on the sixteenth.
    const now = instant(Date.UTC(2024, 2, 16, 9));
    const burst = seriesAt(...times, ...Array.from({ length: 65 }, () => now));
    burst.add(instant(Date.UTC(2024, 2, 12, 9)), now, 0, false);
    expect(burst.total(now, 5 * DAY_MS, 'count')).toBe(66);
    expect(burst.total(now, WEEK, 'count')).toBe(72 + 66);
  });
});

function seriesAt(...times: readonly Instant[]): Series {
  const series = new Series();
  for (const at of times) series.add(at, at, 0, false);
  return series;
}
