import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fitLogistic,
  predictLogistic,
  type LogisticModel,
} from '../../../../src/core/scoring/churn/logistic-regression.ts';
import { seededRandom } from '../../../../src/core/seeded-random.ts';

const input = fc.integer({ min: -80, max: 80 }).map((x) => x / 16);
const row = fc.tuple(input, input);
const labelled = fc.array(fc.record({ row, label: fc.constantFrom(0, 1) }), {
  minLength: 5,
  maxLength: 60,
  size: 'max',
});
const mixed = labelled.filter((some) => new Set(some.map(({ label }) => label)).size === 2);

function parted(some: readonly { row: readonly number[]; label: number }[]) {
  return { rows: some.map((one) => one.row), labels: some.map(({ label }) => label) };
}

/** How far the penalised loss is from flat, along the intercept and each standardised input. */
function slopes(
  model: LogisticModel,
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  l2: number,
): number[] {
  const errors = rows.map((one, i) => predictLogistic(model, one) - (labels[i] ?? NaN));
  const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
  const ofInputs = model.coefficients.map((coefficient, j) => {
    const column = rows.map((one) => one[j] ?? NaN);
    const mean = sum(column) / column.length;
    const spread = Math.sqrt(sum(column.map((x) => (x - mean) ** 2)) / column.length);
    if (spread === 0) return coefficient;
    return sum(column.map((x, i) => ((x - mean) / spread) * (errors[i] ?? NaN))) + l2 * coefficient * spread;
  });
  return [sum(errors), ...ofInputs];
}

describe('fitLogistic', () => {
  it('ends where the penalised loss is flat, which is its only minimum', () => {
    fc.assert(
      fc.property(mixed, fc.constantFrom(0.01, 1, 30), (some, l2) => {
        const { rows, labels } = parted(some);
        const model = fitLogistic(rows, labels, { l2 });
        for (const slope of slopes(model, rows, labels, l2)) expect(Math.abs(slope)).toBeLessThan(1e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('recovers the coefficients that labels were drawn with', () => {
    const random = seededRandom(4, 'logistic');
    const truth = { intercept: -1, coefficients: [0.8, -0.002] };
    const rows = Array.from({ length: 20_000 }, () => [random.uniform() * 4, random.uniform() * 1000]);
    const labels = rows.map((one) => Number(random.uniform() < predictLogistic(truth, one)));
    const { intercept, coefficients } = fitLogistic(rows, labels, { l2: 0 });
    expect(intercept).toBeCloseTo(truth.intercept, 1);
    expect((coefficients[0] ?? NaN) / 0.8).toBeCloseTo(1, 1);
    expect((coefficients[1] ?? NaN) / -0.002).toBeCloseTo(1, 1);
  });

  it('predicts the same whatever the inputs are measured in', () => {
    fc.assert(
      fc.property(mixed, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), input, (some, scale, shift) => {
        const { rows, labels } = parted(some);
        const other = rows.map(([x = NaN, y = NaN]) => [x * scale + shift, y]);
        const [here, there] = [rows, other].map((all) => {
          const model = fitLogistic(all, labels, { l2: 1 });
          return all.map((one) => predictLogistic(model, one));
        });
        here?.forEach((probability, i) => expect(there?.[i]).toBeCloseTo(probability, 6));
      }),
    );
  });

  it('takes weights, and targets between 0 and 1, as so many rows', () => {
    const rows = [[1], [2], [3]];
    const grouped = fitLogistic(rows, [0.25, 0.5, 1], { l2: 0.5, weights: [4, 2, 1] });
    const singly = fitLogistic([[1], [1], [1], [1], [2], [2], [3]], [1, 0, 0, 0, 1, 0, 1], { l2: 0.5 });
    expect(grouped.intercept).toBeCloseTo(singly.intercept, 8);
    expect(grouped.coefficients[0]).toBeCloseTo(singly.coefficients[0] ?? NaN, 8);
  });

  it('stays finite where a threshold parts the classes, and tells them apart', () => {
    const rows = [[1], [2], [1000], [1001]];
    for (const l2 of [0, 1e-6, 1]) {
      const model = fitLogistic(rows, [0, 0, 1, 1], { l2 });
      expect(Number.isFinite(model.intercept) && model.coefficients.every(Number.isFinite)).toBe(true);
      const [low = NaN, , high = NaN] = rows.map((one) => predictLogistic(model, one));
      expect(low).toBeLessThan(0.5);
      expect(high).toBeGreaterThan(0.5);
    }
  });

  it('gives 0 to what never varies, and to what doubles another input', () => {
    const rows = [
      [0.1, 1, 2],
      [0.1, 2, 4],
      [0.1, 3, 6],
      [0.1, 4, 8],
    ];
    const { coefficients } = fitLogistic(rows, [0, 1, 0, 1], { l2: 0 });
    expect(coefficients[0]).toBe(0);
    expect(coefficients[1]).toBeGreaterThan(0);
    expect(coefficients[2]).toBe(0);
  });

  it.each([
    [
      'one class',
      [
        [1, 2],
        [3, 4],
      ],
      [1, 1],
      3 / 4,
    ],
    [
      'the other class',
      [
        [1, 2],
        [3, 4],
      ],
      [0, 0],
      1 / 4,
    ],
    ['nobody', [], [], 1 / 2],
  ])('says (ones + 1) / (rows + 2) of %s', (_, rows, labels, share) => {
    const model = fitLogistic(rows, labels, { l2: 1 });
    expect(predictLogistic(model, [5, 6])).toBeCloseTo(share, 12);
  });

  it.each([[[[1], [NaN]]], [[[1], [Infinity]]], [[[1], []]]])('refuses %j', (rows) => {
    expect(() => fitLogistic(rows, [0, 1], { l2: 1 })).toThrow(RangeError);
  });
});

describe('predictLogistic', () => {
  it('reaches 0 and 1 without overflow', () => {
    const model = { intercept: 0, coefficients: [1] };
    expect([-1e6, 0, 1e6].map((x) => predictLogistic(model, [x]))).toEqual([0, 0.5, 1]);
  });
});
