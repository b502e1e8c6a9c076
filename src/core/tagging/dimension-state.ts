import { NEVER, earliest, instant, latest, plus, type Instant } from '../time.ts';
import { flipsAt, holds, type Sight } from './condition.ts';
import type { Dimension } from './policy.ts';

/** A person's standing in one dimension. */
export interface DimensionState {
  /** Index into the dimension's tags; −1 for none. */
  readonly tag: number;
  readonly since: Instant;
  /** Since when the tag's `keep` has failed without a break; NEVER while it holds. */
  readonly failingSince: Instant;
  /** Number of transitions so far: tells two of the same kind at the same instant apart. */
  readonly transitions: number;
  /** No tag of this dimension can change before this instant without a fact. */
  readonly dueAt: Instant;
}

/** Written out, because millions are made: a spread of another state costs several times as much. */
export function dimensionState(
  tag: number,
  since: Instant,
  failingSince: Instant,
  transitions: number,
  dueAt: Instant,
): DimensionState {
  return { tag, since, failingSince, transitions, dueAt };
}

export const NO_STATE = dimensionState(-1, instant(0), NEVER, 0, NEVER);

/**
 * One step of a dimension at an instant: which tag holds now, and when to look again. Pure and idempotent:
 * stepping again at the same instant with no new fact changes nothing (but on a ladder without dwell and grace, where
 * each step takes one rung). Rules, in this order:
 *  0. Whom the dimension is not about has no tag, at once; it lets in who has none, and keeps who has one.
 *  1. A higher tag whose `enter` holds takes over at once, unless the present tag still dwells.
 *  2. The present tag stays while its `keep` holds.
 *  3. When `keep` fails it still stays for its dwell and its grace; then the first lower tag whose `enter`
 *     holds takes over, or none. On a ladder it is the next lower one, whatever its own condition says.
 */
export function step(dimension: Dimension, state: DimensionState, sight: Sight): DimensionState {
  const { among, tags } = dimension;
  const { now } = sight;
  const present = tags[state.tag];
  const dwellUntil = present === undefined ? instant(0) : plus(state.since, present.dwellMs);
  if (among !== undefined && !holds(among, present === undefined ? 'enter' : 'keep', sight)) {
    return present === undefined
      ? dueAfresh(dimension, failing(state, NEVER), sight)
      : entered(dimension, state, -1, sight);
  }
  const lowest = present === undefined ? tags.length : state.tag;
  for (let i = 0; i < lowest && now >= dwellUntil; i++) {
    const tag = tags[i];
    if (tag !== undefined && holds(tag.when, 'enter', sight)) return entered(dimension, state, i, sight);
  }
  if (present === undefined || holds(present.when, 'keep', sight)) {
    return dueAfresh(dimension, failing(state, NEVER), sight);
  }
  const failingSince = earliest(state.failingSince, now);
  const leavesAt = latest(dwellUntil, plus(failingSince, present.graceMs));
  if (now < leavesAt) return dueAfresh(dimension, failing(state, failingSince), sight);
  return entered(dimension, state, lowerTag(dimension, state.tag, sight), sight);
}

/**
 * The same standing with its due as of now. A fact brings forward the scores that follow it, not the dues of dimensions it does
 * not move, though these may move with the scores; and scores that need not be awaited are no due any more.
 */
export function dueAfresh(dimension: Dimension, state: DimensionState, sight: Sight): DimensionState {
  const dueAt = dueOf(dimension, state, sight);
  if (dueAt === state.dueAt) return state;
  return dimensionState(state.tag, state.since, state.failingSince, state.transitions, dueAt);
}

/** The instant at which a silent person's tag does change, and the state they will be in. The due must be as of now. */
export function nextChange(
  dimension: Dimension,
  state: DimensionState,
  sight: Sight,
): DimensionState | undefined {
  const silent = { ...sight, nextReviewAt: NEVER };
  // A due may be early, for one because of the review; such are stepped over.
  let ahead = state;
  while (ahead.dueAt !== NEVER) {
    const next = step(dimension, ahead, { ...silent, now: ahead.dueAt });
    if (next.tag !== state.tag) return next;
    ahead = next;
  }
  return undefined;
}

function lowerTag(dimension: Dimension, from: number, sight: Sight): number {
  const { tags } = dimension;
  if (dimension.ladder) return from + 1 < tags.length ? from + 1 : -1;
  return tags.findIndex((tag, i) => i > from && holds(tag.when, 'enter', sight));
}

function entered(dimension: Dimension, state: DimensionState, tag: number, sight: Sight): DimensionState {
  const present = dimension.tags[tag];
  const fails = present !== undefined && !holds(present.when, 'keep', sight);
  const failingSince = fails ? sight.now : NEVER;
  const next = dimensionState(tag, sight.now, failingSince, state.transitions + 1, state.dueAt);
  return dueAfresh(dimension, next, sight);
}

function failing(state: DimensionState, failingSince: Instant): DimensionState {
  if (failingSince === state.failingSince) return state;
  return dimensionState(state.tag, state.since, failingSince, state.transitions, state.dueAt);
}

/**
 * Looks only at what can move the tag from where it is: higher tags, and the present one's own `keep`. Lower
 * tags are asked when the present one is left; none is while the dimension does not let the person in.
 */
function dueOf(dimension: Dimension, state: DimensionState, sight: Sight): Instant {
  const { among, tags } = dimension;
  const present = tags[state.tag];
  const dwellUntil = present === undefined ? instant(0) : plus(state.since, present.dwellMs);
  let due: Instant = NEVER;
  if (among !== undefined) {
    if (present !== undefined) due = flipsAt(among, 'keep', sight);
    else if (!holds(among, 'enter', sight)) return flipsAt(among, 'enter', sight);
  }
  const above = present === undefined ? tags.length : state.tag;
  for (let i = 0; i < above; i++) {
    const tag = tags[i];
    if (tag === undefined) continue;
    const waits = sight.now < dwellUntil && holds(tag.when, 'enter', sight);
    due = earliest(due, waits ? dwellUntil : latest(flipsAt(tag.when, 'enter', sight), dwellUntil));
  }
  if (present === undefined) return due;
  if (state.failingSince === NEVER) return earliest(due, flipsAt(present.when, 'keep', sight));
  const leavesAt = latest(dwellUntil, plus(state.failingSince, present.graceMs));
  return earliest(due, earliest(leavesAt, flipsAt(present.when, 'keep', sight)));
}
