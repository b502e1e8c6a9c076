import { TidemarkError } from '../../errors.ts';
import type { StoredNetwork } from '../../ports/churn-network.ts';
import { sizeOf, tensorShapes, unpackTensors, weightShapes } from './network-layout.ts';

/** The number of inputs, when all parts fit each other; throws `MODEL_INVALID`, naming the part, when not. */
export function checkStoredNetwork({ weights, shapes, standardiser }: StoredNetwork): number {
  const { mean, scale } = standardiser;
  const width = mean.length;
  const listed = (list: StoredNetwork['shapes']): string =>
    list.map(({ name, shape }) => `${name} ${shape.join('×')}`).join(', ');
  const expected = listed(weightShapes(width));
  const bytes =
    4 *
    Object.values(tensorShapes(width)).reduce(
      (sum: number, shape: readonly number[]) => sum + sizeOf(shape),
      0,
    );

  if (width === 0 || scale.length !== width)
    throw invalid(`the standardiser has ${width} means and ${scale.length} scales`);
  if (!mean.every(Number.isFinite) || !scale.every((value) => Number.isFinite(value) && value > 0))
    throw invalid('a mean of the standardiser is not finite, or a scale not positive');
  if (listed(shapes) !== expected)
    throw invalid(`the tensors are ${listed(shapes)}, and should be ${expected}`);
  if (weights.byteLength !== bytes)
    throw invalid(`the weights are ${weights.byteLength} bytes, and should be ${bytes}`);
  for (const [name, values] of Object.entries(unpackTensors(weights, width)) as [string, Float32Array][])
    if (!values.every(Number.isFinite)) throw invalid(`a weight of ${name} is not finite`);
  return width;
}

function invalid(what: string): TidemarkError {
  return new TidemarkError(
    'MODEL_INVALID',
    `the stored churn network cannot be used: ${what}`,
    'Restore the files of the model, or train it anew with this version of Tidemark.',
  );
}
