import type { Fact } from '../events/fact.ts';
import type { FeatureEnvironment, Part } from '../features/feature.ts';
import { SELLER_ACTS } from '../features/fold.ts';
import { minorDigits } from '../money.ts';
import type { PopulationInputs } from '../scoring/population.ts';
import { scoreFeature, type ScoreRule } from '../scoring/score.ts';
import { featuresOf, partsOf, type Policy } from './policy.ts';

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
  /** Positions of the dimensions a fact can move. */
  movedBy(fact: Fact): readonly number[];
  /** Whether a fact can change the person's part in the population counters. */
  countedBy(fact: Fact): boolean;
}

export function rulebookOf(policy: Policy): Rulebook {
  const parts = policy.dimensions.map(partsOf);
  const counted = policy.scores.filter((score) => score.by === 'quantiles');
  const countedParts = new Set<Part>(['orders', ...counted.flatMap(({ feature }) => feature.reads)]);
  const byTouched = new Map<string, readonly number[]>();
  return {
    policy,
    counted,
    readsPopulation: policy.dimensions.map(({ tags }) =>
      tags.some((tag) => featuresOf(tag.when).some((f) => f.population)),
    ),
    movedBy(fact) {
      const key = signatureOf(fact);
      let moved = byTouched.get(key);
      if (moved === undefined) {
        const touched = partsTouchedBy(fact);
        moved = parts.flatMap((reads, i) => (touched.some((part) => reads.has(part)) ? [i] : []));
        byTouched.set(key, moved);
      }
      return moved;
    },
    countedBy: (fact) => partsTouchedBy(fact).some((part) => countedParts.has(part)),
  };
}

/** Everything frozen that features read, for one review period. */
export function environmentOf(policy: Policy, population: PopulationInputs): FeatureEnvironment {
  return {
    meanOrderMinor: population.meanOrderMinor,
    cuts: population.cuts,
    currency: policy.currency,
    minorPerMajor: 10 ** minorDigits(policy.currency),
    utcOffsetMs: policy.utcOffsetMs,
  };
}

/** Every score of the policy as a feature, by name. */
export function scoresOf(policy: Policy): ReadonlyMap<string, ReturnType<typeof scoreFeature>> {
  return new Map(policy.scores.map((rule) => [rule.name, scoreFeature(rule)]));
}

function signatureOf(fact: Fact): string {
  const what = fact.type === 'act' ? fact.act : 'side' in fact ? `${fact.type}:${fact.side}` : fact.type;
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
