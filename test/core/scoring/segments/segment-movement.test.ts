import { describe, expect, it } from 'vitest';
import { whoMoved } from '../../../../src/core/scoring/segments/segment-movement.ts';

describe('who moved', () => {
  it.each([
    { personAlone: 'b', centroidsAlone: 'a', now: 'b', mover: 'person' },
    { personAlone: 'a', centroidsAlone: 'b', now: 'b', mover: 'centroids' },
    { personAlone: 'b', centroidsAlone: 'c', now: 'b', mover: 'both' },
    { personAlone: 'a', centroidsAlone: 'a', now: 'b', mover: 'together' },
    { personAlone: 'a', centroidsAlone: 'a', now: 'a', mover: 'nobody' },
    { personAlone: 'b', centroidsAlone: 'c', now: 'a', mover: 'nobody' },
  ])('from a to $now, alone $personAlone and $centroidsAlone: $mover', ({ mover, ...labels }) => {
    expect(whoMoved({ previous: 'a', ...labels })).toBe(mover);
  });
});
