import { deterministicId } from '../ids.ts';
import type { ChurnReason } from '../scoring/churn/churn-reasons.ts';
import type { ScoreEvidence } from '../scoring/models.ts';
import { NEVER, type Instant } from '../time.ts';
import type { Sight } from './condition.ts';
import { nextChange, type DimensionState } from './dimension-state.ts';
import { NO_TAG, wholeOf, type Dimension } from './policy.ts';
import { reasonsAgainst, reasonsFor, type Reason } from './reasons.ts';

export type Cause = 'event' | 'time' | 'late_event' | 'refund' | 'merge' | 'population' | 'policy' | 'model';

/** What made a person be looked at again; `ref` names it (a messageId, a version), empty for time. */
export interface Occasion {
  readonly cause: Cause;
  readonly ref: string;
}

/** A tag giving way to another. */
export interface Transition {
  /** The same decision has the same id for ever, whoever takes it. */
  readonly id: string;
  readonly personId: string;
  readonly dimension: string;
  readonly from: string;
  readonly to: string;
  readonly cause: Cause;
  readonly causeRef: string;
  readonly effectiveAt: Instant;
  /** When it changes again if nothing more happens and population inputs stay; NEVER for not at all. */
  readonly nextChangeAt: Instant;
  readonly reasons: readonly Reason[];
  /** The models whose scores the dimension reads; empty where it reads none. */
  readonly modelVersion: string;
  /** Why the model's score is what it is; told of rising risks. */
  readonly modelReasons: readonly ChurnReason[];
  /** What these reasons are still to be made from. */
  readonly evidence?: ScoreEvidence;
}

/** The transition between two states of a dimension, told with the person's own numbers. */
export function describeTransition(
  personId: string,
  dimension: Dimension,
  before: DimensionState,
  after: DimensionState,
  occasion: Occasion,
  sight: Sight,
): Transition {
  const from = dimension.tags[before.tag];
  const to = dimension.tags[after.tag];
  return {
    id: deterministicId(
      'transition',
      personId,
      dimension.name,
      after.transitions,
      from?.name ?? NO_TAG,
      to?.name ?? NO_TAG,
      sight.now,
    ),
    personId,
    dimension: dimension.name,
    from: from?.name ?? NO_TAG,
    to: to?.name ?? NO_TAG,
    cause: occasion.cause,
    causeRef: occasion.ref,
    effectiveAt: sight.now,
    nextChangeAt: nextChange(dimension, after, sight)?.since ?? NEVER,
    reasons: whyMoved(dimension, before, after, sight),
    modelVersion: '',
    modelReasons: [],
  };
}

/** What carries the new tag; when the old one was left for want of its own conditions, what it lacked comes first. */
function whyMoved(
  dimension: Dimension,
  before: DimensionState,
  after: DimensionState,
  sight: Sight,
): Reason[] {
  const from = dimension.tags[before.tag];
  const to = dimension.tags[after.tag];
  const lost =
    from !== undefined && (after.tag === -1 || after.tag > before.tag)
      ? reasonsAgainst(wholeOf(dimension, from), 'keep', sight)
      : [];
  const won = to === undefined ? [] : reasonsFor(wholeOf(dimension, to), 'enter', sight);
  const told = [...lost, ...won];
  return told.filter((reason, i) => told.findIndex((other) => other.words === reason.words) === i);
}
