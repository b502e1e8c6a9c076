import { HORIZON_DAYS, type TrainingRows, type TrainingSettings } from '../../ports/churn-network.ts';
import { UNITS } from './network-layout.ts';

/** Labels of 0 and labels of 1 of one head. */
export interface LabelCount {
  zeros: number;
  ones: number;
}

/**
 * Throws a RangeError where training or validation rows break the contract of {@link ChurnTrainer}, and otherwise
 * counts the labels of each head.
 */
export function checkTrainingRows(
  training: TrainingRows,
  validation: TrainingRows,
): { readonly training: readonly LabelCount[]; readonly validation: readonly LabelCount[] } {
  const counts = {
    training: countLabels(training, 'training'),
    validation: countLabels(validation, 'validation'),
  };
  if (training.width !== validation.width)
    throw new RangeError(`training rows have ${training.width} inputs, validation rows ${validation.width}`);
  const labelless = counts.training.findIndex((count) => labelsOf(count) === 0);
  if (labelless >= 0) throw new RangeError(`no training row has a label for ${HORIZON_DAYS[labelless]} days`);
  if (counts.validation.every((count) => labelsOf(count) === 0))
    throw new RangeError('no validation row has a label');
  return counts;
}

export function labelsOf({ zeros, ones }: LabelCount): number {
  return zeros + ones;
}

/** Throws a RangeError for a setting with which no training makes sense. */
export function checkTrainingSettings(seed: number, settings: TrainingSettings): void {
  const { learningRate, l2, batchRows, maxEpochs, patience } = settings;
  const wrong = [
    Number.isSafeInteger(seed) && seed >= 0 ? '' : `seed ${seed}`,
    learningRate > 0 && Number.isFinite(learningRate) ? '' : `learningRate ${learningRate}`,
    l2 >= 0 && Number.isFinite(l2) ? '' : `l2 ${l2}`,
    Number.isInteger(batchRows) && batchRows > 0 ? '' : `batchRows ${batchRows}`,
    Number.isInteger(maxEpochs) && maxEpochs > 0 ? '' : `maxEpochs ${maxEpochs}`,
    Number.isInteger(patience) && patience > 0 ? '' : `patience ${patience}`,
  ].filter((mistake) => mistake !== '');
  if (wrong.length > 0) throw new RangeError(`cannot train with ${wrong.join(', ')}`);
}

function countLabels({ width, rows, inputs, labels }: TrainingRows, what: string): readonly LabelCount[] {
  if (!(Number.isInteger(width) && width > 0)) throw new RangeError(`${what} rows have ${width} inputs`);
  if (inputs.length !== rows * width)
    throw new RangeError(`${what}: ${inputs.length} inputs are not ${rows} rows of ${width}`);
  if (labels.length !== rows * UNITS.heads)
    throw new RangeError(`${what}: ${labels.length} labels are not ${rows} rows of ${UNITS.heads}`);
  const odd = inputs.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new RangeError(`${what}: input ${odd % width} of row ${Math.floor(odd / width)} is ${inputs[odd]}`);
  return HORIZON_DAYS.map((_, head) => {
    const count = { zeros: 0, ones: 0 };
    for (let row = 0; row < rows; row++) {
      const label = labels[row * UNITS.heads + head] ?? NaN;
      if (label === 0) count.zeros++;
      else if (label === 1) count.ones++;
      else if (!Number.isNaN(label)) throw new RangeError(`${what}: a label of row ${row} is ${label}`);
    }
    return count;
  });
}
