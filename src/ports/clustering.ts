import type { ClusterPoints, MatchRows } from '../core/scoring/segments/clustering-steps.ts';

/**
 * The two numerical steps of making segments that libraries know better than we do. Both are pure: equal arguments
 * give equal answers, bit by bit on one engine, and nothing is kept between calls.
 */
export interface Clustering {
  readonly cluster: ClusterPoints;
  readonly match: MatchRows;
}
