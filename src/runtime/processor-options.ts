import type { Rulebook } from '../core/tagging/rulebook.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { ServedScorer } from './serving/served-scorer.ts';

export interface ProcessorOptions {
  readonly store: StateStore;
  readonly rulebook: Rulebook;
  /** Scores people at first; another may take its place: {@link StreamProcessor.useModels}. */
  readonly scorer?: ServedScorer | undefined;
  /** People whose records are kept between turns, instead of asking the store for them again. */
  readonly cachePeople: number;
  /** Decide triggers, but mark them as not to be sent (backfill). */
  readonly muteTriggers: boolean;
  /** Partitions of the store to work on; all when absent. Facts about people of others are announced, not folded. */
  readonly partitions?: readonly number[];
  /**
   * Awaited after every turn of a pass over everybody, which may take long: what was announced can be told, and the pass
   * given up by throwing. It is taken up where it was given up.
   */
  readonly betweenTurns?: () => Promise<void>;
}
