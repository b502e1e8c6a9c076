import { err, ok, type Result } from '../../result.ts';
import { STARTS } from './choose-cluster-count.ts';
import type { ClusterPoints, MatchRows } from './clustering-steps.ts';
import { inOrder, segmentMetrics, usableLogs, FIT_SAMPLE, type TooFewPeople } from './fit-segments.ts';
import { nearestCentroids, squaredDistance, type Points } from './nearest-centroid.ts';
import { adjustedRandIndex } from './partition-agreement.ts';
import { scaled } from './scaler.ts';
import { sampleOf } from './seeded-draws.ts';
import type { SegmentModel } from './segment-model.ts';
import { segmentNames } from './segment-names.ts';
import { sampledSilhouette } from './silhouette.ts';

/** What a refit may change at most. */
export const PUBLISH_LIMITS = {
  /** How much the silhouette may fall. */
  silhouetteLoss: 0.03,
  /** Adjusted Rand index between the labels before and after, at least. */
  agreement: 0.8,
  /** How far the centroid that moved most may have moved: less than this many standard deviations. */
  movement: 0.5,
} as const;

/** All measured on today's people. */
export interface RefitEvidence {
  readonly people: number;
  readonly silhouetteBefore: number;
  readonly silhouetteAfter: number;
  readonly agreement: number;
  /** Of each centroid, in the model's order, in standard deviations. */
  readonly moves: readonly number[];
  /** Share of the people in centroids that the naming rule now calls otherwise. */
  readonly renamedShare: number;
}

export interface Refusal {
  readonly rule: 'silhouette' | 'agreement' | 'movement' | 'names';
  readonly value: number;
  readonly limit: number;
  /** "the silhouette fell by 0.052; at most 0.03 is allowed" */
  readonly words: string;
}

export interface Refit {
  /** Why the new centroids are not to be published; none when they are. */
  readonly refusals: readonly Refusal[];
  /** The renewed model, published or not: centroid i goes on where the old centroid i was. */
  readonly candidate: SegmentModel;
  readonly evidence: RefitEvidence;
}

export interface RefitPlan {
  /** Of the renewed model; its scaler keeps the old version. */
  readonly version: string;
  readonly seed: number;
}

/**
 * The centroids of a model anew, from today's people, with its number of clusters and its scaler. It begins both from
 * fresh draws and from the old centroids, so that it leaves these only for better ones; each new centroid then takes
 * the place of the old one it is matched with, at the least total distance.
 *
 * It is to be published when nothing in `refusals` speaks against it. Otherwise the old model stays in force, or a new
 * one is trained: a name that changes hands is no refit either, as everybody in it would change tags at once.
 * `rows` as in fitting, in any order.
 */
export function refitSegments(
  model: SegmentModel,
  rows: Points,
  plan: RefitPlan,
  cluster: ClusterPoints,
  match: MatchRows,
): Result<Refit, TooFewPeople> {
  const logs = inOrder(usableLogs(model.inputs, rows));
  const clusters = model.centroids.length;
  if (logs.length < clusters) return err({ reason: 'too_few_people', people: logs.length, needed: clusters });
  const points = sampleOf(
    logs.map((row) => scaled(row, model.scaler)),
    FIT_SAMPLE,
    plan.seed,
  );
  const fresh = cluster(points, { clusters, seed: plan.seed, starts: STARTS, from: model.centroids });
  const centroids = inPlaceOf(model.centroids, fresh, match);
  const candidate: SegmentModel = {
    ...model,
    version: plan.version,
    centroids,
    names: segmentNames(model.naming, model.inputs, centroids),
    metrics: segmentMetrics(points, centroids, model.metrics.choice, plan.seed),
  };
  const evidence = compare(model, candidate, points, plan.seed);
  return ok({ refusals: refusalsOf(evidence), candidate, evidence });
}

/** New centroids in the order of the old ones they go on from. */
export function inPlaceOf(before: Points, fresh: Points, match: MatchRows): Points {
  const costs = before.map((old) => fresh.map((one) => Math.sqrt(squaredDistance(old, one))));
  return match(costs).map((column) => fresh[column] ?? []);
}

function compare(model: SegmentModel, candidate: SegmentModel, points: Points, seed: number): RefitEvidence {
  const before = nearestCentroids(points, model.centroids);
  const after = nearestCentroids(points, candidate.centroids);
  return {
    people: points.length,
    silhouetteBefore: sampledSilhouette(points, before, seed),
    silhouetteAfter: candidate.metrics.silhouette,
    agreement: adjustedRandIndex(before, after),
    moves: model.centroids.map((old, i) => Math.sqrt(squaredDistance(old, candidate.centroids[i] ?? []))),
    renamedShare: candidate.metrics.shares.reduce(
      (sum, share, i) => (candidate.names[i] === model.names[i] ? sum : sum + share),
      0,
    ),
  };
}

function refusalsOf(evidence: RefitEvidence): Refusal[] {
  const refusals: Refusal[] = [];
  const loss = evidence.silhouetteBefore - evidence.silhouetteAfter;
  const { silhouetteLoss, agreement, movement } = PUBLISH_LIMITS;
  // Written so that a NaN refuses.
  if (!(loss <= silhouetteLoss))
    refusals.push({
      rule: 'silhouette',
      value: loss,
      limit: silhouetteLoss,
      words: `the silhouette fell by ${loss.toFixed(3)}; at most ${silhouetteLoss} is allowed`,
    });
  if (!(evidence.agreement >= agreement))
    refusals.push({
      rule: 'agreement',
      value: evidence.agreement,
      limit: agreement,
      words: `old and new labels agree to ${evidence.agreement.toFixed(3)} (adjusted Rand index); at least ${agreement} is needed`,
    });
  const furthest = Math.max(...evidence.moves);
  if (!(furthest < movement))
    refusals.push({
      rule: 'movement',
      value: furthest,
      limit: movement,
      words: `a centroid moved by ${furthest.toFixed(3)} standard deviations; it must be less than ${movement}`,
    });
  if (evidence.renamedShare > 0)
    refusals.push({
      rule: 'names',
      value: evidence.renamedShare,
      limit: 0,
      words: `centroids with ${(100 * evidence.renamedShare).toFixed(1)} % of the people would change names; none may`,
    });
  return refusals;
}
