import { ACTS, type Fact } from '../events/fact.ts';
import { passes, type FeatureEnvironment, type Part } from '../features/feature.ts';
import { SELLER_ACTS } from '../features/fold.ts';
import { CHURN_FEATURES } from '../features/score-features.ts';
import { minorDigits } from '../money.ts';
import { scoresAhead, type Models } from '../scoring/models.ts';
import type { PopulationInputs } from '../scoring/population.ts';
import { scoreFeature, type ScoreRule } from '../scoring/score.ts';
import { valueOf, type Sight } from './condition.ts';
import { testsOf, type Policy, type TestCondition } from './policy.ts';

/** A dimension a fact can move, and how to tell cheaply that it does not. */
export interface Watch {
  /** Position in the policy. */
  readonly dimension: number;
  /**
   * The tests that read what the fact touches. While their answers stay, the tag stays and its due stays a lower
   * bound; undefined where that cannot be said and the dimension must be looked at.
   */
  readonly tests: readonly TestCondition[] | undefined;
}

/**
 * A policy made ready for the hot path: for each kind of fact, the dimensions it can move. A fact that touches
 * nothing a dimension reads cannot change its tag, so that dimension is not looked at.
 */
export interface Rulebook {
  readonly policy: Policy;
  /** Quantile scores: what the population is counted by. */
  readonly counted: readonly ScoreRule[];
  /** Dimensions that read population inputs. */
  readonly readsPopulation: readonly boolean[];
  /** Dimensions that read what models say. */
  readonly readsScores: readonly boolean[];
  /** Of these, dimensions that read the risk of churning. */
  readonly readsChurn: readonly boolean[];
  /** What a fact of this kind can change. */
  bearingOf(fact: Fact): Bearing;
}

export interface Bearing {
  readonly watches: readonly Watch[];
  /** It can change the person's part in the population counters. */
  readonly isCounted: boolean;
}

export function rulebookOf(policy: Policy): Rulebook {
  const counted = policy.scores.filter((score) => score.by === 'quantiles');
  const countedParts = new Set<Part>(['orders', ...counted.flatMap(({ feature }) => feature.reads)]);
  const tests = policy.dimensions.map(({ among, tags }) => [
    ...(among === undefined ? [] : testsOf(among)),
    ...tags.flatMap((tag) => testsOf(tag.when)),
  ]);
  const known = new Map<string, Bearing>();
  const knownActs: Bearing[] = [];
  function bearingOf(fact: Fact): Bearing {
    const number = fact.type === 'act' ? ACTS[fact.act] * 2 + (fact.own ? 1 : 0) : -1;
    let bearing = number < 0 ? known.get(signatureOf(fact)) : knownActs[number];
    if (bearing !== undefined) return bearing;
    bearing = {
      watches: tests.flatMap((all, dimension) => watchOf(dimension, all, fact)),
      isCounted: partsTouchedBy(fact).some((part) => countedParts.has(part)),
    };
    if (number < 0) known.set(signatureOf(fact), bearing);
    else knownActs[number] = bearing;
    return bearing;
  }
  return {
    policy,
    counted,
    readsPopulation: tests.map((all) => all.some(({ feature }) => feature.population)),
    readsScores: tests.map((all) => all.some(({ feature }) => feature.scored !== undefined)),
    readsChurn: tests.map((all) => all.some(({ feature }) => CHURN_FEATURES.includes(feature))),
    bearingOf,
  };
}

/** What is known of up to 17 tests (entering, keeping, having a value at all) fits one number. */
const MOST_TESTS = 17;

/** The answers of a watch's tests as one number; −1 where there is nothing to compare. */
export function answersOf({ tests }: Watch, sight: Sight): number {
  if (tests === undefined) return -1;
  let answers = 0;
  for (const test of tests) {
    const value = valueOf(test, sight);
    // A first value flips where none could: NaN is an answer of its own.
    const known = Number.isNaN(value) ? 0 : 4;
    answers = answers * 8 + known + (passes(test.enter, value) ? 2 : 0) + (passes(test.keep, value) ? 1 : 0);
  }
  return answers;
}

function watchOf(dimension: number, all: readonly TestCondition[], fact: Fact): Watch[] {
  const touched = partsTouchedBy(fact);
  const tests = all.filter(({ feature }) => feature.reads.some((part) => touched.includes(part)));
  if (tests.length === 0) return [];
  const comparable =
    fact.type === 'act' &&
    tests.length <= MOST_TESTS &&
    tests.every(({ feature }) => feature.delayedByActs === true);
  return [{ dimension, tests: comparable ? tests : undefined }];
}

/** Everything frozen that features read, for one review period. */
export function environmentOf(
  policy: Policy,
  population: PopulationInputs,
  models?: Models,
): FeatureEnvironment {
  const environment = {
    meanOrderMinor: population.meanOrderMinor,
    cuts: population.cuts,
    currency: policy.currency,
    minorPerMajor: 10 ** minorDigits(policy.currency),
    utcOffsetMs: policy.utcOffsetMs,
  };
  if (models === undefined) return environment;
  return { ...environment, scoresAhead: (windows, upTo) => scoresAhead(windows, upTo, models, environment) };
}

/** Every score of the policy as a feature, by name. */
export function scoresOf(policy: Policy): ReadonlyMap<string, ReturnType<typeof scoreFeature>> {
  return new Map(policy.scores.map((rule) => [rule.name, scoreFeature(rule)]));
}

function signatureOf(fact: Fact): string {
  const what = 'side' in fact ? `${fact.type}:${fact.side}` : fact.type;
  return fact.own ? `${what}+` : what;
}

function partsTouchedBy(fact: Fact): Part[] {
  const own: Part[] = fact.own ? ['presence'] : [];
  switch (fact.type) {
    case 'act':
      return [
        ...own,
        fact.act,
        ...(fact.own && SELLER_ACTS.has(fact.act) ? (['seller_activity'] as const) : []),
      ];
    case 'order':
    case 'return':
      return [...own, fact.side === 'buyer' ? 'orders' : 'sales'];
    case 'shipment':
      return [...own, 'sales'];
    case 'case':
      return [...own, fact.side === 'buyer' ? 'buyer_cases' : 'seller_cases'];
    case 'merge':
    case 'absorb':
      return [];
  }
}
