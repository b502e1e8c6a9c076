import { DAY_MS, plus, type Instant } from '../../time.ts';

/** The part of a transition that flapping is read from. */
export interface TagChange {
  readonly personId: string;
  readonly dimension: string;
  readonly from: string;
  readonly to: string;
  readonly effectiveAt: Instant;
}

export interface FlapRate {
  /** Changes whose time to be reverted is over. */
  readonly changes: number;
  /** Of these, how many were reverted within it. */
  readonly reverted: number;
  /** reverted ÷ changes; NaN without changes. */
  readonly rate: number;
  /** Changes too young to tell, counted neither way, reverted already or not. */
  readonly undecided: number;
}

/** How long a change has to last not to count as a flap. */
export const FLAP_WINDOW_MS = 30 * DAY_MS;

/**
 * Share of changes that are reverted: the person is back at the tag they left, in the same dimension, at most
 * `windowMs` later, be it by way of others. `until` is up to when the changes are known. A person's first change of a
 * dimension, from having no tag (`none`), is how tags begin and counts as no change. The order of the list matters
 * only among changes of one person, dimension and instant, which must stand as they happened.
 */
export function flapRate(
  changes: Iterable<TagChange>,
  until: Instant,
  windowMs: number = FLAP_WINDOW_MS,
): FlapRate {
  let decided = 0;
  let reverted = 0;
  let undecided = 0;
  for (const walk of walksOf(changes)) {
    walk.forEach((change, i) => {
      const end = plus(change.effectiveAt, windowMs);
      if (i === 0 && change.from === 'none') return;
      if (end > until) {
        undecided++;
        return;
      }
      decided++;
      const isBack = walk.some(({ to, effectiveAt }, j) => j > i && to === change.from && effectiveAt <= end);
      if (isBack) reverted++;
    });
  }
  return { changes: decided, reverted, rate: reverted / decided, undecided };
}

/** The changes of each person and dimension, by time. */
function walksOf(changes: Iterable<TagChange>): Iterable<TagChange[]> {
  const walks = new Map<string, TagChange[]>();
  for (const change of changes) {
    const key = JSON.stringify([change.dimension, change.personId]);
    const walk = walks.get(key);
    if (walk === undefined) walks.set(key, [change]);
    else walk.push(change);
  }
  for (const walk of walks.values()) walk.sort((a, b) => a.effectiveAt - b.effectiveAt);
  return walks.values();
}
