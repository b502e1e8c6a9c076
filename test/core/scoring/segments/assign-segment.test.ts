import { describe, expect, it } from 'vitest';
import { assignPoint, assignSegment } from '../../../../src/core/scoring/segments/assign-segment.ts';
import { segmentModel } from './a-segment-model.ts';
import { threeKinds } from './some-people.ts';

/** On a line: a at 0, b at 9, and a again at 30. */
const LINE = { centroids: [[0], [9], [30]], names: ['a', 'b', 'a'], switchRatio: 1.25 };

describe('assignment', () => {
  it('without a held name is to the nearest centroid', () => {
    expect(assignPoint(LINE, [4.4]).name).toBe('a');
    expect(assignPoint(LINE, [4.6])).toEqual({
      name: 'b',
      distance: expect.closeTo(4.4, 12) as number,
      nearest: 'b',
      nearestDistance: expect.closeTo(4.4, 12) as number,
    });
  });

  it('leaves the held name only for one that is nearer by the ratio', () => {
    // At 5 the distances are 5 and 4, the very ratio, which is not less than it.
    expect(assignPoint(LINE, [5], 'a')).toEqual({ name: 'a', distance: 5, nearest: 'b', nearestDistance: 4 });
    expect(assignPoint(LINE, [5.001], 'a').name).toBe('b');
    expect(assignPoint(LINE, [4], 'b').name).toBe('b');
    expect(assignPoint(LINE, [3.999], 'b').name).toBe('a');
  });

  it('measures to the nearest centroid of a name: moving between two of one name is no move', () => {
    expect(assignPoint(LINE, [29], 'a')).toMatchObject({ name: 'a', distance: 1 });
    expect(assignPoint(LINE, [20], 'a')).toMatchObject({ name: 'a', distance: 10, nearest: 'a' });
  });

  it('forgets a name that the model does not have', () => {
    expect(assignPoint(LINE, [5], 'gone').name).toBe('b');
  });

  it('of equally near names takes the first in the alphabet', () => {
    const tied = { ...LINE, centroids: [[2], [0]], names: ['b', 'a'] };
    expect(assignPoint(tied, [1]).name).toBe('a');
  });

  it('takes feature values as the model was fitted on them', () => {
    const model = segmentModel(threeKinds(50, 1));
    expect(assignSegment(model, [250, 1, 25])?.name).toBe('dormant');
    expect(assignSegment(model, [5, 25, 100])?.name).toBe('high_value');
    expect(assignSegment(model, [9, 1, 25])?.name).toBe('potential');
    expect(assignSegment(model, [NaN, 1, 25])).toBeUndefined();
  });
});
