import { describe, expect, it } from 'vitest';
import { loadChurnNetwork } from '../../../src/adapters/tensorflow/load-churn-network.ts';
import { openBackend } from '../../../src/adapters/tensorflow/open-backend.ts';
import type { TrainingRows } from '../../../src/ports/churn-network.ts';
import { churnRows, rowOf, trainHere, trueProbabilities, WIDTH } from './churn-rows.ts';
import { naiveNetwork, sigmoid } from './naive-network.ts';

const training = churnRows(3000, 'training');
const validation = churnRows(1500, 'validation');
const few = churnRows(256, 'few');

/** −ln of the probability given to what happened. */
function crossEntropy(probability: number, label: number): number {
  return -Math.log(label === 1 ? probability : 1 - probability);
}

/** Over the labels there are. */
function meanLoss(rows: TrainingRows, probabilities: (row: Float32Array) => readonly number[]): number {
  const losses: number[] = [];
  for (let row = 0; row < rows.rows; row++)
    probabilities(rowOf(rows.inputs, row, rows.width)).forEach((probability, head) => {
      const label = rows.labels[2 * row + head] ?? NaN;
      if (!Number.isNaN(label)) losses.push(crossEntropy(probability, label));
    });
  return losses.reduce((a, b) => a + b) / losses.length;
}

function withLabels(rows: TrainingRows, change: (label: number, index: number) => number): TrainingRows {
  return { ...rows, labels: rows.labels.map(change) };
}

describe('a trained network', () => {
  it('comes close to the truth that its labels were drawn from, and is calibrated', async () => {
    const trained = await trainHere(training, validation, { learningRate: 5e-3, maxEpochs: 20 });
    const [before, after] = [trained.history[0], trained.history[trained.bestEpoch]];
    const reachable = meanLoss(validation, trueProbabilities);
    expect(before?.trainingLoss).toBeNull();
    expect(after?.validationLoss).toBeLessThan(reachable + 0.02);
    expect(before?.validationLoss).toBeGreaterThan(reachable + 0.1);

    const network = await loadChurnNetwork('wasm', trained);
    const probabilities = network.predict(validation.inputs, validation.rows);
    for (const head of [0, 1]) {
      const ofHead = (_: number, index: number) => index % 2 === head;
      const mean = (values: Float32Array) => values.filter(ofHead).reduce((a, b) => a + b) / validation.rows;
      expect(Math.abs(mean(probabilities) - mean(validation.labels))).toBeLessThan(0.025);
    }
    network.dispose();
  });

  it('is the same to the byte for the same seed, and another one for another seed', async () => {
    const train = (seed: number) => trainHere(few, validation, { seed, maxEpochs: 3 });
    const [first, again, other] = [await train(5), await train(5), await train(6)];
    expect(again).toEqual(first);
    expect(Buffer.from(other.weights).equals(Buffer.from(first.weights))).toBe(false);
  });

  it('is that of the epoch which did best on later rows, though it learned on', async () => {
    // With turned labels, all that is learnt from the training rows is wrong sooner or later.
    const noise = withLabels(validation, (label, index) => (index % 3 === 0 ? 1 - label : label));
    const turned = withLabels(few, (label, index) => (index % 4 === 0 ? 1 - label : label));
    const trained = await trainHere(turned, noise, { learningRate: 0.02, maxEpochs: 60, patience: 4 });
    const losses = trained.history.map(({ validationLoss }) => validationLoss);
    expect(trained.stopped).toBe('patience');
    expect(trained.bestEpoch).toBe(losses.indexOf(Math.min(...losses)));
    expect(trained.history.map(({ epoch }) => epoch)).toEqual(losses.map((_, index) => index));
    expect(losses).toHaveLength(trained.bestEpoch + 1 + 4);
    const naive = naiveNetwork(trained);
    expect(meanLoss(noise, (row) => naive.logits(row).map(sigmoid))).toBeCloseTo(
      losses[trained.bestEpoch] ?? NaN,
      5,
    );
  });

  it('learns nothing from rows without labels', async () => {
    const isMasked = (row: number) => row % 3 === 0;
    const masked = withLabels(few, (label, index) => (isMasked(Math.floor(index / 2)) ? NaN : label));
    // The masked rows change places, so that sums over all inputs, and with them the standardiser, stay.
    const inputs = masked.inputs.slice();
    for (let row = 0; row < few.rows; row += 3)
      inputs.set(rowOf(few.inputs, few.rows - 1 - row, WIDTH), row * WIDTH);
    expect(inputs).not.toEqual(few.inputs);
    const settings = { maxEpochs: 3 };
    const [one, two] = [
      await trainHere(masked, validation, settings),
      await trainHere({ ...masked, inputs }, validation, settings),
    ];
    expect(two).toEqual(one);
  });

  it('has its losses counted over the labels there are, before and after its steps', async () => {
    const holey = withLabels(few, (label, index) => (index % 3 === 0 ? NaN : label));
    const untrained = await trainHere(holey, holey, { isAborted: () => true });
    const naive = naiveNetwork(untrained);
    const expected = meanLoss(holey, (row) => naive.logits(row).map(sigmoid));
    const { history } = await trainHere(holey, holey, { maxEpochs: 1, batchRows: few.rows });
    expect(history[0]?.validationLoss).toBeCloseTo(expected, 6);
    expect(history[1]?.trainingLoss).toBeCloseTo(expected, 6);
    expect(history[1]?.validationLoss).toBeLessThan(expected);
  });

  it('does not listen to an input that never varied in training', async () => {
    const silenced = { ...few, inputs: few.inputs.map((value, cell) => (cell % WIDTH === 2 ? 0.1 : value)) };
    const trained = await trainHere(silenced, validation, { maxEpochs: 3 });
    const network = await loadChurnNetwork('wasm', trained);
    expect(network.predict(few.inputs, few.rows)).toEqual(network.predict(silenced.inputs, few.rows));
    network.dispose();
  });

  it('is pulled towards the base rates by L2, which spares the biases', async () => {
    const settings = { l2: 10, learningRate: 0.03, maxEpochs: 40, patience: 40 };
    const naive = naiveNetwork(await trainHere(few, few, settings));
    for (const head of [0, 1]) {
      const baseRate = few.labels.filter((_, index) => index % 2 === head).reduce((a, b) => a + b) / few.rows;
      for (let row = 0; row < few.rows; row++) {
        const probability = sigmoid(naive.logits(rowOf(few.inputs, row, WIDTH))[head] ?? NaN);
        expect(Math.abs(probability - baseRate)).toBeLessThan(0.03);
      }
    }
  });

  it('that diverges gives back what was best before, in numbers', async () => {
    const trained = await trainHere(few, validation, { learningRate: 1e30 });
    expect(trained.stopped).toBe('diverged');
    expect(trained.bestEpoch).toBe(0);
    const network = await loadChurnNetwork('wasm', trained);
    expect(network.predict(few.inputs, few.rows).every((p) => p > 0 && p < 1)).toBe(true);
    network.dispose();
  });

  it('that is stopped within an epoch gives the best whole one', async () => {
    let batches = 0;
    const perEpoch = Math.ceil(few.rows / 64);
    const stopAfter = 2 * perEpoch + 2;
    const stopped = await trainHere(few, validation, { isAborted: () => ++batches > stopAfter });
    const whole = await trainHere(few, validation, { maxEpochs: 2 });
    expect(stopped.stopped).toBe('aborted');
    expect(whole.stopped).toBe('epochs');
    expect({ ...stopped, stopped: '', settings: {} }).toEqual({ ...whole, stopped: '', settings: {} });
  });
});

describe('training', () => {
  it('leaves no tensor behind, nor when it fails', async () => {
    const { tf } = await openBackend('wasm');
    await trainHere(few, validation, { maxEpochs: 1 });
    const { numTensors, numDataBuffers } = tf.memory();
    await trainHere(few, validation, { maxEpochs: 2 });
    const fail = () => {
      throw new Error('stop');
    };
    await expect(trainHere(few, validation, { isAborted: fail })).rejects.toThrow('stop');
    await expect(trainHere(few, validation, { onEpoch: fail })).rejects.toThrow('stop');
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  });

  it.each<[string, TrainingRows, TrainingRows, RegExp]>([
    [
      'inputs missing',
      { ...few, inputs: few.inputs.subarray(1) },
      validation,
      /1279 inputs are not 256 rows of 5/,
    ],
    ['labels missing', { ...few, labels: few.labels.subarray(2) }, validation, /510 labels/],
    ['a hole', { ...few, inputs: few.inputs.with(7, NaN) }, validation, /training: input 2 of row 1 is NaN/],
    ['a label of a half', withLabels(few, () => 0.5), validation, /label of row 0 is 0.5/],
    [
      'no 90-day label',
      withLabels(few, (label, index) => (index % 2 === 1 ? NaN : label)),
      validation,
      /for 90 days/,
    ],
    ['nothing to judge by', few, withLabels(validation, () => NaN), /no validation row has a label/],
    [
      'two widths',
      few,
      { ...validation, width: 1, inputs: validation.inputs.subarray(0, 1500) },
      /have 5 inputs/,
    ],
    ['no inputs', { ...few, width: 0, inputs: new Float32Array() }, validation, /have 0 inputs/],
  ])('refuses %s', async (_what, rows, later, message) => {
    const failure = await trainHere(rows, later).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RangeError);
    expect(String(failure)).toMatch(message);
  });

  it.each([
    { seed: -1 },
    { learningRate: 0 },
    { l2: NaN },
    { batchRows: 0.5 },
    { maxEpochs: 0 },
    { patience: 0 },
  ])('refuses %o', async (settings) => {
    const [name = ''] = Object.keys(settings);
    await expect(trainHere(few, validation, settings)).rejects.toThrow(`cannot train with ${name}`);
  });
});
