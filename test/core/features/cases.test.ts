import { describe, expect, it } from 'vitest';
import type { CaseFact } from '../../../src/core/events/fact.ts';
import { Cases } from '../../../src/core/features/cases.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';

const NOON = instant(Date.UTC(2024, 2, 10, 12));
const YEAR = 365 * DAY_MS;

describe('a dispute', () => {
  //   opened            answered                  resolved
  //  ───┼───── 5 h ────────┼─────────────────────────┼──▶
  const steps = [
    step(1, 'opened', NOON),
    step(1, 'answered', plus(NOON, 5 * HOUR_MS)),
    step(1, 'answered', plus(NOON, 9 * HOUR_MS)),
    step(1, 'resolved', plus(NOON, 2 * DAY_MS), true),
  ];

  it.each([
    ['in order', [0, 1, 2, 3]],
    ['backwards', [3, 2, 1, 0]],
    ['each twice', [1, 1, 3, 0, 3, 2, 2, 0]],
  ] as const)('is the same whatever the order of its steps: %s', (_, order) => {
    const cases = new Cases();
    for (const i of order) cases.note(steps[i] ?? step(0, 'opened', NOON));
    const now = plus(NOON, 3 * DAY_MS);
    expect(cases.opened(now, YEAR)).toHaveLength(1);
    expect(cases.responseHours(now, YEAR)).toBe(5);
    expect(cases.opened(now, YEAR)[0]?.lost).toBe(true);
    expect(cases.waitingSince()).toBe(NEVER);
  });

  it('waits for an answer until it is answered or resolved', () => {
    const cases = new Cases();
    cases.note(step(1, 'opened', plus(NOON, HOUR_MS)));
    cases.note(step(2, 'opened', NOON));
    expect(cases.waitingSince()).toBe(NOON);
    cases.note(step(2, 'resolved', plus(NOON, 2 * HOUR_MS)));
    expect(cases.waitingSince()).toBe(NOON + HOUR_MS);
    cases.note(step(1, 'answered', plus(NOON, 2 * HOUR_MS)));
    expect(cases.waitingSince()).toBe(NEVER);
  });

  it('counts by its opening; one of which only an answer is known does not count', () => {
    const cases = new Cases();
    cases.note(step(1, 'answered', NOON));
    expect(cases.opened(NOON, YEAR)).toHaveLength(0);
    expect(cases.responseHours(NOON, YEAR)).toBeNaN();
  });

  it('leaves after a year, unless it still waits', () => {
    const cases = new Cases();
    for (const one of steps) cases.note(one);
    cases.note(step(2, 'opened', NOON));
    const later = plus(NOON, 370 * DAY_MS);
    cases.settle(later);
    expect(cases.list.map(({ key }) => key)).toEqual([2]);
    expect(cases.opened(later, YEAR)).toHaveLength(0);
    expect(cases.waitingSince()).toBe(NOON);
  });
});

it('a large seller’s hundreds of disputes a year all count', () => {
  const cases = new Cases();
  for (let i = 1; i <= 300; i++) cases.note(step(i, 'opened', plus(NOON, i)));
  expect(cases.opened(plus(NOON, DAY_MS), YEAR)).toHaveLength(300);
});

function step(caseKey: number, what: CaseFact['step'], at: Instant, lost = false): CaseFact {
  return { type: 'case', key: 0, at, own: false, side: 'seller', caseKey, step: what, lost };
}
