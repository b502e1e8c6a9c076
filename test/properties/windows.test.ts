import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/events/fact.ts';
import { CATALOGUE } from '../../src/core/features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../../src/core/features/feature.ts';
import { emptyWindows, settleWindows, type PersonWindows } from '../../src/core/features/person-windows.ts';
import { DAY_MS, HOUR_MS, plus, type Instant } from '../../src/core/time.ts';
import { environments, histories, usualPrice, type History } from '../support/arbitraries.ts';
import { foldAll, foldInto, foldOne } from '../support/fold-history.ts';
import { naiveFeatures, type Range } from '../support/naive-windows.ts';

/** Distances at which something leaves a window of a fact at the end of the history. */
const LATER_MS = [0, 1, HOUR_MS - 1, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 90 * DAY_MS, 365 * DAY_MS];
const distances = fc.array(
  fc.oneof(fc.constantFrom(...LATER_MS), fc.integer({ min: 0, max: 400 * DAY_MS })),
  { minLength: 1, maxLength: 3 },
);

/** What is read from windows; scores come from models. */
const COUNTED = CATALOGUE.filter(({ scored }) => scored === undefined);

describe('every feature of the catalogue equals the naive recomputation', () => {
  it('of a long history with late, repeated, cancelled and refunded facts', () => {
    fc.assert(
      fc.property(
        histories({ days: 500, latestDays: 100, bursts: false, duplicates: true }),
        environments,
        distances,
        (history, environment, later) => {
          expectNaiveAnswers(history, foldAll(history.arrivals), environment, later);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('of bursts: exact up to 64 of a kind in the window, one hop coarser past that', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 100, bursts: true, duplicates: true }),
        environments,
        distances,
        (history, environment, later) => {
          expectNaiveAnswers(history, foldAll(history.arrivals), environment, later);
        },
      ),
      { numRuns: 800 },
    );
  });

  it('of acts that come up to a year after their time, to a record settled just before', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 364, bursts: false, duplicates: false, actsOnly: true }),
        environments,
        distances,
        (history, environment, later) => {
          const windows = emptyWindows();
          for (const arrival of history.arrivals) {
            settleWindows(windows, arrival.receivedAt);
            foldInto(windows, [arrival]);
          }
          expectNaiveAnswers(history, windows, environment, later);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('`reads`', () => {
  it('names every part of a person a feature looks at: a fact about another part changes nothing', () => {
    fc.assert(
      fc.property(
        histories({ days: 364, latestDays: 0, bursts: false, duplicates: false }),
        environments,
        ({ end, arrivals }, environment) => {
          const windows = emptyWindows();
          for (const { fact } of arrivals) {
            const before = COUNTED.map((feature) => feature.read(windows, end, environment));
            foldOne(windows, fact, end);
            const touched = partsOf(fact);
            COUNTED.forEach((feature, i) => {
              if (feature.reads.some((part) => touched.includes(part))) return;
              const after = feature.read(windows, end, environment);
              if (!Object.is(after, before[i]))
                expect.fail(`${feature.name} went from ${before[i]} to ${after} by ${JSON.stringify(fact)}`);
            });
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

function partsOf(fact: Fact): readonly string[] {
  const own = fact.own ? ['presence'] : [];
  if (fact.type === 'act') return [...own, fact.act, ...(fact.own ? ['seller_activity'] : [])];
  if (fact.type === 'shipment') return [...own, 'sales'];
  if (!('side' in fact)) return own;
  if (fact.type === 'case') return [...own, `${fact.side}_cases`];
  return [...own, fact.side === 'buyer' ? 'orders' : 'sales'];
}

function expectNaiveAnswers(
  { end, arrivals }: History,
  windows: PersonWindows,
  environment: FeatureEnvironment,
  later: readonly number[],
): void {
  const facts = arrivals.map(({ fact }) => fact);
  for (const distance of later) {
    const now = plus(end, distance);
    const naive = naiveFeatures(facts, now, environment, usualPrice);
    expect(naive.size).toBe(COUNTED.length);
    for (const feature of COUNTED)
      expectWithin(feature, feature.read(windows, now, environment), naive.get(feature.name), now);
  }
}

/** Relative; sums of powers of two in another order. */
const ROUNDING = 1e-9;
/** Prices are compared in steps of a hundredth of an octave. */
const PRICE_ROUNDING = 0.004;

function expectWithin(feature: Feature, value: number, range: Range | undefined, now: Instant): void {
  if (range === undefined) throw new Error(`the oracle does not know ${feature.name}`);
  const slack = feature.name.includes('price_to_category') ? PRICE_ROUNDING : ROUNDING;
  const fits =
    Object.is(value, range.low) ||
    Object.is(value, range.high) ||
    (value >= range.low * (1 - slack) && value <= range.high * (1 + slack));
  if (!fits) {
    expect.fail(`${feature.name} at ${now} is ${value}; naive: ${range.low} to ${range.high}`);
  }
}
