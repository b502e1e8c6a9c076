import { describe, expect, it } from 'vitest';
import { kmeansClustering } from '../../../../src/adapters/kmeans/kmeans-clustering.ts';
import { fitSegments } from '../../../../src/core/scoring/segments/fit-segments.ts';
import { parseSegmentModel } from '../../../../src/core/scoring/segments/parse-segment-model.ts';
import { STYLE_INPUTS, VALUE_INPUTS } from '../../../../src/core/scoring/segments/segment-inputs.ts';
import { PLAN, segmentModel } from './a-segment-model.ts';
import { RFM, peopleAround, threeKinds } from './some-people.ts';

describe('fitting segments', () => {
  it('finds the kinds of people there are and names them', () => {
    const model = segmentModel(threeKinds(100, 1));
    expect(model.metrics.choice).toMatchObject({ clusters: 3, isStable: true });
    expect([...model.names].sort()).toEqual(['dormant', 'high_value', 'potential']);
    expect(model.metrics.shares).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(model.metrics.silhouette).toBeGreaterThan(0.6);
    expect(model.metrics.people).toBe(300);
  });

  it('gives plain data that survives a file', () => {
    const model = segmentModel(threeKinds(40, 2));
    expect(parseSegmentModel(JSON.parse(JSON.stringify(model)))).toEqual({ ok: true, value: model });
  });

  it('leaves out people without a value that must be there, and keeps those with one that may be missing', () => {
    const optional = RFM.map((input) =>
      input.role === 'value' ? { ...input, missing: 'mean' as const } : input,
    );
    const people = threeKinds(50, 3);
    const more = [...people, [NaN, 0, 50], [5, NaN, 50], [5, 1, NaN]];
    expect(segmentModel(more).metrics.people).toBe(150);
    expect(segmentModel(more, { inputs: optional }).metrics.people).toBe(151);
  });

  it('names styles', () => {
    const rows = [
      ...peopleAround([0.6, 1, 800, 1], 60, 1),
      ...peopleAround([0.1, 1, 9_000, 1], 60, 2),
      ...peopleAround([0.1, 2, 800, 30], 60, 3),
      ...peopleAround([0.1, 6, 800, 1], 60, 4),
    ];
    const model = segmentModel(rows, { naming: 'style', inputs: STYLE_INPUTS });
    expect([...model.names].sort()).toEqual(['collector', 'none', 'socialite', 'trend_follower']);
  });

  it('does not part people by whether they once returned one of a few orders', () => {
    const rows = [
      ...peopleAround([200, 2, 60, 0.4], 150, 1),
      ...peopleAround([40, 2, 60, 12], 150, 2),
      ...peopleAround([9, 18, 900, 30], 150, 3),
    ].map((row, i) => [...row, i % 6 === 0 ? 0.3 : 0]);
    const model = segmentModel(rows, { inputs: VALUE_INPUTS });
    expect([...model.names].sort()).toEqual(['dormant', 'high_value', 'potential']);
    expect(model.metrics.shares).toEqual([1 / 3, 1 / 3, 1 / 3]);
    const stretched = VALUE_INPUTS.map(({ feature, role, missing }) => ({ feature, role, missing }));
    expect(segmentModel(rows, { inputs: stretched }).metrics.shares).not.toEqual([1 / 3, 1 / 3, 1 / 3]);
  });

  it('says when there are too few people', () => {
    const rows = [...threeKinds(1, 1).slice(0, 2), [NaN, 1, 1]];
    expect(fitSegments(rows, PLAN, kmeansClustering.cluster)).toEqual({
      ok: false,
      error: { reason: 'too_few_people', people: 2, needed: 3 },
    });
    expect(fitSegments([], PLAN, kmeansClustering.cluster).ok).toBe(false);
  });
});
