import { describe, expect, it } from 'vitest';
import { loadChurnNetwork } from '../../../src/adapters/tensorflow/load-churn-network.ts';
import { openBackend } from '../../../src/adapters/tensorflow/open-backend.ts';
import { trainNetwork } from '../../../src/adapters/tensorflow/train-network.ts';
import { TidemarkError } from '../../../src/errors.ts';
import {
  TRAINING_DEFAULTS,
  type NetworkBackend,
  type StoredNetwork,
} from '../../../src/ports/churn-network.ts';
import { BACKENDS } from './backends-here.ts';
import { churnRows, rowOf, trainHere, WIDTH } from './churn-rows.ts';
import { naiveNetwork, sigmoid } from './naive-network.ts';

const training = churnRows(1000, 'training');
const asked = churnRows(1100, 'asked');
const trained = await trainHere(training, training, { maxEpochs: 4, learningRate: 3e-3 });
const naive = naiveNetwork(trained);
const expected = Float32Array.from({ length: 2 * asked.rows }, (_, index) =>
  sigmoid(naive.logits(rowOf(asked.inputs, Math.floor(index / 2), WIDTH))[index % 2] ?? NaN),
);

function largestDifference(one: Float32Array, two: Float32Array): number {
  return one.reduce((most, value, index) => Math.max(most, Math.abs(value - (two[index] ?? NaN))), 0);
}

describe.each(BACKENDS)('on $backend', ({ backend, isMissing }) => {
  it.skipIf(isMissing)(`a network answers as its formula says (${backend})`, async () => {
    const network = await loadChurnNetwork(backend, trained);
    expect(network).toMatchObject({ width: WIDTH, backend });
    expect(largestDifference(network.predict(asked.inputs, asked.rows), expected)).toBeLessThan(1e-5);
    network.dispose();
  });

  it.skipIf(isMissing)(`a row's answer is the same in every batch, to the bit (${backend})`, async () => {
    const network = await loadChurnNetwork(backend, trained);
    const whole = network.predict(asked.inputs, asked.rows);
    for (const size of [1, 2, 7, 64, 65, 512]) {
      const answers = new Float32Array(whole.length);
      for (let first = 0; first < asked.rows; first += size) {
        const rows = Math.min(size, asked.rows - first);
        const part = asked.inputs.subarray(first * WIDTH, (first + rows) * WIDTH);
        answers.set(network.predict(part, rows), 2 * first);
      }
      expect(answers, `batches of ${size}`).toEqual(whole);
    }
    network.dispose();
  });

  it.skipIf(isMissing)(`more rows than go into one call are answered all (${backend})`, async () => {
    const network = await loadChurnNetwork(backend, trained);
    const copies = Array.from({ length: 8 }, () => [...asked.inputs]).flat();
    const answers = network.predict(Float32Array.from(copies), 8 * asked.rows);
    const one = network.predict(asked.inputs, asked.rows);
    expect(answers).toEqual(Float32Array.from(Array.from({ length: 8 }, () => [...one]).flat()));
    expect(network.predict(new Float32Array(), 0)).toEqual(new Float32Array());
    network.dispose();
  });

  it.skipIf(isMissing)(`training is repeatable, and answers on wasm within 1e-5 (${backend})`, async () => {
    const job = {
      training,
      validation: training,
      seed: 3,
      settings: { ...TRAINING_DEFAULTS, maxEpochs: 2, batchRows: 100 },
      onEpoch: () => {},
      isAborted: () => false,
    };
    const opened = await openBackend(backend);
    const here = trainNetwork(opened, job);
    expect(trainNetwork(opened, job)).toEqual(here);
    expect(here).toMatchObject({ backend, bestEpoch: 2, stopped: 'epochs' });
    const [own, onWasm] = [await loadChurnNetwork(backend, here), await loadChurnNetwork('wasm', here)];
    const answers = own.predict(asked.inputs, asked.rows);
    expect(largestDifference(answers, onWasm.predict(asked.inputs, asked.rows))).toBeLessThan(1e-5);
    expect(largestDifference(answers, expected)).toBeGreaterThan(1e-3);
    // The library has one active backend; each network asks on its own, whoever asked last.
    const { tf } = await openBackend('wasm');
    expect(tf.getBackend()).toBe('wasm');
    expect(own.predict(asked.inputs, asked.rows)).toEqual(answers);
    expect(tf.getBackend()).toBe(backend === 'tfjs-node' ? 'tensorflow' : backend);
    for (const network of [own, onWasm]) network.dispose();
  });

  it.skipIf(isMissing)(`asking and disposing leaves no tensor behind (${backend})`, async () => {
    const { tf } = await openBackend(backend);
    const { numTensors, numDataBuffers } = tf.memory();
    const network = await loadChurnNetwork(backend, trained);
    network.predict(asked.inputs, asked.rows);
    network.attribute(asked.inputs, asked.rows, rowOf(training.inputs, 0, WIDTH), 2);
    const hole = asked.inputs.with(8, Infinity);
    expect(() => network.predict(hole, asked.rows)).toThrow('input 3 of row 1 is not finite');
    network.dispose();
    network.dispose();
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    expect(() => network.predict(asked.inputs, asked.rows)).toThrow('disposed');
  });
});

describe('stored weights', () => {
  const invalid: readonly [string, Partial<StoredNetwork>, RegExp][] = [
    ['cut short', { weights: trained.weights.subarray(4) }, /weights are \d+ bytes, and should be \d+/],
    ['with more behind', { weights: new Uint8Array(trained.weights.length + 4) }, /bytes/],
    ['with a tensor too few', { shapes: trained.shapes.slice(1) }, /should be firstKernel 5×32, /],
    [
      'of another order',
      { shapes: trained.shapes.toReversed() },
      /the tensors are headBias 2, skipKernel 5×2/,
    ],
    [
      'that are no numbers',
      { weights: trained.weights.map(() => 255) },
      /weight of firstKernel is not finite/,
    ],
    ['without a standardiser', { standardiser: { mean: [], scale: [] } }, /0 means and 0 scales/],
    [
      'with a scale too few',
      { standardiser: { ...trained.standardiser, scale: trained.standardiser.scale.slice(1) } },
      /5 means and 4 scales/,
    ],
    [
      'with a scale of 0',
      { standardiser: { ...trained.standardiser, scale: trained.standardiser.scale.map(() => 0) } },
      /scale not positive/,
    ],
    [
      'for fewer inputs',
      {
        standardiser: {
          mean: trained.standardiser.mean.slice(1),
          scale: trained.standardiser.scale.slice(1),
        },
      },
      /firstKernel 5×32.*should be firstKernel 4×32/,
    ],
  ];

  it.each(invalid)('%s are refused', async (_what, change, message) => {
    const failure = await loadChurnNetwork('wasm', { ...trained, ...change }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(TidemarkError);
    expect(failure).toMatchObject({ code: 'MODEL_INVALID' });
    expect(String(failure)).toMatch(message);
  });

  it('may lie anywhere in a larger buffer, as files are read', async () => {
    const buffer = new Uint8Array(trained.weights.length + 9);
    buffer.set(trained.weights, 3);
    const weights = buffer.subarray(3, 3 + trained.weights.length);
    const [one, two] = [
      await loadChurnNetwork('wasm', { ...trained, weights }),
      await loadChurnNetwork('wasm', trained),
    ];
    expect(one.predict(asked.inputs, asked.rows)).toEqual(two.predict(asked.inputs, asked.rows));
    for (const network of [one, two]) network.dispose();
  });

  it('survive as JSON and bytes', async () => {
    const { weights, ...rest } = trained;
    const manifest = JSON.parse(JSON.stringify(rest)) as Omit<StoredNetwork, 'weights'>;
    const [one, two] = [
      await loadChurnNetwork('wasm', { ...manifest, weights: Buffer.from(weights) }),
      await loadChurnNetwork('wasm', trained),
    ];
    expect(one.predict(asked.inputs, asked.rows)).toEqual(two.predict(asked.inputs, asked.rows));
    for (const network of [one, two]) network.dispose();
  });

  it('asked for a wrong number of inputs throw', async () => {
    const network = await loadChurnNetwork('wasm', trained);
    expect(() => network.predict(asked.inputs, asked.rows - 1)).toThrow('are not 1099 rows of 5');
    expect(() => network.attribute(asked.inputs, asked.rows, new Float32Array(4))).toThrow('not 1 rows of 5');
    expect(() => network.attribute(asked.inputs, asked.rows, new Float32Array(5), 0)).toThrow(RangeError);
    network.dispose();
  });
});

describe('the process', () => {
  it.each<NetworkBackend>(['wasm', 'cpu'])('keeps its listeners when %s is opened', async (backend) => {
    const listeners = () =>
      (['uncaughtException', 'unhandledRejection'] as const).flatMap((event) => process.rawListeners(event));
    await openBackend(backend);
    expect(listeners().filter((listener) => /ExitStatus|throw reason/.test(String(listener)))).toEqual([]);
  });
});
