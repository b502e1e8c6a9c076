import type { ServedScorer } from './served-scorer.ts';

/**
 * Where the pipeline asks, at the boundary of a turn, which models are in force. The same scorer until another model
 * was promoted: asking costs next to nothing. A registry that cannot be read leaves the last one in force.
 */
export interface ModelSource {
  latest(): Promise<ServedScorer>;
}
