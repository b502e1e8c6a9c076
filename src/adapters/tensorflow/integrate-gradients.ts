import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { Attribution } from '../../ports/churn-network.ts';
import { networkLogits, valuesOf } from './forward.ts';
import { LONG_HEAD, UNITS, type NetworkTensors } from './network-layout.ts';
import type { Backend } from './open-backend.ts';
import type { WriteStandardised } from './standardise.ts';

/** Points in one call of the library, unless a single row has more. */
const MOST_POINTS = 4096;

export interface AttributionRequest {
  readonly inputs: Float32Array;
  readonly rows: number;
  readonly baseline: Float32Array;
  readonly steps: number;
}

/**
 * {@link ChurnNetwork.attribute}, on an active backend. Contribution i of a row x against the baseline b is
 * (xᵢ − bᵢ) times the mean of ∂logit/∂xᵢ over the midpoints b + (k + ½)/steps · (x − b); standardising being
 * linear, it is the same number in raw and in standardised inputs, and computed in the latter.
 */
export function integrateGradients(
  backend: Backend,
  tensors: NetworkTensors<Tensor>,
  standardise: WriteStandardised,
  { inputs, rows, baseline, steps }: AttributionRequest,
): Attribution {
  if (!(Number.isInteger(steps) && steps > 0))
    throw new RangeError(`${steps} steps are not a number of steps`);
  const width = baseline.length;
  const contributions = new Float32Array(rows * width);
  const residuals = new Float32Array(rows);
  const rowsAtOnce = Math.max(1, Math.floor(MOST_POINTS / steps));

  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first);
    // Row 0 is the baseline, so that one call gives all the logits.
    const ends = newRows(backend, 1 + count, width);
    standardise(baseline, 0, ends, 0);
    for (let row = 0; row < count; row++) standardise(inputs, first + row, ends, 1 + row);
    const points = newRows(backend, count * steps, width);
    eachStep((row, column, cell, step) => {
      const start = ends[column] ?? NaN;
      points[cell] = start + ((step + 0.5) / steps) * ((ends[(1 + row) * width + column] ?? NaN) - start);
    });

    const logits = longLogits(backend, tensors, ends, width);
    const gradients = longGradients(backend, tensors, points, width);
    const sums = new Float64Array(count * width);
    eachStep((row, column, cell) => {
      const at = row * width + column;
      sums[at] = (sums[at] ?? 0) + (gradients[cell] ?? NaN);
    });
    for (let row = 0; row < count; row++) {
      let missed = (logits[1 + row] ?? NaN) - (logits[0] ?? NaN);
      for (let column = 0; column < width; column++) {
        const span = (ends[(1 + row) * width + column] ?? NaN) - (ends[column] ?? NaN);
        const contribution = (span * (sums[row * width + column] ?? NaN)) / steps;
        contributions[(first + row) * width + column] = contribution;
        missed -= contribution;
      }
      residuals[first + row] = missed;
    }

    function eachStep(visit: (row: number, column: number, cell: number, step: number) => void): void {
      for (let row = 0, cell = 0; row < count; row++)
        for (let step = 0; step < steps; step++)
          for (let column = 0; column < width; column++, cell++) visit(row, column, cell, step);
    }
  }
  return { contributions, residuals };
}

function newRows({ rowMultiple }: Backend, rows: number, width: number): Float32Array {
  return new Float32Array(Math.ceil(rows / rowMultiple) * rowMultiple * width);
}

/** 90-day logits of standardised rows. */
function longLogits(
  { tf }: Backend,
  tensors: NetworkTensors<Tensor>,
  z: Float32Array,
  width: number,
): Float32Array {
  const logits = valuesOf(tf, () => networkLogits(tf, tensors, tf.tensor2d(z, [z.length / width, width])));
  return logits.filter((_, index) => index % UNITS.heads === LONG_HEAD);
}

/** ∂ 90-day logit / ∂ z, cell by cell: a row's logit rests on no other row, so the gradient of their sum has all. */
function longGradients(
  { tf }: Backend,
  tensors: NetworkTensors<Tensor>,
  z: Float32Array,
  width: number,
): Float32Array {
  const sumOfLogits = (rows: Tensor): Tensor =>
    tf.sum(tf.slice(networkLogits(tf, tensors, rows as Tensor2D), [0, LONG_HEAD], [-1, 1]));
  return valuesOf(tf, () => tf.grad(sumOfLogits)(tf.tensor2d(z, [z.length / width, width])));
}
