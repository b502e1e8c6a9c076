import type { ScoreRule } from '../scoring/score.ts';
import { NEVER, latest, plus, type Instant } from '../time.ts';
import { holds, type Sight } from './condition.ts';
import { dueAfresh, nextChange, type DimensionState } from './dimension-state.ts';
import { NO_TAG, wholeOf, type Dimension } from './policy.ts';
import { reasonsAgainst, reasonsFor, type Reason } from './reasons.ts';
import { describeTransition } from './transition.ts';
import { waysFrom, type Way } from './ways.ts';

/** What there is to say about a person's standing in one dimension. */
export interface Explanation {
  readonly dimension: string;
  readonly about: string;
  /** `none` when they hold no tag of it. */
  readonly tag: string;
  readonly tagAbout: string;
  /** undefined for who never held one. */
  readonly since: Instant | undefined;
  /** What speaks for the tag now. */
  readonly reasons: readonly Reason[];
  /** What is enough to stay, where that is less than what it takes to enter. */
  readonly keeps: readonly Reason[];
  /** Set while the tag is kept by dwell or grace only. */
  readonly failing: { readonly reasons: readonly Reason[]; readonly until: Instant } | undefined;
  /** What happens next in silence, population inputs as they are; undefined for nothing. */
  readonly next:
    { readonly at: Instant; readonly tag: string; readonly reasons: readonly Reason[] } | undefined;
  /** What they could do, nearest first. */
  readonly ways: readonly Way[];
}

/** Explains a standing at `sight.now`. Time must have passed up to there. */
export function explain(
  dimension: Dimension,
  state: DimensionState,
  scores: readonly ScoreRule[],
  sight: Sight,
): Explanation {
  const rule = dimension.tags[state.tag];
  const whole = rule && wholeOf(dimension, rule);
  const enters = whole !== undefined && holds(whole, 'enter', sight);
  const reasons = whole === undefined ? [] : reasonsFor(whole, enters ? 'enter' : 'keep', sight);
  const keeps = whole === undefined ? [] : reasonsFor(whole, 'keep', sight);
  const next = nextChange(dimension, dueAfresh(dimension, state, sight), sight);
  return {
    dimension: dimension.name,
    about: dimension.about,
    tag: rule?.name ?? NO_TAG,
    tagAbout: rule?.about ?? '',
    since: state.transitions === 0 ? undefined : state.since,
    reasons,
    keeps: keeps.filter(({ words }) => !reasons.some((reason) => reason.words === words)),
    failing:
      rule === undefined || state.failingSince === NEVER
        ? undefined
        : {
            reasons: reasonsAgainst(wholeOf(dimension, rule), 'keep', sight),
            until: latest(plus(state.since, rule.dwellMs), plus(state.failingSince, rule.graceMs)),
          },
    next:
      next === undefined
        ? undefined
        : {
            at: next.since,
            tag: dimension.tags[next.tag]?.name ?? NO_TAG,
            reasons: whyThen(dimension, state, next, sight),
          },
    ways: waysFrom(dimension, state, scores, sight),
  };
}

function whyThen(
  dimension: Dimension,
  before: DimensionState,
  after: DimensionState,
  sight: Sight,
): readonly Reason[] {
  const then = { ...sight, now: after.since };
  return describeTransition('', dimension, before, after, { cause: 'time', ref: '' }, then).reasons;
}
