import { passes, type Operator } from '../features/feature.ts';
import { rounded } from '../features/words.ts';
import { deciding, valueOf, type Sight, type Threshold, type UsedTest } from './condition.ts';
import type { Condition } from './policy.ts';

/** One test with the person's own number, as it is asked for: inside a `not` the other way round. */
export interface Reason {
  readonly feature: string;
  /** null when the feature has no value for the person. */
  readonly value: number | null;
  readonly operator: Operator;
  readonly threshold: number;
  /** Whether the person has what is asked for; under a `not` that includes having no value. */
  readonly passes: boolean;
  readonly words: string;
}

/** Why a condition holds: the tests that carry it, in the policy's order, without repeats. */
export function reasonsFor(condition: Condition, threshold: Threshold, sight: Sight): Reason[] {
  return told(deciding(condition, threshold, true, sight), sight);
}

/** Why a condition does not hold: what is missing. */
export function reasonsAgainst(condition: Condition, threshold: Threshold, sight: Sight): Reason[] {
  return told(deciding(condition, threshold, false, sight), sight);
}

function told(tests: readonly UsedTest[], sight: Sight): Reason[] {
  const telling = tests.filter((used) => !keepsAnybody(used));
  const reasons = (telling.length > 0 ? telling : tests).map(({ test, threshold, negated }) => {
    const value = valueOf(test, sight);
    const asked = test[threshold];
    const operator = negated ? OPPOSITE[asked.operator] : asked.operator;
    const words = test.feature.words(value, { ...sight.windows, clock: sight.now }, sight.environment);
    return {
      feature: test.feature.name,
      value: Number.isFinite(value) ? value : null,
      operator,
      threshold: asked.value,
      passes: passes(asked, value) !== negated,
      words: `${words}; the rule asks for ${OPERATOR_WORDS[operator]} ${rounded(asked.value)}`,
    };
  });
  return reasons.filter((one, i) => reasons.findIndex(({ words }) => words === one.words) === i);
}

/** `until_below: 0` keeps whoever has a value: where anything else can be told, it says nothing of them. */
function keepsAnybody({ test: { enter, keep }, threshold }: UsedTest): boolean {
  return threshold === 'keep' && enter !== keep && keep.operator === 'at_least' && keep.value <= 0;
}

/** What a test that must not pass asks for. */
const OPPOSITE: Readonly<Record<Operator, Operator>> = {
  at_least: 'below',
  above: 'at_most',
  at_most: 'above',
  below: 'at_least',
};

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  at_least: 'at least',
  above: 'more than',
  at_most: 'at most',
  below: 'less than',
};
