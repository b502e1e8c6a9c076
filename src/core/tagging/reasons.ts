import { passes, type Operator } from '../features/feature.ts';
import { rounded } from '../features/words.ts';
import { deciding, valueOf, type Sight, type Threshold } from './condition.ts';
import type { Condition, TestCondition } from './policy.ts';

/** One condition with the person's own number. */
export interface Reason {
  readonly feature: string;
  /** null when the feature has no value for the person. */
  readonly value: number | null;
  readonly operator: Operator;
  readonly threshold: number;
  /** Whether the person passes the test. */
  readonly passes: boolean;
  readonly words: string;
}

/** Why a condition holds: the tests that carry it, in the policy's order, without repeats. */
export function reasonsFor(condition: Condition, threshold: Threshold, sight: Sight): Reason[] {
  return told(deciding(condition, threshold, true, sight), threshold, sight);
}

/** Why a condition does not hold: what is missing. */
export function reasonsAgainst(condition: Condition, threshold: Threshold, sight: Sight): Reason[] {
  return told(deciding(condition, threshold, false, sight), threshold, sight);
}

function told(tests: readonly TestCondition[], threshold: Threshold, sight: Sight): Reason[] {
  return [...new Set(tests)].map((test) => {
    const value = valueOf(test, sight);
    const { operator, value: limit } = test[threshold];
    const words = test.feature.words(value, { ...sight.windows, clock: sight.now }, sight.environment);
    return {
      feature: test.feature.name,
      value: Number.isFinite(value) ? value : null,
      operator,
      threshold: limit,
      passes: passes(test[threshold], value),
      words: `${words}; the rule asks for ${OPERATOR_WORDS[operator]} ${rounded(limit)}`,
    };
  });
}

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  at_least: 'at least',
  above: 'more than',
  at_most: 'at most',
  below: 'less than',
};
