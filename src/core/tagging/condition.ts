import { passes, type FeatureEnvironment } from '../features/feature.ts';
import type { PersonWindows } from '../features/person-windows.ts';
import { NEVER, earliest, latest, type Instant } from '../time.ts';
import type { Condition, TestCondition } from './policy.ts';

/** Which thresholds apply: those that let in, or those that keep in. */
export type Threshold = 'enter' | 'keep';

/** A person at an instant, and what is frozen for everyone. */
export interface Sight {
  readonly windows: PersonWindows;
  readonly now: Instant;
  readonly environment: FeatureEnvironment;
  /** When population inputs change next; NEVER to look ahead as if they stayed. */
  readonly nextReviewAt: Instant;
}

export function holds(condition: Condition, threshold: Threshold, sight: Sight): boolean {
  switch (condition.kind) {
    case 'test':
      return passes(condition[threshold], valueOf(condition, sight));
    case 'all':
      for (const one of condition.of) if (!holds(one, threshold, sight)) return false;
      return true;
    case 'any':
      for (const one of condition.of) if (holds(one, threshold, sight)) return true;
      return false;
    case 'not':
      return !holds(condition.of, opposite(threshold), sight);
  }
}

/**
 * The first instant after `now` at which the condition can give another answer in silence. A conjunction that
 * fails waits for the last of its failing parts, not for the first to stir: that is what keeps people out of
 * the due queue whose tag cannot move.
 */
export function flipsAt(condition: Condition, threshold: Threshold, sight: Sight): Instant {
  switch (condition.kind) {
    case 'test': {
      const { feature } = condition;
      const at = feature.flipsAt(sight.windows, sight.now, sight.environment, condition[threshold]);
      return feature.population ? earliest(at, sight.nextReviewAt) : at;
    }
    case 'not':
      return flipsAt(condition.of, opposite(threshold), sight);
    case 'all':
      return combinedFlip(condition.of, true, threshold, sight);
    case 'any':
      return combinedFlip(condition.of, false, threshold, sight);
  }
}

/** A test as a condition uses it: with which of its thresholds, and whether it is wanted to fail. */
export interface UsedTest {
  readonly test: TestCondition;
  readonly threshold: Threshold;
  readonly negated: boolean;
}

/** Tests that speak for the condition being as it is, in the policy's order; for reasons and for what is missing. */
export function deciding(
  condition: Condition,
  threshold: Threshold,
  wanted: boolean,
  sight: Sight,
  negated = false,
): UsedTest[] {
  switch (condition.kind) {
    case 'test':
      return holds(condition, threshold, sight) === wanted ? [{ test: condition, threshold, negated }] : [];
    case 'not':
      return deciding(condition.of, opposite(threshold), !wanted, sight, !negated);
    case 'all':
    case 'any':
      return condition.of
        .filter((one) => holds(one, threshold, sight) === wanted)
        .flatMap((one) => deciding(one, threshold, wanted, sight, negated));
  }
}

export function valueOf(condition: TestCondition, sight: Sight): number {
  return condition.feature.read(sight.windows, sight.now, sight.environment);
}

/** What keeps a person out of the inner condition is what lets them into its negation. */
function opposite(threshold: Threshold): Threshold {
  return threshold === 'enter' ? 'keep' : 'enter';
}

function combinedFlip(
  parts: readonly Condition[],
  isAll: boolean,
  threshold: Threshold,
  sight: Sight,
): Instant {
  let soonest = NEVER;
  let lastBlocking: Instant | undefined;
  for (const part of parts) {
    const blocks = holds(part, threshold, sight) !== isAll;
    if (!blocks && lastBlocking !== undefined) continue;
    const at = flipsAt(part, threshold, sight);
    if (blocks) {
      lastBlocking = lastBlocking === undefined ? at : latest(lastBlocking, at);
      if (lastBlocking === NEVER) return NEVER;
    } else soonest = earliest(soonest, at);
  }
  return lastBlocking ?? soonest;
}
