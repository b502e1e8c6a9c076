import type { Feature, Test } from '../features/feature.ts';
import type { Side } from '../events/fact.ts';
import type { ScoreRule } from '../scoring/score.ts';

/**
 * When a tag holds. A tree over named features, never code: so that reasons, the next change and what is
 * missing can be read off it.
 */
export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | TestCondition;

export interface TestCondition {
  readonly kind: 'test';
  readonly feature: Feature;
  /** What lets a person in … */
  readonly enter: Test;
  /** … and what keeps them in: the same, or looser by the exit band. */
  readonly keep: Test;
}

export interface TagRule {
  readonly name: string;
  readonly about: string;
  readonly when: Condition;
  /** The least time the tag holds before it gives way to any other. */
  readonly dwellMs: number;
  /** How long `keep` must have failed without a break before the tag gives way to a lower one. */
  readonly graceMs: number;
}

/** A question about a person. */
export interface Dimension {
  readonly name: string;
  readonly about: string;
  readonly side: Side | 'both';
  /**
   * Whom the question concerns; undefined: everybody. It must let in who has no tag and keep who has one; who is not kept
   * has none at once, whatever dwell or grace.
   */
  readonly among: Condition | undefined;
  /** In order of precedence: of those that hold, the first is the person's. On a ladder: best first. */
  readonly tags: readonly TagRule[];
  /** Tags are levels: up at once to any, down one at a time. */
  readonly ladder: boolean;
}

export interface TriggerRule {
  readonly name: string;
  readonly about: string;
  readonly dimension: string;
  readonly to: string;
  /** Empty: whatever the tag was before. */
  readonly from: readonly string[];
  /** Not fired again for the same person within this time. */
  readonly cooldownMs: number;
  /** What a marketing system should do; opaque to Tidemark. */
  readonly action: string;
}

export type ReviewPeriod = 'day' | 'week' | 'month' | 'quarter';

export interface Policy {
  readonly name: string;
  /** Name, the author's version and a hash of the content: `marketplace@1-3f9c2a`. */
  readonly version: string;
  readonly currency: string;
  /** One unit of another currency in the reporting currency; currencies without a rate are refused. */
  readonly rates: Readonly<Record<string, number>>;
  readonly utcOffsetMs: number;
  readonly reviewEvery: ReviewPeriod;
  readonly scores: readonly ScoreRule[];
  readonly dimensions: readonly Dimension[];
  readonly triggers: readonly TriggerRule[];
}

/** Holds no tag of a dimension. */
export const NO_TAG = 'none';

/** All that it takes to have the tag. */
export function wholeOf({ among }: Dimension, { when }: TagRule): Condition {
  return among === undefined ? when : { kind: 'all', of: [among, when] };
}

export function testsOf(condition: Condition): TestCondition[] {
  switch (condition.kind) {
    case 'test':
      return [condition];
    case 'not':
      return testsOf(condition.of);
    case 'all':
    case 'any':
      return condition.of.flatMap(testsOf);
  }
}

export function featuresOf(condition: Condition): Feature[] {
  return testsOf(condition).map(({ feature }) => feature);
}
