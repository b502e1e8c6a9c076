import { seededRandom } from '../../core/seeded-random.ts';
import { eachTensor, sizeOf, tensorShapes, type NetworkTensors, type TensorName } from './network-layout.ts';

export interface InitialTensors {
  readonly width: number;
  readonly seed: number;
  /** P(churned) per head over the training labels, in (0, 1): where the heads begin. */
  readonly baseRates: readonly number[];
  /** Inputs that never vary: nothing they say may be listened to. */
  readonly silent: ReadonlySet<number>;
}

/**
 * The weights before the first step: uniform within ±√(6 / inputs) for the hidden layers (He et al. 2015) and
 * within ±√(6 / (inputs + outputs)) for the heads (Glorot, Bengio 2010), no skip, and biases that make every row
 * start near the base rates. Rows of silent inputs are 0 and stay it: their gradient is.
 */
export function initialTensors({
  width,
  seed,
  baseRates,
  silent,
}: InitialTensors): NetworkTensors<Float32Array> {
  const random = seededRandom(seed, 'network weights');
  const shapes = tensorShapes(width);
  const tensors = eachTensor((name) => {
    const shape = shapes[name];
    const limit = limitOf(name, shape);
    if (limit === 0) return new Float32Array(sizeOf(shape));
    return Float32Array.from({ length: sizeOf(shape) }, () => limit * (2 * random.uniform() - 1));
  });
  const [, units = 0] = shapes.firstKernel;
  tensors.headBias.set(baseRates.map((rate) => Math.log(rate / (1 - rate))));
  for (const input of silent) tensors.firstKernel.fill(0, input * units, (input + 1) * units);
  return tensors;
}

function limitOf(name: TensorName, [inputs = 1, outputs = 1]: readonly number[]): number {
  switch (name) {
    case 'firstKernel':
    case 'secondKernel':
      return Math.sqrt(6 / inputs);
    case 'headKernel':
      return Math.sqrt(6 / (inputs + outputs));
    case 'firstBias':
    case 'secondBias':
    case 'skipKernel':
    case 'headBias':
      return 0;
  }
}
