import type { Tensor } from '@tensorflow/tfjs';
import type { ChurnNetwork, NetworkBackend, StoredNetwork } from '../../ports/churn-network.ts';
import { checkStoredNetwork } from './check-stored-network.ts';
import { networkLogits, valuesOf } from './forward.ts';
import { integrateGradients } from './integrate-gradients.ts';
import { eachTensor, tensorShapes, UNITS, unpackTensors } from './network-layout.ts';
import { openBackend } from './open-backend.ts';
import { writeStandardised } from './standardise.ts';

/** Rows in one call of the library; what is asked beyond them takes more calls. */
const MOST_ROWS = 8192;

/**
 * {@link LoadChurnNetwork} on a backend. A call of `predict` with up to 8,192 rows is one call of TensorFlow.js; on
 * tfjs-node with up to 64.
 * Throws `MODEL_BACKEND` besides.
 */
export async function loadChurnNetwork(name: NetworkBackend, stored: StoredNetwork): Promise<ChurnNetwork> {
  const width = checkStoredNetwork(stored);
  const backend = await openBackend(name);
  const { tf, rowMultiple, callRows } = backend;
  backend.activate();
  const shapes = tensorShapes(width);
  const values = unpackTensors(stored.weights, width);
  const tensors = eachTensor<Tensor>((tensor) => tf.tensor(values[tensor], [...shapes[tensor]]));
  const standardise = writeStandardised(stored.standardiser);

  const demandRows = (inputs: Float32Array, rows: number): void => {
    if (tensors.headBias.isDisposed) throw new Error('the network was disposed of');
    if (inputs.length !== rows * width)
      throw new RangeError(`${inputs.length} inputs are not ${rows} rows of ${width}`);
  };

  return {
    width,
    backend: name,
    predict(inputs, rows) {
      demandRows(inputs, rows);
      backend.activate();
      const answers = new Float32Array(rows * UNITS.heads);
      const mostRows = callRows ?? MOST_ROWS;
      for (let first = 0; first < rows; first += mostRows) {
        const count = Math.min(mostRows, rows - first);
        const padded = callRows ?? Math.ceil(count / rowMultiple) * rowMultiple;
        const z = new Float32Array(padded * width);
        for (let row = 0; row < count; row++) standardise(inputs, first + row, z, row);
        const probabilities = valuesOf(tf, () =>
          tf.sigmoid(networkLogits(tf, tensors, tf.tensor2d(z, [padded, width]))),
        );
        answers.set(probabilities.subarray(0, count * UNITS.heads), first * UNITS.heads);
      }
      return answers;
    },
    attribute(inputs, rows, baseline, steps = 32) {
      demandRows(inputs, rows);
      demandRows(baseline, 1);
      backend.activate();
      return integrateGradients(backend, tensors, standardise, { inputs, rows, baseline, steps });
    },
    dispose() {
      for (const tensor of Object.values(tensors) as Tensor[]) tensor.dispose();
    },
  };
}
