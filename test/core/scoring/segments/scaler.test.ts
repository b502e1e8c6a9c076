import { describe, expect, it } from 'vitest';
import { LEAST_DEVIATION, fitScaler, scaled } from '../../../../src/core/scoring/segments/scaler.ts';

describe('the scaler', () => {
  it('gives each column mean 0 and deviation 1', () => {
    const rows = [
      [1, 10],
      [2, 30],
      [6, 20],
    ];
    const scaler = fitScaler(rows, 'v1');
    expect(scaler).toEqual({
      version: 'v1',
      means: [3, 20],
      deviations: [Math.sqrt(14 / 3), Math.sqrt(200 / 3)],
    });
    const points = rows.map((row) => scaled(row, scaler));
    for (const column of [0, 1]) {
      const values = points.map((point) => point[column] ?? NaN);
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
      expect(values.reduce((sum, value) => sum + value * value, 0) / 3).toBeCloseTo(1, 12);
    }
  });

  it('does not stretch what hardly differs', () => {
    const scaler = fitScaler([[5], [5], [5.01]], 'v1');
    expect(scaler.deviations).toEqual([LEAST_DEVIATION]);
    expect(scaled([5.01], scaler)[0]).toBeLessThan(0.1);
  });

  it('stretches a column no further than is asked for it', () => {
    const rows = [
      [0, 0],
      [0.3, 0.3],
    ];
    expect(fitScaler(rows, 'v1', [0.2, 0.1]).deviations).toEqual([0.2, 0.15]);
  });

  it('learns from those who have a value, and puts the others at the mean', () => {
    const scaler = fitScaler(
      [
        [1, NaN],
        [NaN, NaN],
        [3, NaN],
      ],
      'v1',
    );
    expect(scaler.means).toEqual([2, 0]);
    expect(scaler.deviations).toEqual([1, LEAST_DEVIATION]);
    expect(scaled([NaN, NaN], scaler)).toEqual([0, 0]);
    expect(scaled([3, 0], scaler)).toEqual([1, 0]);
  });
});
