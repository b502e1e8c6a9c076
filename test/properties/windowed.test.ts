import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ledger, LEDGER_ENTRIES } from '../../src/core/features/ledger.ts';
import { NO_PRICE_SCORE } from '../../src/core/features/ledger-entry.ts';
import { Series } from '../../src/core/features/series.ts';
import { EXACT_FACTS, type Measure, type Windowed } from '../../src/core/features/windowed.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, NEVER, instant, plus, type Instant } from '../../src/core/time.ts';

interface NaiveFact {
  readonly at: Instant;
  readonly receivedAt: Instant;
  readonly count: 1;
  readonly sum: number;
  readonly marks: 0 | 1;
}

const END = instant(Date.UTC(2024, 4, 7, 15, 4, 5, 678));
const WINDOWS_MS = [HOUR_MS, DAY_MS, 2 * DAY_MS, 2 * DAY_MS + 1, 7 * DAY_MS, 30 * DAY_MS, 365 * DAY_MS];
const MEASURES: readonly Measure[] = ['count', 'sum', 'marks'];
const windowMs = fc.constantFrom(...WINDOWS_MS);
const measure = fc.constantFrom(...MEASURES);
const HALF_LIFE_MS = 90 * DAY_MS;

/** Runs of facts a step apart, some of them late by days, within the last three weeks or around a year ago. */
function runs(longest: number, most: number): fc.Arbitrary<NaiveFact[]> {
  const run = fc.record({
    agoMs: fc.oneof(
      fc.integer({ min: 0, max: 21 * DAY_MS }),
      fc.integer({ min: 0, max: 3 * DAY_MS }),
      fc.integer({ min: 363 * DAY_MS, max: 365 * DAY_MS }),
    ),
    length: fc.integer({ min: 1, max: longest }),
    stepMs: fc.constantFrom(0, 1, MINUTE_MS, 13 * MINUTE_MS, HOUR_MS),
    everyLate: fc.integer({ min: 1, max: 6 }),
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 * DAY_MS })),
  });
  return fc.array(run, { minLength: 1, maxLength: most }).map((all) =>
    all
      .flatMap(({ agoMs, length, stepMs, everyLate, lateMs }) =>
        Array.from({ length }, (_, i) => {
          const at = Math.min(END, END - agoMs + i * stepMs);
          const late = i % everyLate === 0 ? lateMs : 0;
          const receivedAt = instant(Math.min(END, at + late));
          return { at: instant(at), receivedAt, count: 1, sum: i % 5, marks: i % 3 === 0 ? 1 : 0 } as const;
        }),
      )
      .sort((a, b) => a.receivedAt - b.receivedAt),
  );
}

interface Kind {
  readonly name: string;
  readonly exact: number;
  readonly facts: fc.Arbitrary<NaiveFact[]>;
  readonly numRuns: number;
  readonly build: (facts: readonly NaiveFact[]) => Windowed & { settle(now: Instant): void };
}

const KINDS: readonly Kind[] = [
  {
    name: 'series',
    exact: EXACT_FACTS,
    facts: runs(110, 4),
    numRuns: 1000,
    build: (facts) => {
      const series = new Series();
      for (const { at, receivedAt, sum, marks } of facts) series.add(at, receivedAt, sum, marks === 1);
      return series;
    },
  },
  {
    name: 'ledger',
    exact: LEDGER_ENTRIES,
    facts: runs(600, 3),
    numRuns: 60,
    build: (facts) => {
      const ledger = new Ledger();
      facts.forEach(({ at, receivedAt, sum, marks }, i) => {
        const order = {
          grossMinor: sum,
          discounted: marks === 1,
          priceScore: NO_PRICE_SCORE,
          counterparty: '',
        };
        ledger.place(i + 1, at, receivedAt, order);
      });
      return ledger;
    },
  },
];

describe.each(KINDS)('a $name', ({ exact, facts, numRuns, build }) => {
  const later = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 9 * DAY_MS }),
    fc.integer({ min: 0, max: 370 * DAY_MS }),
  );
  const edge = fc.record({ fact: fc.nat(), asideMs: fc.integer({ min: -1, max: 1 }), windowMs });

  it('holds what lies in (now − W, now]: exactly up to its limit, past that at most one hop more', () => {
    fc.assert(
      fc.property(facts, fc.array(edge), later, measure, (all, edges, after, of) => {
        const source = build(all);
        const readings = edges.map(({ fact, asideMs, windowMs: length }) => ({
          now: plus(all[fact % all.length]?.at ?? END, length + asideMs),
          length,
        }));
        for (const length of WINDOWS_MS) readings.push({ now: plus(END, after), length });
        for (const { now, length } of readings) {
          if (now < END) continue;
          const total = source.total(now, length, of);
          const { low, high } = naiveTotal(all, now, length, of, exact);
          if (total < low || total > high)
            expect.fail(`${of} over ${length} ms at end + ${now - END} is ${total}, naive ${low} to ${high}`);
        }
      }),
      { numRuns },
    );
  });

  it('lasts until the instant it says: not a millisecond less, and not one more', () => {
    fc.assert(
      fc.property(
        facts,
        later,
        windowMs,
        measure,
        fc.double({ min: 0, max: 1.2, noNaN: true }),
        (all, after, length, of, share) => {
          const source = build(all);
          const now = plus(END, after);
          const total = source.total(now, length, of);
          const threshold = Math.ceil(total * share);
          const until = source.lastsUntil(now, length, of, threshold);
          if (threshold <= 0 || total < threshold) {
            expect(until).toBe(NEVER);
            return;
          }
          expect(source.total(plus(until, -1), length, of)).toBeGreaterThanOrEqual(threshold);
          expect(source.total(until, length, of)).toBeLessThan(threshold);
        },
      ),
      { numRuns },
    );
  });

  it('next loses something at the instant it says', () => {
    fc.assert(
      fc.property(facts, later, windowMs, (all, after, length) => {
        const source = build(all);
        const now = plus(END, after);
        const total = source.total(now, length, 'count');
        const expiry = source.nextExpiry(now, length);
        if (total === 0) {
          expect(expiry).toBe(NEVER);
          return;
        }
        expect(source.total(plus(expiry, -1), length, 'count')).toBe(total);
        expect(source.total(expiry, length, 'count')).toBeLessThan(total);
      }),
      { numRuns },
    );
  });

  it('decays each fact from its own time, past the limit from at most one day after it', () => {
    fc.assert(
      fc.property(facts, later, measure, (all, after, of) => {
        const now = plus(END, after);
        const decayed = build(all).decayed(now, HALF_LIFE_MS, of);
        const { low, high } = naiveDecayed(all, now, of, exact);
        expect(decayed).toBeGreaterThanOrEqual(low * (1 - 1e-9));
        expect(decayed).toBeLessThanOrEqual(high * (1 + 1e-9));
      }),
      { numRuns },
    );
  });

  it('reads the same whenever it is settled', () => {
    fc.assert(
      fc.property(
        facts,
        fc.array(later, { minLength: 1, maxLength: 4 }),
        later,
        windowMs,
        (all, settles, after, length) => {
          const [untouched, settled] = [build(all), build(all)];
          let now = END;
          for (const step of settles) {
            now = plus(now, step);
            settled.settle(now);
            const at = plus(now, after);
            for (const of of MEASURES) {
              expect(settled.total(at, length, of)).toBe(untouched.total(at, length, of));
              expect(settled.decayed(at, HALF_LIFE_MS, of)).toBe(untouched.decayed(at, HALF_LIFE_MS, of));
            }
            expect(settled.nextExpiry(at, length)).toBe(untouched.nextExpiry(at, length));
          }
        },
      ),
      { numRuns },
    );
  });
});

function naiveTotal(
  facts: readonly NaiveFact[],
  now: Instant,
  length: number,
  of: Measure,
  exact: number,
): { low: number; high: number } {
  const hopMs = length <= 2 * DAY_MS ? HOUR_MS : DAY_MS;
  const inWindow = facts.filter(({ at }) => at > now - length);
  const widened = inWindow.length <= exact ? inWindow : facts.filter(({ at }) => at > now - length - hopMs);
  const sum = (list: readonly NaiveFact[]): number => list.reduce((total, fact) => total + fact[of], 0);
  return { low: sum(inWindow), high: sum(widened) };
}

function naiveDecayed(
  facts: readonly NaiveFact[],
  now: Instant,
  of: Measure,
  exact: number,
): { low: number; high: number } {
  const weigh = (list: readonly NaiveFact[], youngerMs: number): number =>
    list.reduce(
      (sum, fact) => sum + fact[of] * 2 ** (-Math.max(0, now - fact.at - youngerMs) / HALF_LIFE_MS),
      0,
    );
  const inYear = facts.filter(({ at }) => at > now - 365 * DAY_MS);
  if (inYear.length <= exact) return { low: weigh(inYear, 0), high: weigh(inYear, 0) };
  const widened = facts.filter(({ at }) => at > now - 366 * DAY_MS);
  return { low: weigh(inYear, 0), high: weigh(widened, DAY_MS) };
}
