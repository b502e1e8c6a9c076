import type { Act } from '../events/fact.ts';
import { NEVER, instant, plus, type Instant } from '../time.ts';
import type { PersonScores } from './person-scores.ts';
import type { PersonWindows } from './person-windows.ts';
import type { Measure, Windowed } from './windowed.ts';

export type Operator = 'at_least' | 'above' | 'at_most' | 'below';

export interface Test {
  readonly operator: Operator;
  readonly value: number;
}

/** Parts of a person's windows a fact can touch; a feature names those it reads. */
export type Part = Act | 'orders' | 'sales' | 'buyer_cases' | 'seller_cases' | 'presence' | 'seller_activity';

export type Unit = 'count' | 'money' | 'days' | 'hours' | 'ratio' | 'stars' | 'score';

/** What a feature may know beyond the person: inputs that are frozen for a review period. */
export interface FeatureEnvironment {
  /** Mean net order value over the population, minor units; NaN until the first review. */
  readonly meanOrderMinor: number;
  /** Up to four cut points per quantile score, where the scores 2 to 5 begin; none until the first review. */
  readonly cuts: Readonly<Record<string, readonly number[]>>;
  /** Reporting currency, for words and for minor ↔ major. */
  readonly currency: string;
  readonly minorPerMajor: number;
  /** Calendar months begin at this offset from UTC. */
  readonly utcOffsetMs: number;
  /**
   * What the models in force will say of the person if they stay silent, in order of time, up to an instant and maybe
   * further; absent without models.
   */
  readonly scoresAhead?: (windows: PersonWindows, upTo: Instant) => readonly PersonScores[];
}

/**
 * A named number read from windows at an instant, the same for training, serving and tagging.
 * NaN: there is no answer (days since an order for who never ordered); every test of NaN is false.
 */
export interface Feature {
  readonly name: string;
  readonly unit: Unit;
  /** One phrase for the documentation and for editors. */
  readonly about: string;
  readonly reads: readonly Part[];
  /** Reads the frozen population inputs: may change when a review period begins. */
  readonly population: boolean;
  /** By which kind of model, if by one: it changes when scores are made, and not when a fact is folded. */
  readonly scored?: 'churn' | 'value' | 'style';
  /** A further act changes no flip but to a later one, unless it changes a test's answer at once. */
  readonly delayedByActs?: true;
  /** The value is `now` minus an instant: its quantiles are taken over that instant, which silence does not move. */
  readonly age?: true;
  read(windows: PersonWindows, now: Instant, environment: FeatureEnvironment): number;
  /**
   * The first instant after `now` at which `test` can give another answer than at `now` if nothing happens;
   * never later than the true one, and exact but for stepped features, which look {@link STEPS_AHEAD} steps far.
   */
  flipsAt(windows: PersonWindows, now: Instant, environment: FeatureEnvironment, test: Test): Instant;
  /** Of stepped features: the first instant after `now` at which silence can change the value. */
  nextStep?(windows: PersonWindows, now: Instant, environment: FeatureEnvironment): Instant;
  /** The value as a colleague would say it, with the person's own dates: "last order 94 days ago (1997-02-01)". */
  words(value: number, windows: PersonWindows, environment: FeatureEnvironment): string;
}

export function passes(test: Test, value: number): boolean {
  switch (test.operator) {
    case 'at_least':
      return value >= test.value;
    case 'above':
      return value > test.value;
    case 'at_most':
      return value <= test.value;
    case 'below':
      return value < test.value;
  }
}

type Words = Feature['words'];
type Read = Feature['read'];
interface Named {
  readonly name: string;
  readonly unit: Unit;
  readonly about: string;
  readonly reads: readonly Part[];
  readonly words: Words;
}

/** Adds up facts over a rolling window. `perUnit`: what the measure counts per unit of the feature (100 for money). */
export function windowFeature(
  named: Named,
  source: (windows: PersonWindows) => Windowed | undefined,
  windowMs: number,
  measure: Measure,
  perUnit: (environment: FeatureEnvironment) => number,
): Feature {
  return fallingFeature(
    named,
    (windows, now) => source(windows)?.total(now, windowMs, measure) ?? 0,
    (windows, now, threshold) => source(windows)?.lastsUntil(now, windowMs, measure, threshold) ?? NEVER,
    perUnit,
  );
}

/** A whole number that only falls in silence, told in `perUnit`; `lastsUntil` knows when it falls below a threshold. */
export function fallingFeature(
  named: Named,
  whole: (windows: PersonWindows, now: Instant) => number,
  lastsUntil: (windows: PersonWindows, now: Instant, threshold: number) => Instant,
  perUnit: (environment: FeatureEnvironment) => number,
): Feature {
  return {
    ...named,
    population: false,
    delayedByActs: true,
    read: (windows, now, environment) => whole(windows, now) / perUnit(environment),
    flipsAt: (windows, now, environment, test) =>
      lastsUntil(windows, now, leastReaching(test, perUnit(environment))),
  };
}

/**
 * The least whole number n for which n / perUnit is on the upper side of the test's threshold: found with the
 * very division that `read` makes, so that the flip is exact to the unit whatever the threshold rounds to.
 * ±Infinity when no number that can occur is, or all are.
 */
function leastReaching({ operator, value }: Test, perUnit: number): number {
  const inclusive = operator === 'at_least' || operator === 'below';
  let least = Math.ceil(value * perUnit);
  if (!(Math.abs(least) < Number.MAX_SAFE_INTEGER)) return least < 0 ? -Infinity : Infinity;
  if (perUnit === 1) return inclusive ? least : Math.floor(value) + 1;
  while (reaches((least - 1) / perUnit, value, inclusive)) least--;
  while (!reaches(least / perUnit, value, inclusive)) least++;
  return least;
}

function reaches(value: number, threshold: number, inclusive: boolean): boolean {
  return inclusive ? value >= threshold : value > threshold;
}

/** What only a fact can change. */
export function lastingFeature(named: Named, read: Read): Feature {
  return { ...named, population: false, delayedByActs: true, read, flipsAt: () => NEVER };
}

/**
 * Time since an instant, in `unitMs`. `since` the `last` of its kind: a further fact can only make it younger; since
 * the `first`: a late one makes it older.
 */
export function ageFeature(
  named: Named & { readonly since?: 'first' | 'last' },
  origin: (windows: PersonWindows) => Instant | undefined,
  unitMs: number,
): Feature {
  return {
    ...named,
    population: false,
    ...(named.since === 'first' ? {} : { delayedByActs: true as const }),
    age: true,
    read(windows, now) {
      const from = origin(windows);
      return from === undefined ? NaN : (now - from) / unitMs;
    },
    flipsAt(windows, now, _environment, test) {
      const from = origin(windows);
      if (from === undefined) return NEVER;
      const at = instant(from + leastReaching(test, unitMs));
      return at > now ? at : NEVER;
    },
  };
}

/**
 * Steps looked ahead for a flip. A busy seller has hundreds ahead and each costs a read; looking again after
 * a few of them is cheaper than finding the very flip after every fact.
 */
export const STEPS_AHEAD = 4;

/**
 * Changes in silence only at `nextStep`; the value between steps is constant. `flipsAt` is exact when the flip is
 * among the next {@link STEPS_AHEAD} steps, and otherwise the last of these.
 */
export function steppedFeature(
  named: Named & { readonly population?: boolean },
  read: Read,
  nextStep: (windows: PersonWindows, now: Instant, environment: FeatureEnvironment) => Instant,
): Feature {
  return {
    ...named,
    population: named.population ?? false,
    read,
    nextStep,
    flipsAt(windows, now, environment, test) {
      const before = passes(test, read(windows, now, environment));
      let at = nextStep(windows, now, environment);
      for (let steps = 1; steps < STEPS_AHEAD && at !== NEVER; steps++) {
        if (passes(test, read(windows, at, environment)) !== before) return at;
        at = nextStep(windows, at, environment);
      }
      return at;
    },
  };
}

/**
 * Rises or falls all the time in silence, in one direction only; the flip is found by bisection to the millisecond.
 * What is further ahead than `horizonMs` counts as never.
 */
export function monotoneFeature(named: Named, read: Read, horizonMs: number): Feature {
  return {
    ...named,
    population: false,
    read,
    flipsAt(windows, now, environment, test) {
      const before = passes(test, read(windows, now, environment));
      const differsAt = (at: Instant): boolean => passes(test, read(windows, at, environment)) !== before;
      let low = now;
      let high = plus(now, horizonMs);
      if (!differsAt(high)) return NEVER;
      while (high - low > 1) {
        const middle = instant(Math.floor((low + high) / 2));
        if (differsAt(middle)) high = middle;
        else low = middle;
      }
      return high;
    },
  };
}
