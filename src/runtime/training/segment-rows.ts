import type { MoneyRules } from '../../core/events/interpret.ts';
import { featureNamed } from '../../core/features/catalogue.ts';
import type { Points } from '../../core/scoring/segments/nearest-centroid.ts';
import type { SegmentInput } from '../../core/scoring/segments/segment-inputs.ts';
import type { Instant } from '../../core/time.ts';
import type { EventSource } from '../../ports/event-source.ts';
import type { StateStore } from '../../ports/state-store.ts';
import { readSnapshots, type SnapshotResult } from './read-snapshots.ts';
import { snapshotEnvironment } from './snapshot-environment.ts';

/** Everybody at one instant, whether they ever ordered or not. */
export interface SegmentRows {
  readonly at: Instant;
  readonly personIds: readonly string[];
  /** One row a person, in the order of `personIds`; columns as in `inputs`, NaN for no value. */
  of(inputs: readonly SegmentInput[]): Points;
}

export interface SegmentRowsRequest {
  readonly source: EventSource;
  /** Empty. */
  readonly store: StateStore;
  readonly money: MoneyRules;
  /** Names of the catalogue: all that rows will be asked for. */
  readonly features: ReadonlySet<string>;
  /** Ascending, without repeats; NEVER: the end of the history. */
  readonly instants: readonly Instant[];
  readonly onProgress?: (recordsRead: number) => void;
  readonly signal?: AbortSignal;
}

export interface SegmentHistory extends SnapshotResult {
  /** One per instant, in their order. */
  readonly snapshots: readonly SegmentRows[];
}

/** Reads a source once, through the code that serves. Memory: eight bytes a person, feature and instant. */
export async function readSegmentRows(request: SegmentRowsRequest): Promise<SegmentHistory> {
  const { money } = request;
  const environment = snapshotEnvironment(money);
  const features = [...request.features].map((name) => {
    const feature = featureNamed(name);
    if (feature === undefined) throw new RangeError(`no feature ${name}`);
    return feature;
  });
  const columnOf = (name: string): number => features.findIndex((feature) => feature.name === name);
  const snapshots: SegmentRows[] = [];
  let personIds: string[] = [];
  let rows: Float64Array[] = [];
  const result = await readSnapshots({
    ...request,
    who: 'everybody',
    onPerson(personId, windows, at) {
      personIds.push(personId);
      rows.push(Float64Array.from(features, (feature) => feature.read(windows, at, environment)));
    },
    onSnapshot(at) {
      const [taken, ids] = [rows, personIds];
      [rows, personIds] = [[], []];
      snapshots.push({
        at,
        personIds: ids,
        of(inputs) {
          const columns = inputs.map(({ feature }) => columnOf(feature));
          return taken.map((row) => columns.map((column) => row[column] ?? NaN));
        },
      });
    },
  });
  return { ...result, snapshots };
}
