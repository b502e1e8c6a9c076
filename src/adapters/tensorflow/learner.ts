import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import type { TrainingSettings } from '../../ports/churn-network.ts';
import type { Batch } from './batches.ts';
import { networkLogits, valuesOf } from './forward.ts';
import {
  eachTensor,
  KERNELS,
  packTensors,
  tensorShapes,
  UNITS,
  type NetworkTensors,
} from './network-layout.ts';
import type { Backend } from './open-backend.ts';

/** A network while it learns. Holds tensors until `dispose`. */
export interface Learner {
  /** Moves the weights by one step of Adam; gives the cross-entropy before it, summed over the known labels. */
  step(batch: Batch): number;
  /** Cross-entropy summed over the known labels, in doubles; changes nothing. */
  loss(batch: Batch): number;
  /** The weights now, packed. */
  weights(): Uint8Array;
  dispose(): void;
}

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;

/** Starts from `initial`, for a network of `width` inputs, on an active backend. */
export function startLearner(
  { tf }: Backend,
  width: number,
  initial: NetworkTensors<Float32Array>,
  { learningRate, l2 }: TrainingSettings,
): Learner {
  const shapes = tensorShapes(width);
  // The tidy takes the tensors that the variables start from; variables outlive it.
  const variables = eachTensor((name) =>
    tf.tidy(() => tf.variable(tf.tensor(initial[name], [...shapes[name]]))),
  );
  const all = Object.values(variables) as Variable[];
  const pulled = new Set(KERNELS.map((name) => variables[name].name));
  const adam = tf.train.adam(learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
  const logitsOf = ({ rows, z }: Batch): Tensor =>
    networkLogits(tf, variables, tf.tensor2d(z, [rows, width]));

  /** Mean over the rows of the sum over their known labels. */
  const cost = (batch: Batch): Scalar => {
    const shape: [number, number] = [batch.rows, UNITS.heads];
    const summed = tf.losses.sigmoidCrossEntropy(
      tf.tensor2d(batch.labels, shape),
      logitsOf(batch),
      tf.tensor2d(batch.known, shape),
      0,
      tf.Reduction.SUM,
    );
    return tf.div(summed, batch.rows);
  };

  return {
    step(batch) {
      return tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => cost(batch), all);
        adam.applyGradients(
          all.map((variable) => {
            const { name } = variable;
            const gradient = grads[name] ?? tf.zerosLike(variable);
            const tensor = pulled.has(name) ? tf.add(gradient, tf.mul(variable, 2 * l2)) : gradient;
            return { name, tensor };
          }),
        );
        return (value.dataSync()[0] ?? NaN) * batch.rows;
      });
    },
    loss(batch) {
      const logits = valuesOf(tf, () => logitsOf(batch));
      let sum = 0;
      for (const [index, logit] of logits.entries()) {
        // max(l, 0) − l·y + ln(1 + e^−|l|) is −y·ln p − (1 − y)·ln(1 − p), without overflow.
        const loss =
          Math.max(logit, 0) - logit * (batch.labels[index] ?? NaN) + Math.log1p(Math.exp(-Math.abs(logit)));
        if (batch.known[index] === 1) sum += loss;
      }
      return sum;
    },
    weights: () => packTensors(eachTensor((name) => variables[name].dataSync<'float32'>())),
    dispose() {
      adam.dispose();
      tf.dispose(all);
    },
  };
}
