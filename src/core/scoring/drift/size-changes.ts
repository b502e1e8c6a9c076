import type { Instant } from '../../time.ts';
import { blankRow, type Finding } from './drift-row.ts';

/** A move between two tags of a dimension; `none` for holding no tag. */
export interface TagMove {
  readonly dimension: string;
  readonly from: string;
  readonly to: string;
  /** As transitions name it. */
  readonly cause: string;
  /** How many people moved so; 1 when absent. */
  readonly people?: number;
}

/** People by dimension and tag. */
export type TagSizes = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Why a tag has gained or lost people. `people_moved`: by something they did; `time_passed`: by its lack. `other`: moves of a cause not listed here. `not_told`: what no move accounts for,
 * so people erased, or moves and sizes that are not of the same period; 0 when all is well.
 */
export type SizeCause =
  | 'people_moved'
  | 'time_passed'
  | 'rule_edited'
  | 'model_replaced'
  | 'centroids_moved'
  | 'population'
  | 'late_data'
  | 'other'
  | 'not_told';

const CAUSES: ReadonlyMap<string, SizeCause> = new Map([
  ['event', 'people_moved'],
  ['time', 'time_passed'],
  ['refund', 'people_moved'],
  ['merge', 'people_moved'],
  ['policy', 'rule_edited'],
  ['model', 'model_replaced'],
  ['refit', 'centroids_moved'],
  ['population', 'population'],
  ['late_event', 'late_data'],
]);

/** People who hold no tag are nobody's size. */
const NO_TAG = 'none';

export interface SizeChange {
  readonly dimension: string;
  readonly tag: string;
  readonly before: number;
  readonly after: number;
  /** People gained, net, by cause; those that are 0 are absent. Adds up to `after` − `before` exactly. */
  readonly causes: Readonly<Partial<Record<SizeCause, number>>>;
}

/**
 * Splits the change of every tag's size by what moved people into and out of it. `moves` are those that lie between the
 * two sizes: by the instant they were decided when sizes are what was known then, by `effective_at` when both
 * are reckoned from transitions. Tags that have no size and no move are absent. Sorted by dimension and tag.
 */
export function splitSizeChanges(before: TagSizes, after: TagSizes, moves: Iterable<TagMove>): SizeChange[] {
  const changes = new Map<string, Tally>();
  const tallyOf = (dimension: string, tag: string): Tally => {
    const key = JSON.stringify([dimension, tag]);
    const tally = changes.get(key) ?? { dimension, tag, before: 0, after: 0, gains: new Map() };
    changes.set(key, tally);
    return tally;
  };
  forEachSize(before, (dimension, tag, people) => (tallyOf(dimension, tag).before = people));
  forEachSize(after, (dimension, tag, people) => (tallyOf(dimension, tag).after = people));
  for (const { dimension, from, to, cause, people = 1 } of moves) {
    const group = CAUSES.get(cause) ?? 'other';
    add(tallyOf(dimension, from).gains, group, -people);
    add(tallyOf(dimension, to).gains, group, people);
  }
  return [...changes.values()]
    .filter(({ tag }) => tag !== NO_TAG)
    .sort((a, b) => order(a.dimension, b.dimension) || order(a.tag, b.tag))
    .map(({ gains, ...change }) => {
      const told = [...gains.values()].reduce((sum, gain) => sum + gain, 0);
      add(gains, 'not_told', change.after - change.before - told);
      const kept = [...gains].filter(([, gain]) => gain !== 0).sort(([a], [b]) => order(a, b));
      return { ...change, causes: Object.fromEntries(kept) };
    });
}

/** As rows, which nothing is tested by: whether a change is much is asked of the dimension's shares. */
export function sizeChangeFindings(changes: readonly SizeChange[], measuredAt: Instant): Finding[] {
  return changes.map(({ dimension, tag, before, after, causes }) => {
    const blank = blankRow({
      measured_at: measuredAt,
      kind: 'segment_size',
      name: dimension,
      stratum: tag,
      n_reference: before,
      n_current: after,
    });
    return { row: { ...blank, causes } };
  });
}

interface Tally {
  readonly dimension: string;
  readonly tag: string;
  before: number;
  after: number;
  readonly gains: Map<SizeCause, number>;
}

function forEachSize(sizes: TagSizes, visit: (dimension: string, tag: string, people: number) => void): void {
  for (const [dimension, tags] of Object.entries(sizes))
    for (const [tag, people] of Object.entries(tags)) visit(dimension, tag, people);
}

function add(gains: Map<SizeCause, number>, cause: SizeCause, people: number): void {
  gains.set(cause, (gains.get(cause) ?? 0) + people);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
