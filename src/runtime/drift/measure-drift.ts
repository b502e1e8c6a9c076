import {
  compareWithReference,
  type ReferenceMismatch,
} from '../../core/scoring/drift/compare-with-reference.ts';
import type { DriftReference, Snapshot } from '../../core/scoring/drift/drift-reference.ts';
import { judgeDrift } from '../../core/scoring/drift/judge-drift.ts';
import {
  sizeChangeFindings,
  splitSizeChanges,
  type TagMove,
  type TagSizes,
} from '../../core/scoring/drift/size-changes.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { isoOf, type Instant } from '../../core/time.ts';
import type { MeasuredDriftRow } from '../../ports/analytics.ts';

export interface DriftMeasurement {
  readonly reference: DriftReference;
  /** What the rows call it: a model version, or an instant. */
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly sizes: {
    readonly since: Instant;
    readonly before: TagSizes;
    readonly after: TagSizes;
    /** Those between the two. */
    readonly moves: Iterable<TagMove>;
  };
}

/** Measures and judges everything of one occasion together: the rows of the table `drift`, alarms among them. */
export function measureDrift({
  reference,
  name,
  snapshot,
  sizes,
}: DriftMeasurement): Result<MeasuredDriftRow[], ReferenceMismatch> {
  const compared = compareWithReference(reference, snapshot);
  if (!compared.ok) return err(compared.error);
  const changes = splitSizeChanges(sizes.before, sizes.after, sizes.moves);
  const findings = [...compared.value, ...sizeChangeFindings(changes, snapshot.at)];
  const since = isoOf(sizes.since);
  return ok(
    judgeDrift(findings).map((row) => ({ reference: row.kind === 'segment_size' ? since : name, ...row })),
  );
}
