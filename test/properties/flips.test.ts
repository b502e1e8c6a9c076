import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/events/fact.ts';
import { CATALOGUE } from '../../src/core/features/catalogue.ts';
import {
  passes,
  type Feature,
  type FeatureEnvironment,
  type Operator,
  type Test,
} from '../../src/core/features/feature.ts';
import type { PersonWindows } from '../../src/core/features/person-windows.ts';
import { scoreFeature, type ScoreRule } from '../../src/core/scoring/score.ts';
import { contributionDue, contributionOf } from '../../src/core/scoring/population.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, plus, type Instant } from '../../src/core/time.ts';
import { environments, histories, longLedgers } from '../support/arbitraries.ts';
import { foldAll } from '../support/fold-history.ts';

/** How a threshold is made from values the feature really takes, now or at some later edge. */
interface Pick {
  readonly operator: Operator;
  readonly at: number;
  readonly scale: number;
  readonly shift: number;
}

const pick: fc.Arbitrary<Pick> = fc.record({
  operator: fc.constantFrom('at_least', 'above', 'at_most', 'below'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  scale: fc.constantFrom(1, 1, 1, 0.5, 0.999, 1.5, 0),
  shift: fc.constantFrom(0, 0, 0, 1, -1, 0.004, 1e-13),
});
const picks = fc.array(pick, { minLength: 1, maxLength: 3 });
const chosen = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
const later = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 * DAY_MS }));
const SAMPLES = 120;
const YEARS_AHEAD = [1, 10, 99].map((years) => years * 365 * DAY_MS);

describe('flipsAt: a test keeps its answer until then and has another at that instant', () => {
  it('for every feature of the catalogue', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 30, bursts: false, duplicates: false }),
        environments,
        later,
        chosen,
        picks,
        ({ end, arrivals }, environment, distance, numbers, thresholds) => {
          const windows = foldAll(arrivals);
          const now = plus(end, distance);
          const facts = arrivals.map(({ fact }) => fact);
          const edges = edgesAfter(now, facts, environment);
          for (const feature of some(liveFeatures(facts), numbers))
            expectFlips(feature, windows, now, environment, edges, thresholds);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('for features of many facts, where tails are coarse', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 30, bursts: true, duplicates: false }),
        environments,
        later,
        chosen,
        picks,
        ({ end, arrivals }, environment, distance, numbers, thresholds) => {
          const windows = foldAll(arrivals);
          const now = plus(end, distance);
          const facts = arrivals.map(({ fact }) => fact);
          const edges = edgesAfter(now, facts, environment);
          for (const feature of some(liveFeatures(facts), numbers.slice(0, 15)))
            expectFlips(feature, windows, now, environment, edges, thresholds);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('for more orders than the ledger keeps one by one', () => {
    fc.assert(
      fc.property(
        longLedgers,
        environments,
        later,
        picks,
        ({ end, arrivals }, environment, distance, thresholds) => {
          const windows = foldAll(arrivals);
          const now = plus(end, distance);
          const edges = edgesAfter(
            now,
            arrivals.map(({ fact }) => fact),
            environment,
          );
          for (const feature of CATALOGUE) {
            if (feature.reads.includes('orders'))
              expectFlips(feature, windows, now, environment, edges, thresholds);
          }
        },
      ),
      { numRuns: 16 },
    );
  });

  it('for scores by bands over any of them', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 0, bursts: false, duplicates: false }),
        environments,
        later,
        chosen,
        fc.constantFrom('higher' as const, 'lower' as const),
        picks,
        ({ end, arrivals }, environment, distance, numbers, better, thresholds) => {
          const windows = foldAll(arrivals);
          const now = plus(end, distance);
          const facts = arrivals.map(({ fact }) => fact);
          const edges = edgesAfter(now, facts, environment);
          for (const feature of some(liveFeatures(facts), numbers.slice(0, 10))) {
            const values = thresholds.map((one) => thresholdOf(one, feature, windows, edges, environment));
            const bands = values.sort((a, b) => (better === 'higher' ? a - b : b - a));
            const score = scoreFeature({ name: 'score', feature, better, by: { bands } });
            for (const operator of ['at_least', 'below'] as const) {
              for (const value of [1, 2, 3])
                expectFlip(score, windows, now, environment, edges, { operator, value });
            }
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('contributionDue: what a person counts for stays at least until then', () => {
  it('for quantile scores over any feature', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 0, bursts: false, duplicates: false }),
        environments,
        later,
        fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
        ({ end, arrivals }, environment, distance, numbers) => {
          const windows = foldAll(arrivals);
          const now = plus(end, distance);
          const facts = arrivals.map(({ fact }) => fact);
          const rules = some(liveFeatures(facts), numbers).map((feature): ScoreRule => ({
            name: feature.name,
            feature,
            better: 'higher',
            by: 'quantiles',
          }));
          const at = (when: Instant): string => contributionOf(windows, when, environment, rules).join(' ');
          let due = contributionDue(windows, now, environment, rules);
          while (due !== NEVER && at(due) === at(now))
            due = contributionDue(windows, due, environment, rules);
          for (const sample of samplesUntil(due, now, edgesAfter(now, facts, environment)))
            expect(`${sample - now}: ${at(sample)}`).toBe(`${sample - now}: ${at(now)}`);
        },
      ),
      { numRuns: 800 },
    );
  });
});

function expectFlips(
  feature: Feature,
  windows: PersonWindows,
  now: Instant,
  environment: FeatureEnvironment,
  edges: readonly Instant[],
  thresholds: readonly Pick[],
): void {
  for (const one of thresholds) {
    const value = thresholdOf(one, feature, windows, edges, environment);
    expectFlip(feature, windows, now, environment, edges, { operator: one.operator, value });
  }
}

function expectFlip(
  feature: Feature,
  windows: PersonWindows,
  now: Instant,
  environment: FeatureEnvironment,
  edges: readonly Instant[],
  test: Test,
): void {
  const answerAt = (at: Instant): boolean => passes(test, feature.read(windows, at, environment));
  const answer = answerAt(now);
  let flipsAt = feature.flipsAt(windows, now, environment, test);
  const what = (at: Instant): string =>
    `${feature.name} ${test.operator} ${test.value}: ${answer} at ${now}, ${answerAt(at)} at now + ${at - now}, ` +
    `flipsAt says now + ${flipsAt - now} (${feature.read(windows, now, environment)} → ${feature.read(windows, at, environment)})`;
  if (flipsAt <= now) expect.fail(`flips in the past: ${what(now)}`);
  // A stepped feature looks a few steps ahead: asked again from there it comes to the flip itself.
  while (feature.nextStep !== undefined && flipsAt !== NEVER && answerAt(flipsAt) === answer) {
    const again = feature.flipsAt(windows, flipsAt, environment, test);
    if (again <= flipsAt) expect.fail(`stands still: ${what(again)}`);
    flipsAt = again;
  }
  for (const at of samplesUntil(flipsAt, now, edges))
    if (answerAt(at) !== answer) expect.fail(`too late: ${what(at)}`);
  if (flipsAt !== NEVER && answerAt(flipsAt) === answer) expect.fail(`no flip: ${what(flipsAt)}`);
}

/** Instants strictly between now and the flip: the last edges before it, some others, and its own eve. */
function samplesUntil(until: Instant, now: Instant, edges: readonly Instant[]): Instant[] {
  const before = edges.filter((at) => at > now && at < until);
  const stride = Math.max(1, Math.floor(before.length / SAMPLES));
  const samples = before.filter((_, i) => i % stride === 0 || i >= before.length - 12);
  if (until === NEVER) return [...samples, ...YEARS_AHEAD.map((ahead) => plus(now, ahead))];
  const between = [0.1, 0.5, 0.9].map((share) => instant(Math.floor(now + (until - now) * share)));
  return [...samples, ...between, plus(until, -1)].filter((at) => at > now);
}

function thresholdOf(
  { at, scale, shift }: Pick,
  feature: Feature,
  windows: PersonWindows,
  edges: readonly Instant[],
  environment: FeatureEnvironment,
): number {
  const when = edges[Math.floor(at * (edges.length - 1))] ?? instant(0);
  const value = feature.read(windows, when, environment);
  return (Number.isFinite(value) ? value : 1) * scale + shift;
}

/** Every instant at which any window, hop, day or month could let go of any of the facts, and its neighbours. */
function edgesAfter(now: Instant, facts: readonly Fact[], { utcOffsetMs }: FeatureEnvironment): Instant[] {
  const starts = new Set<number>();
  for (const { at } of facts) {
    starts.add(at);
    starts.add(Math.floor(at / DAY_MS) * DAY_MS);
    starts.add((Math.floor(at / DAY_MS) + 1) * DAY_MS);
    starts.add((Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
  }
  const ends = new Set<number>([now]);
  for (const start of starts) {
    for (const days of [0, 1, 2, 7, 30, 90, 365]) {
      for (const aside of [-1, 0, 1]) ends.add(start + days * DAY_MS + aside);
    }
  }
  const local = new Date(now + utcOffsetMs);
  for (let month = 1; month < 14; month++) {
    const begins = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + month, 1) - utcOffsetMs;
    for (const aside of [-1, 0, 1]) ends.add(begins + aside);
  }
  return [...ends]
    .filter((end) => end >= now)
    .sort((a, b) => a - b)
    .map(instant);
}

/** Features that read something these facts touch; the others are always the same. */
function liveFeatures(facts: readonly Fact[]): Feature[] {
  const touched = new Set<string>(['presence', 'seller_activity']);
  for (const fact of facts) {
    if (fact.type === 'act') touched.add(fact.act);
    else if (fact.type === 'shipment') touched.add('sales');
    else if (fact.type === 'case') touched.add(`${fact.side}_cases`);
    else if ('side' in fact) touched.add(fact.side === 'buyer' ? 'orders' : 'sales');
  }
  return CATALOGUE.filter((feature) => feature.reads.some((part) => touched.has(part)));
}

function some(features: readonly Feature[], numbers: readonly number[]): Feature[] {
  return [...new Set(numbers.flatMap((number) => features[number % features.length] ?? []))];
}
