import { HORIZON_DAYS, type WeightShape } from '../../ports/churn-network.ts';

/** Units of the two hidden layers, and heads. */
export const UNITS = { first: 32, second: 16, heads: HORIZON_DAYS.length } as const;

/** Column of the 90-day head, the one that is served as a score and explained. */
export const LONG_HEAD = HORIZON_DAYS.indexOf(90);

/**
 * The tensors of a network, in the order in which they are packed. With z the standardised inputs:
 *
 *     a = relu(z · firstKernel + firstBias)
 *     b = relu(a · secondKernel + secondBias)
 *     logits = b · headKernel + z · skipKernel + headBias
 */
export interface NetworkTensors<T> {
  readonly firstKernel: T;
  readonly firstBias: T;
  readonly secondKernel: T;
  readonly secondBias: T;
  readonly headKernel: T;
  readonly skipKernel: T;
  readonly headBias: T;
}

export type TensorName = keyof NetworkTensors<unknown>;

/** The kernels, which L2 pulls towards 0; not the biases. */
export const KERNELS: readonly TensorName[] = ['firstKernel', 'secondKernel', 'headKernel', 'skipKernel'];

/** Rows and columns, or the length of a bias, of each tensor of a network with `width` inputs. */
export function tensorShapes(width: number): NetworkTensors<readonly number[]> {
  return {
    firstKernel: [width, UNITS.first],
    firstBias: [UNITS.first],
    secondKernel: [UNITS.first, UNITS.second],
    secondBias: [UNITS.second],
    headKernel: [UNITS.second, UNITS.heads],
    skipKernel: [width, UNITS.heads],
    headBias: [UNITS.heads],
  };
}

/** One value for each tensor, made in packing order. */
export function eachTensor<T>(make: (name: TensorName) => T): NetworkTensors<T> {
  return {
    firstKernel: make('firstKernel'),
    firstBias: make('firstBias'),
    secondKernel: make('secondKernel'),
    secondBias: make('secondBias'),
    headKernel: make('headKernel'),
    skipKernel: make('skipKernel'),
    headBias: make('headBias'),
  };
}

/** The shapes as a manifest lists them, in packing order. */
export function weightShapes(width: number): readonly WeightShape[] {
  return Object.entries(tensorShapes(width)).map(([name, shape]: [string, readonly number[]]) => ({
    name,
    shape,
  }));
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** As {@link StoredNetwork} defines `weights`, whatever the machine's byte order. */
export function packTensors(tensors: NetworkTensors<Float32Array>): Uint8Array {
  const values = Object.values(tensors).flatMap((tensor: Float32Array) => [...tensor]);
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [index, value] of values.entries()) view.setFloat32(4 * index, value, true);
  return new Uint8Array(view.buffer);
}

/** What {@link packTensors} was given. `weights` must have the length that `width` asks for. */
export function unpackTensors(weights: Uint8Array, width: number): NetworkTensors<Float32Array> {
  const view = new DataView(weights.buffer, weights.byteOffset, weights.byteLength);
  const shapes = tensorShapes(width);
  let at = 0;
  return eachTensor((name) =>
    Float32Array.from({ length: sizeOf(shapes[name]) }, () => {
      const value = view.getFloat32(at, true);
      at += 4;
      return value;
    }),
  );
}
