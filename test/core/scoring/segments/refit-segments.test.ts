import { describe, expect, it } from 'vitest';
import { kmeansClustering } from '../../../../src/adapters/kmeans/kmeans-clustering.ts';
import type { ClusterPoints } from '../../../../src/core/scoring/segments/clustering-steps.ts';
import type { Points } from '../../../../src/core/scoring/segments/nearest-centroid.ts';
import { refitSegments, type Refit } from '../../../../src/core/scoring/segments/refit-segments.ts';
import type { SegmentModel } from '../../../../src/core/scoring/segments/segment-model.ts';
import { segmentModel } from './a-segment-model.ts';
import { peopleAround, threeKinds } from './some-people.ts';

const { cluster, match } = kmeansClustering;

function refit(model: SegmentModel, rows: Points): Refit {
  const outcome = refitSegments(model, rows, { version: 'v2', seed: 9 }, cluster, match);
  if (!outcome.ok) throw new Error(outcome.error.reason);
  return outcome.value;
}

describe('a refit', () => {
  const model = segmentModel(threeKinds(100, 1));

  it('of the same people is the same model, but for its version', () => {
    const { refusals, candidate, evidence } = refit(model, threeKinds(100, 1));
    expect(refusals).toEqual([]);
    expect(evidence.agreement).toBe(1);
    for (const move of evidence.moves) expect(move).toBeCloseTo(0, 6);
    expect(candidate.names).toEqual(model.names);
    expect(candidate.version).toBe('v2');
    expect(candidate.scaler).toEqual(model.scaler);
    expect(candidate.metrics.choice).toEqual(model.metrics.choice);
  });

  it('of people who moved a little goes on where the old centroids were', () => {
    const older = threeKinds(100, 20).map(([days = 0, ...rest]) => [days * 1.1, ...rest]);
    const { refusals, candidate, evidence } = refit(model, older);
    expect(refusals).toEqual([]);
    expect(Math.max(...evidence.moves)).toBeGreaterThan(0.01);
    expect(candidate.names).toEqual(model.names);
    expect(candidate.centroids).not.toEqual(model.centroids);
  });

  it('is refused for a centroid that moved too far', () => {
    const lapsed = threeKinds(100, 1).map((row, i) => (i < 100 ? [9_000, ...row.slice(1)] : row));
    const { refusals, evidence } = refit(model, lapsed);
    expect(refusals.map(({ rule }) => rule)).toEqual(['movement']);
    expect(refusals[0]).toMatchObject({ value: Math.max(...evidence.moves), limit: 0.5 });
    expect(refusals[0]?.words).toContain(evidence.moves.find((move) => move >= 0.5)?.toFixed(3));
  });

  it('is refused for labels that changed, for names that changed hands, and tells each', () => {
    // The lapsed kind is gone, and the good one falls apart into two.
    const others = [
      ...peopleAround([8, 20, 90], 100, 2),
      ...peopleAround([8, 80, 90], 100, 3),
      ...peopleAround([12, 1.2, 28], 100, 4),
    ];
    const { refusals, evidence } = refit(model, others);
    const by = (rule: string) => refusals.find((refusal) => refusal.rule === rule);
    expect(by('agreement')).toMatchObject({ value: evidence.agreement, limit: 0.8 });
    expect(by('movement')).toMatchObject({ value: Math.max(...evidence.moves), limit: 0.5 });
    expect(by('names')).toMatchObject({ value: evidence.renamedShare, limit: 0 });
    expect(by('names')?.words).toContain((100 * evidence.renamedShare).toFixed(1));
  });

  it('is refused for clusters that got blurred', () => {
    // Better by what k-means counts and worse by the silhouette: a heap of many is cut up, two of few are put together.
    const rows = [
      ...peopleAround([10, 2, 20], 900, 1, 0.9),
      ...peopleAround([400, 2, 20], 12, 2, 0.05),
      ...peopleAround([10, 60, 20], 12, 3, 0.05),
    ];
    const apart: SegmentModel = {
      ...model,
      centroids: [
        [10, 2, 20],
        [400, 2, 20],
        [10, 60, 20],
      ].map((row) =>
        row.map(
          (value, i) =>
            (Math.log1p(value) - (model.scaler.means[i] ?? 0)) / (model.scaler.deviations[i] ?? 1),
        ),
      ),
    };
    const { refusals, evidence } = refit(apart, rows);
    const refusal = refusals.find(({ rule }) => rule === 'silhouette');
    expect(evidence.silhouetteBefore - evidence.silhouetteAfter).toBeGreaterThan(0.03);
    expect(refusal).toMatchObject({
      value: evidence.silhouetteBefore - evidence.silhouetteAfter,
      limit: 0.03,
    });
  });

  it('begins from the old centroids too, and puts what comes of it where they were', () => {
    const keepsAndTurnsRound: ClusterPoints = (_points, { from }) => [...(from ?? [])].reverse();
    const plan = { version: 'v2', seed: 9 };
    const outcome = refitSegments(model, threeKinds(100, 50), plan, keepsAndTurnsRound, match);
    expect(outcome.ok && outcome.value.refusals).toEqual([]);
    expect(outcome.ok && outcome.value.candidate.centroids).toEqual(model.centroids);
  });

  it('needs as many people as there are clusters', () => {
    expect(
      refitSegments(
        model,
        [
          [1, 2, 3],
          [NaN, 1, 1],
        ],
        { version: 'v2', seed: 1 },
        cluster,
        match,
      ),
    ).toEqual({
      ok: false,
      error: { reason: 'too_few_people', people: 1, needed: 3 },
    });
  });
});
