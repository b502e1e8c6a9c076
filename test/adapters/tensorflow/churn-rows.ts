import { seededRandom } from '../../../src/core/seeded-random.ts';
import type { TrainedNetwork, TrainingRows } from '../../../src/ports/churn-network.ts';
import { trainNetwork, type TrainingJob } from '../../../src/adapters/tensorflow/train-network.ts';
import { openBackend } from '../../../src/adapters/tensorflow/open-backend.ts';
import { TRAINING_DEFAULTS, type TrainingSettings } from '../../../src/ports/churn-network.ts';

/** Inputs of a row of {@link churnRows}. */
export const WIDTH = 5;

/** What the labels of {@link churnRows} are drawn from: a bend, a slope, and inputs that mean nothing. */
export function trueProbabilities(inputs: Float32Array): readonly [number, number] {
  const [slope = 0, bend = 0] = inputs;
  const logit = slope + 2 * Math.abs(bend) - 2;
  return [1 / (1 + Math.exp(-logit - 1)), 1 / (1 + Math.exp(-logit))];
}

/**
 * Rows whose truth is known. Inputs are multiples of ⅛ in [−2, 2], so that their sums are exact in any order, and
 * those of their squared deviations too where `rows` is a power of 2. Whoever is gone for 90 days is gone for 30.
 */
export function churnRows(rows: number, stream: string): TrainingRows {
  const random = seededRandom(7, stream);
  const inputs = Float32Array.from({ length: rows * WIDTH }, () => random.below(33) / 8 - 2);
  const labels = new Float32Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const luck = random.uniform();
    const truth = trueProbabilities(rowOf(inputs, row, WIDTH));
    labels.set(
      truth.map((probability) => (luck < probability ? 1 : 0)),
      2 * row,
    );
  }
  return { width: WIDTH, rows, inputs, labels };
}

export function rowOf(inputs: Float32Array, row: number, width: number): Float32Array {
  return inputs.subarray(row * width, (row + 1) * width);
}

/** Trains on the wasm backend in this thread, with settings for small data. */
export async function trainHere(
  training: TrainingRows,
  validation: TrainingRows,
  {
    seed = 1,
    onEpoch = () => {},
    isAborted = () => false,
    ...settings
  }: Partial<TrainingSettings & TrainingJob> = {},
): Promise<TrainedNetwork> {
  return trainNetwork(await openBackend('wasm'), {
    training,
    validation,
    seed,
    settings: { ...TRAINING_DEFAULTS, batchRows: 64, ...settings },
    onEpoch,
    isAborted,
  });
}
