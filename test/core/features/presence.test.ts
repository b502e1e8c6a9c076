import { describe, expect, it } from 'vitest';
import { Presence, SESSION_GAP_MS } from '../../../src/core/features/presence.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));

describe('a session is a run of acts with gaps of at most 30 minutes', () => {
  it('and a millisecond more begins another', () => {
    expect(presenceAt(NOON, plus(NOON, SESSION_GAP_MS)).sessions(NOON, DAY_MS)).toBe(1);
    expect(presenceAt(NOON, plus(NOON, SESSION_GAP_MS + 1)).sessions(NOON, DAY_MS)).toBe(2);
  });

  //   12:00        12:40        13:20
  //  ───a────────────·────────────b──▶     two sessions, 80 minutes apart …
  //   12:00 12:25  12:40  12:55  13:20
  //  ───a─────c──────·──────d─────b──▶     … which two late acts join
  it('so a late act may join what were two', () => {
    const presence = presenceAt(NOON, plus(NOON, 80 * MINUTE_MS));
    expect(presence.sessions(NOON, DAY_MS)).toBe(2);
    presence.add(plus(NOON, 25 * MINUTE_MS));
    expect(presence.sessions(NOON, DAY_MS)).toBe(2);
    presence.add(plus(NOON, 54 * MINUTE_MS));
    expect(presence.sessions(NOON, DAY_MS)).toBe(1);
  });

  it('and counts while its beginning is in the window', () => {
    const presence = presenceAt(NOON, plus(NOON, 20 * MINUTE_MS));
    expect(presence.nextSessionExpiry(NOON, DAY_MS)).toBe(plus(NOON, DAY_MS));
    expect(presence.sessions(plus(NOON, DAY_MS - 1), DAY_MS)).toBe(1);
    expect(presence.sessions(plus(NOON, DAY_MS), DAY_MS)).toBe(0);
    expect(presence.nextSessionExpiry(plus(NOON, DAY_MS), DAY_MS)).toBe(NEVER);
  });

  it('of which the newest 64 are kept', () => {
    const presence = presenceAt(...Array.from({ length: 100 }, (_, i) => plus(NOON, i * HOUR_MS)));
    const now = plus(NOON, 99 * HOUR_MS);
    expect(presence.sessions(now, 365 * DAY_MS)).toBe(64);
    expect(presence.sessions(now, 10 * HOUR_MS)).toBe(10);
  });

  it('and is remembered while a fact that is not too late could still join it', () => {
    //     a        now − 365 d        late           now
    //  ───┼──────────────(──────────────┼─────────────]──▶     a and the late act: 20 minutes apart
    const midnight = instant(Date.UTC(2024, 2, 10));
    const presence = presenceAt(midnight);
    const now = plus(midnight, 365 * DAY_MS + 10 * MINUTE_MS);
    presence.settle(now);
    presence.add(plus(midnight, 20 * MINUTE_MS));
    expect(presence.sessions(now, 365 * DAY_MS)).toBe(0);
    const before = presenceAt(plus(midnight, -1));
    before.settle(now);
    before.add(plus(midnight, 10 * MINUTE_MS + 1));
    expect(before.sessions(now, 365 * DAY_MS)).toBe(0);
  });
});

describe('an active day is a day (UTC) with an act', () => {
  it('and counts while its midnight is in the window', () => {
    const presence = presenceAt(NOON, plus(NOON, HOUR_MS), plus(NOON, DAY_MS));
    const now = plus(NOON, DAY_MS);
    expect(presence.activeDays(now, 7 * DAY_MS)).toBe(2);
    expect(presence.activeDays(now, DAY_MS)).toBe(1);
    const midnight = instant(Date.UTC(2024, 2, 10));
    expect(presence.nextDayExpiry(now, 7 * DAY_MS)).toBe(plus(midnight, 7 * DAY_MS));
    expect(presence.activeDays(plus(midnight, 7 * DAY_MS - 1), 7 * DAY_MS)).toBe(2);
    expect(presence.activeDays(plus(midnight, 7 * DAY_MS), 7 * DAY_MS)).toBe(1);
  });
});

function presenceAt(...times: readonly Instant[]): Presence {
  const presence = new Presence();
  for (const at of times) presence.add(at);
  return presence;
}
