import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PERSON_RECORD_VERSION,
  isMergedRecord,
  readPerson,
  writePerson,
} from '../../src/core/person-codec.ts';
import { dueOf, newPerson, type Person } from '../../src/core/person.ts';
import { NO_POPULATION } from '../../src/core/scoring/population.ts';
import { NO_STATE, type DimensionState } from '../../src/core/tagging/dimension-state.ts';
import type { PersonScores } from '../../src/core/features/person-scores.ts';
import { DAY_MS, NEVER, instant, plus, type Instant } from '../../src/core/time.ts';
import { histories } from '../support/arbitraries.ts';
import { LivedPerson, periodOf } from '../support/lived-person.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

const PERIOD = periodOf(TEST_POLICY, {
  ...NO_POPULATION,
  meanOrderMinor: 100_000,
  cuts: { r: [30, 10], f: [1, 2, 3, 4], seller_f: [1], seller_m: [1, 2, 3, 4] },
});

/** Instants from before the epoch's beginnings to far ahead of any clock. */
const at = fc.oneof(
  fc.constant(NEVER),
  fc.integer({ min: 0, max: Date.UTC(2150, 0, 1) }).map(instant),
  fc.integer({ min: -DAY_MS, max: DAY_MS }).map((ms) => instant(Date.UTC(2024, 0, 1) + ms)),
);
const state: fc.Arbitrary<DimensionState> = fc
  .record({
    tag: fc.integer({ min: -1, max: 20 }),
    since: at.filter((since) => since !== NEVER),
    failingSince: at,
    transitions: fc.integer({ min: 0, max: 2 ** 40 }),
    dueAt: at,
  })
  .map((one) => (one.transitions === 0 ? { ...NO_STATE, dueAt: one.dueAt } : one));
const contribution = fc.array(fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 52 })), {
  minLength: 2,
  maxLength: 8,
});
const firings = fc
  .array(
    fc.tuple(
      fc.nat({ max: 300 }),
      at.filter((firedAt) => firedAt !== NEVER),
    ),
    { maxLength: 5 },
  )
  .map((fired) => [...new Map(fired)].map(([rule, firedAt]) => ({ rule, firedAt })));

const probability = fc.float({ min: 0, max: 1, noNaN: true });
/** As of a clock that is not known yet. */
const scores = fc
  .record({
    back: fc.option(fc.nat({ max: 400 * DAY_MS }), { nil: undefined }),
    ahead: fc.option(fc.nat({ max: 400 * DAY_MS }), { nil: undefined }),
    silence: fc.nat({ max: 20 }),
    touched: fc.boolean(),
    churn: fc.option(fc.tuple(probability, probability), { nil: [NaN, NaN] as const }),
    valueSegment: fc.constantFrom('', 'high_value', 'potential', 'dormant', 'ordinary'),
    style: fc.constantFrom('', 'none', 'trend_follower', 'collector', 'socialite'),
    models: fc.nat({ max: 2 ** 32 - 1 }),
  })
  .map(({ back, ahead, churn, ...rest }) => (clock: Instant): PersonScores => ({
    ...rest,
    at: back === undefined || back >= clock ? instant(0) : plus(clock, -back),
    nextAt: ahead === undefined ? NEVER : plus(clock, ahead),
    churn30: churn[0],
    churn90: Number.isNaN(churn[0]) ? NaN : churn[1],
  }));

const people: fc.Arbitrary<Person> = fc
  .tuple(
    histories({ days: 400, latestDays: 20, bursts: true, duplicates: true }),
    fc.array(state, { maxLength: 9 }),
    fc.option(fc.tuple(contribution, at), { nil: undefined }),
    firings,
    fc.constantFrom('', '', 'ada', '李娜 🦉'),
    fc.option(scores, { nil: undefined }),
  )
  .map(([{ arrivals }, tags, counted, fired, mergedInto, scored]) => {
    const { windows } = new LivedPerson('ada').takeAll(arrivals, PERIOD).person;
    windows.mergedInto = mergedInto;
    if (scored !== undefined) windows.scores = scored(windows.clock);
    return {
      windows,
      tags,
      contribution: counted?.[0],
      contributionDueAt: counted?.[1] ?? NEVER,
      firings: fired,
    };
  });

describe('the packed record of a person', () => {
  it('comes back as it was: windows, tags, what they count for and when triggers fired', () => {
    fc.assert(
      fc.property(people, (person) => {
        const record = writePerson(person).slice();
        const back = readPerson(record);
        expect(back).toEqual(readPerson(writePerson(person)));
        expect(writePerson(back)).toEqual(record);
        const { tags, contribution: part, contributionDueAt, firings: fired } = back;
        expect({ tags, part, contributionDueAt, fired }).toEqual({
          tags: person.tags,
          part: person.contribution,
          contributionDueAt: person.contributionDueAt,
          fired: person.firings,
        });
        expect(back.windows.clock).toBe(person.windows.clock);
        expect(back.windows.mergedInto).toBe(person.windows.mergedInto);
        expect(isMergedRecord(writePerson(person))).toBe(person.windows.mergedInto !== '');
        expect(dueOf(back)).toBe(dueOf(person));
      }),
      { numRuns: 300 },
    );
  });

  it('lives on as the person would have', () => {
    fc.assert(
      fc.property(
        histories({ days: 120, latestDays: 20, bursts: true, duplicates: true }),
        fc.nat(),
        ({ end, arrivals }, cut) => {
          const half = cut % (arrivals.length + 1);
          const kept = new LivedPerson('ada').takeAll(arrivals.slice(0, half), PERIOD);
          const read = kept.copy();
          const before = kept.transitions.length;
          for (const life of [kept, read])
            life.takeAll(arrivals.slice(half), PERIOD).pass(plus(end, 500 * DAY_MS), PERIOD);
          expect(read.transitions).toEqual(kept.transitions.slice(before));
          expect(writePerson(read.person)).toEqual(writePerson(kept.person));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('of nobody is a few bytes', () => {
    expect(readPerson(writePerson(newPerson()))).toEqual(newPerson());
    expect(writePerson(newPerson()).length).toBeLessThan(16);
  });

  it('cut short anywhere throws RangeError', () => {
    fc.assert(
      fc.property(people, (person) => {
        const record = writePerson(person);
        const step = Math.max(1, Math.floor(record.length / 200));
        for (let length = 0; length < record.length; length += step)
          expect(() => readPerson(record.subarray(0, length))).toThrow(RangeError);
        expect(() => readPerson(record.subarray(0, record.length - 1))).toThrow(RangeError);
      }),
      { numRuns: 60 },
    );
  });

  it('of version 1, which knew no scores, is read as somebody without', () => {
    fc.assert(
      fc.property(people, (person) => {
        person.windows.scores = undefined;
        const record = writePerson(person).slice();
        record[0] = 1;
        expect(readPerson(record)).toEqual(readPerson(writePerson(person)));
      }),
      { numRuns: 30 },
    );
  });

  it('of another version throws RangeError that says so', () => {
    const record = writePerson(newPerson()).slice();
    for (const version of [0, PERSON_RECORD_VERSION + 1, 255]) {
      record[0] = version;
      expect(() => readPerson(record)).toThrow(new RegExp(`version ${version}`));
      expect(() => readPerson(record)).toThrow(RangeError);
    }
    expect(() => readPerson(new Uint8Array(0))).toThrow(RangeError);
  });
});
