import { describe, expect, it } from 'vitest';
import { STYLE_INPUTS, VALUE_INPUTS } from '../../../../src/core/scoring/segments/segment-inputs.ts';
import { segmentNames } from '../../../../src/core/scoring/segments/segment-names.ts';
import { RFM } from './some-people.ts';

describe('names of value segments', () => {
  it('say what the centroids are among one another', () => {
    const names = segmentNames('value_segment', VALUE_INPUTS, [
      [-0.9, 1.1, 1.0, 0.9, 0.1],
      [0.0, -0.6, -0.6, 0.4, -0.5],
      [0.4, -0.4, -0.3, -0.3, 2.2],
      [0.9, -0.3, -0.3, -1.3, -0.4],
    ]);
    expect(names).toEqual(['high_value', 'potential', 'ordinary', 'dormant']);
  });

  it('call dormant who was worth much and has gone', () => {
    const names = segmentNames('value_segment', VALUE_INPUTS, [
      [1, 1.2, 1.2, -1, 0],
      [-1, 1, 1, 1, 0],
      [-1, -1, -1, 1, 0],
    ]);
    expect(names).toEqual(['dormant', 'high_value', 'potential']);
  });

  it('do not call dormant who has not ordered for long but comes every day', () => {
    const [name] = segmentNames('value_segment', VALUE_INPUTS, [
      [1, -1, -1, 1, 0],
      [-1, 1, 1, 0.9, 0],
      [0, 0, 0, -1, 0],
    ]);
    expect(name).toBe('potential');
  });

  it('call nobody of high value where all are worth the same', () => {
    const names = segmentNames('value_segment', VALUE_INPUTS, [
      [-0.9, 1.5, 0, 0.9, 0],
      [0.0, -0.6, 0, 0.4, 0],
      [0.9, -0.6, 0, -1.3, 0],
    ]);
    expect(names).toEqual(['potential', 'potential', 'dormant']);
  });

  it('go by recency alone where engagement is no input', () => {
    const names = segmentNames('value_segment', RFM, [
      [0.5, -0.6, -0.5],
      [-2.1, 2.6, 0.5],
      [-2.1, -0.2, 0.2],
      [-0.8, -0.1, 0.0],
    ]);
    expect(names).toEqual(['dormant', 'high_value', 'potential', 'ordinary']);
  });

  it('are all ordinary where nobody differs, and may be shared', () => {
    const alike = [
      [0.1, 0, 0],
      [0, 0.1, 0],
      [0, 0, 0.1],
    ];
    expect(segmentNames('value_segment', RFM, alike)).toEqual(['ordinary', 'ordinary', 'ordinary']);
  });
});

describe('names of styles', () => {
  const name = (...centroid: number[]): string | undefined =>
    segmentNames('style', STYLE_INPUTS, [centroid])[0];

  it('say what stands out against the population, and what stays behind', () => {
    // novelty, frequency, price, community
    expect(name(1.4, -0.7, -0.1, -0.5)).toBe('trend_follower');
    expect(name(0, -0.2, 1.3, -0.3)).toBe('collector');
    expect(name(0, 0.2, 0, 3.3)).toBe('socialite');
    expect(name(0.1, 0.3, -0.9, -0.2)).toBe('none');
  });

  it('need what should be behind to be behind', () => {
    expect(name(1.4, 1.4, 0, 0)).toBe('none');
    expect(name(0, 1.2, 1.3, 0)).toBe('none');
    expect(name(0, 2, 1.5, 1.6)).toBe('none');
    expect(name(0, 1.2, 1.4, 1.5)).toBe('none');
  });

  it('take the style that is further ahead where two fit', () => {
    expect(name(1.5, -1, 0.9, 0)).toBe('trend_follower');
    expect(name(0.9, -1, 1.5, 0)).toBe('collector');
  });
});
