import { describe, expect, it } from 'vitest';
import { regretOfLabel } from '../../../../src/core/scoring/evaluation/regret-of-label.ts';
import { DAY_MS, NEVER, instant, plus } from '../../../../src/core/time.ts';

const AS_OF = instant(Date.UTC(1997, 8, 30));
const days = (count: number): number => AS_OF + count * DAY_MS;
const FULL = { asOf: AS_OF, horizonDays: 90, observedUntil: plus(AS_OF, 180 * DAY_MS) };

describe('regretOfLabel', () => {
  it('counts of those called churned who ordered within 180 days of the cut-off', () => {
    const next = [days(1), days(90), days(90) + 1, days(180), days(180) + 1, NEVER];
    expect(regretOfLabel(next, FULL)).toEqual({ churned: 4, cameBack: 2, share: 0.5 });
  });

  it('has more to regret with a shorter horizon', () => {
    const next = [days(31), days(60), days(100), NEVER];
    expect(regretOfLabel(next, { ...FULL, horizonDays: 30 })?.share).toBe(3 / 4);
    expect(regretOfLabel(next, FULL)?.share).toBe(1 / 2);
  });

  it.each([
    ['the data end before the 180 days do', [NEVER], { ...FULL, observedUntil: instant(days(180) - 1) }],
    ['the horizon is as long', [NEVER], { ...FULL, horizonDays: 180 }],
    ['nobody churned', [days(3)], FULL],
    ['there is nobody', [], FULL],
  ])('is unknown when %s', (_, next, span) => {
    expect(regretOfLabel(next, span)).toBeNull();
  });
});
