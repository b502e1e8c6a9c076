import type { Standardiser } from '../../ports/churn-network.ts';

/**
 * Deviations below this count as this much. Inputs are logarithms, ratios and scores of the order of 1; one that
 * hardly varied in training must not shout when it one day does.
 */
export const SCALE_FLOOR = 1e-3;

/**
 * Means and standard deviations (of the population, two passes, in doubles) of the columns of row-major `inputs`.
 * `rows` is at least 1. A column that never varies has exactly its value as mean, so that it comes out as 0: sums of
 * fewer than 2^29 equal floats are exact in doubles.
 */
export function fitStandardiser(inputs: Float32Array, rows: number, width: number): Standardiser {
  const mean = columnMeans(rows, width, (cell) => inputs[cell] ?? NaN);
  const variance = columnMeans(
    rows,
    width,
    (cell, column) => ((inputs[cell] ?? NaN) - (mean[column] ?? NaN)) ** 2,
  );
  return {
    mean: [...mean],
    scale: Array.from(variance, (square) => Math.max(SCALE_FLOOR, Math.sqrt(square))),
  };
}

/** Columns whose value is the same in every row. */
export function constantColumns(inputs: Float32Array, rows: number, width: number): ReadonlySet<number> {
  const constant = new Set(Array.from({ length: width }, (_, column) => column));
  for (let row = 1; row < rows && constant.size > 0; row++)
    for (const column of constant)
      if (inputs[row * width + column] !== inputs[column]) constant.delete(column);
  return constant;
}

/**
 * Writes row `from` of raw `inputs`, standardised, as row `to` of `target`. A RangeError where a cell is not
 * finite, or would not be as a 32-bit float.
 */
export type WriteStandardised = (
  inputs: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
) => void;

export function writeStandardised({ mean, scale }: Standardiser): WriteStandardised {
  const width = mean.length;
  const means = Float64Array.from(mean);
  const scales = Float64Array.from(scale);
  return (inputs, from, target, to) => {
    const source = from * width;
    const destination = to * width;
    for (let column = 0; column < width; column++) {
      const z = ((inputs[source + column] ?? NaN) - (means[column] ?? NaN)) / (scales[column] ?? NaN);
      target[destination + column] = z;
      if (!Number.isFinite(target[destination + column]))
        throw new RangeError(
          `input ${column} of row ${from} is not finite, or further out than a float reaches`,
        );
    }
  };
}

function columnMeans(
  rows: number,
  width: number,
  read: (cell: number, column: number) => number,
): Float64Array {
  const sums = new Float64Array(width);
  for (let row = 0, cell = 0; row < rows; row++)
    for (let column = 0; column < width; column++, cell++)
      sums[column] = (sums[column] ?? 0) + read(cell, column);
  return sums.map((sum) => sum / rows);
}
