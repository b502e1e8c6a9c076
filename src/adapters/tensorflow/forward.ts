import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { NetworkTensors } from './network-layout.ts';
import type { TensorFlow } from './open-backend.ts';

/** The formula of {@link NetworkTensors}: logits, rows × heads, of standardised rows. */
export function networkLogits(tf: TensorFlow, tensors: NetworkTensors<Tensor>, z: Tensor2D): Tensor2D {
  const { firstKernel, firstBias, secondKernel, secondBias, headKernel, skipKernel, headBias } = tensors;
  const a = tf.relu(tf.add(tf.matMul(z, firstKernel), firstBias));
  const b = tf.relu(tf.add(tf.matMul(a, secondKernel), secondBias));
  return tf.add(tf.add(tf.matMul(b, headKernel), tf.matMul(z, skipKernel)), headBias);
}

/**
 * The values of the tensor that `compute` makes, all tensors made on the way being given back. It is the tensor
 * that leaves the tidy: an array would be searched for tensors, element by element.
 */
export function valuesOf(tf: TensorFlow, compute: () => Tensor): Float32Array {
  const tensor = tf.tidy(compute);
  const values = tensor.dataSync<'float32'>();
  tensor.dispose();
  return values;
}
