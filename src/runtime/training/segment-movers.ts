import { assignSegment } from '../../core/scoring/segments/assign-segment.ts';
import type { SegmentModel } from '../../core/scoring/segments/segment-model.ts';
import { whoMoved, type Mover } from '../../core/scoring/segments/segment-movement.ts';
import type { Instant } from '../../core/time.ts';
import type { SegmentRows } from './segment-rows.ts';

/** Whose label changes between two instants and two models, and by whose move. */
export interface Movement {
  readonly since: Instant;
  /** With a segment at both instants. */
  readonly people: number;
  /** They add up to `people`; `nobody` moved where the label is the same. */
  readonly byMover: Readonly<Record<Mover, number>>;
}

/**
 * Everybody who has a segment in both snapshots, with hysteresis from the label that `old` gave them in the first.
 * Undefined when there is nobody. Both models read the same features.
 */
export function moversBetween(
  old: SegmentModel,
  renewed: SegmentModel,
  before: SegmentRows,
  today: SegmentRows,
): Movement | undefined {
  const thenRows = before.of(old.inputs);
  const then = new Map(before.personIds.map((personId, i) => [personId, thenRows[i] ?? []]));
  const byMover: Record<Mover, number> = { person: 0, centroids: 0, both: 0, together: 0, nobody: 0 };
  let people = 0;
  const rows = today.of(old.inputs);
  today.personIds.forEach((personId, i) => {
    const [earlier, now] = [then.get(personId) ?? [], rows[i] ?? []];
    const previous = assignSegment(old, earlier)?.name;
    if (previous === undefined) return;
    const personAlone = assignSegment(old, now, previous)?.name;
    const centroidsAlone = assignSegment(renewed, earlier, previous)?.name;
    const present = assignSegment(renewed, now, previous)?.name;
    if (personAlone === undefined || centroidsAlone === undefined || present === undefined) return;
    people++;
    byMover[whoMoved({ previous, personAlone, centroidsAlone, now: present })]++;
  });
  return people === 0 ? undefined : { since: before.at, people, byMover };
}
