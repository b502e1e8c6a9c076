import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveCholesky } from '../../../../src/core/scoring/churn/cholesky.ts';

const entry = fc.double({ min: -4, max: 4, noNaN: true });

describe('solveCholesky', () => {
  it('gives back what the matrix was multiplied with', () => {
    const system = fc.integer({ min: 1, max: 5 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        factor: fc.array(entry, { minLength: size * size, maxLength: size * size }),
        solution: fc.array(entry, { minLength: size, maxLength: size }),
      }),
    );
    fc.assert(
      fc.property(system, ({ size, factor, solution }) => {
        const matrix = gram(factor, size);
        for (let i = 0; i < size; i++) matrix[i * size + i] = (matrix[i * size + i] ?? NaN) + 1;
        const product = multiply(matrix, solution);
        const found = solveCholesky(matrix, product);
        solution.forEach((x, i) => expect(found[i]).toBeCloseTo(x, 8));
      }),
    );
  });

  it('leaves an unknown at 0 that another one doubles', () => {
    const doubled = Float64Array.of(4, 8, 8, 16);
    expect([...solveCholesky(doubled, Float64Array.of(12, 24))]).toEqual([3, 0]);
  });
});

function gram(factor: readonly number[], size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let k = 0; k < size; k++) sum += (factor[i * size + k] ?? NaN) * (factor[j * size + k] ?? NaN);
    return sum;
  });
}

function multiply(matrix: Float64Array, vector: readonly number[]): Float64Array {
  return Float64Array.from(vector, (_, i) =>
    vector.reduce((sum, x, j) => sum + (matrix[i * vector.length + j] ?? NaN) * x, 0),
  );
}
