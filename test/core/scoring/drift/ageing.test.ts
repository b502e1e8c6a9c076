import { describe, expect, it } from 'vitest';
import { ageingPeople, FIRST_SNAPSHOT_DAY, snapshotOf } from '../../../support/ageing-people.ts';
import { alarmsOf, comparedRows, rowOf } from '../../../support/compared-rows.ts';

/** Seeds to draw people with, and how far a value must move to be found for sure among so many, standard deviations. */
const SIZES = [
  { people: 200, seeds: 12, shift: 1 },
  { people: 2000, seeds: 6, shift: 0.4 },
  { people: 20_000, seeds: 1, shift: 0.25 },
];

describe.each(SIZES)('$people people', ({ people, seeds, shift }) => {
  it.each([30, 60, 180])('raise no alarm by growing %d days older', (days) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const cohort = ageingPeople(seed, people);
      const before = snapshotOf(cohort, FIRST_SNAPSHOT_DAY);
      expect(alarmsOf(comparedRows(before, snapshotOf(cohort, FIRST_SNAPSHOT_DAY + days)))).toEqual([]);
    }
  });

  it.each([14, 30, 60])('who joined within three months raise none by growing %d days older', (days) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const cohort = ageingPeople(seed, people, 90);
      const before = snapshotOf(cohort, 120);
      expect(alarmsOf(comparedRows(before, snapshotOf(cohort, 120 + days)))).toEqual([]);
    }
  });

  it('raise the alarm for what was planted, and for nothing else', () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const cohort = ageingPeople(seed, people);
      const before = snapshotOf(cohort, FIRST_SNAPSHOT_DAY);
      const rows = comparedRows(before, snapshotOf(cohort, FIRST_SNAPSHOT_DAY + 60, shift));
      expect(alarmsOf(rows)).toContain('value_level, like tenure');
      expect(alarmsOf(rows).filter((alarm) => !alarm.startsWith('value_level'))).toEqual([]);
      const { psi, tenure_part } = rowOf(rows, 'value_level', 'all');
      expect(Math.abs((tenure_part ?? NaN) / (psi ?? NaN))).toBeLessThan(0.25);
    }
  });
});

describe('of many people', () => {
  const cohort = ageingPeople(1, 20_000);
  const before = snapshotOf(cohort, FIRST_SNAPSHOT_DAY);

  it.each([30, 60, 180])(
    'those who grow %d days older differ from themselves, and that is tenure',
    (days) => {
      const rows = comparedRows(before, snapshotOf(cohort, FIRST_SNAPSHOT_DAY + days));
      const { psi, tenure_part, drift_p_value } = rowOf(rows, 'days_since_order', 'all');
      expect(drift_p_value).toBeLessThan(1e-9);
      expect((tenure_part ?? NaN) / (psi ?? NaN)).toBeGreaterThan(0.8);
      expect((tenure_part ?? NaN) / (psi ?? NaN)).toBeLessThan(1.2);
    },
  );

  it('a wave of newcomers changes the whole and alarms nobody', () => {
    const newcomers = ageingPeople(2, 20_000).filter(({ joinedDay }) => joinedDay >= FIRST_SNAPSHOT_DAY - 60);
    const others = ageingPeople(3, 5000);
    const rows = comparedRows(before, snapshotOf([...others, ...newcomers], FIRST_SNAPSHOT_DAY));
    const { psi, tenure_part } = rowOf(rows, 'views_30d', 'all');
    expect(psi).toBeGreaterThan(0.04);
    expect((tenure_part ?? NaN) / (psi ?? NaN)).toBeGreaterThan(0.9);
    expect(alarmsOf(rows)).toEqual([]);
  });

  it('a difference that nobody would act on is significant, and does not alarm', () => {
    const rows = comparedRows(before, snapshotOf(cohort, FIRST_SNAPSHOT_DAY + 30, 0.1));
    expect(rowOf(rows, 'value_level', 'like tenure').drift_p_value).toBeLessThan(1e-6);
    expect(alarmsOf(rows)).toEqual([]);
  });
});
