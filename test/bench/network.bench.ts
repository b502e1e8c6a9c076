import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { churnTrainer } from '../../src/adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../../src/adapters/tensorflow/load-churn-network.ts';
import { CHURN_INPUTS } from '../../src/core/scoring/churn/churn-inputs.ts';
import { seededRandom } from '../../src/core/seeded-random.ts';
import { TidemarkError } from '../../src/errors.ts';
import type { ChurnNetwork, NetworkBackend, TrainingRows } from '../../src/ports/churn-network.ts';

/*
 * `node --import tsx test/bench/network.bench.ts [--rows N] [--width W] [--epochs E] [--batch-rows B] [--backends LIST]`
 *
 * What the churn network costs on each backend that works here, by the clock and in CPU time: seconds per epoch of
 * training in its own thread (validation of a tenth of the rows included), rows per second of `predict` and of
 * `attribute` by batch size. Backends that do not work are named and left out. One JSON object on standard output.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    width: { type: 'string', default: `${CHURN_INPUTS.length}` },
    epochs: { type: 'string', default: '4' },
    'batch-rows': { type: 'string', default: '1024' },
    backends: { type: 'string', default: 'wasm,tfjs-node,cpu' },
  },
});
const [rows, width, epochs] = [Number(values.rows), Number(values.width), Number(values.epochs)];

const BATCHES = [1, 64, 512, 4096];
const WINDOWS = 8;
const WINDOW_MS = 250;

function randomRows(count: number, stream: string): TrainingRows {
  const random = seededRandom(1, stream);
  const inputs = Float32Array.from({ length: count * width }, () => 4 * random.uniform() - 2);
  const labels = Float32Array.from({ length: count * 2 }, (_, index) => {
    const first = inputs[Math.floor(index / 2) * width] ?? 0;
    return random.uniform() < 1 / (1 + Math.exp(-first)) ? 1 : 0;
  });
  return { width, rows: count, inputs, labels };
}

/** Rows per second of `ask`: by the clock, the best of several windows, and by CPU time, over all of them. */
function rowsPerSecond(batch: number, ask: () => void): { readonly clock: number; readonly cpu: number } {
  for (let i = 0; i < 20; i++) ask();
  let best = 0;
  let total = 0;
  const before = process.cpuUsage();
  for (let window = 0; window < WINDOWS; window++) {
    const started = performance.now();
    let asked = 0;
    while (performance.now() - started < WINDOW_MS) {
      ask();
      asked += batch;
    }
    best = Math.max(best, (1000 * asked) / (performance.now() - started));
    total += asked;
  }
  const { user, system } = process.cpuUsage(before);
  return { clock: Math.round(best), cpu: Math.round((1e6 * total) / (user + system)) };
}

function asking(network: ChurnNetwork, inputs: Float32Array) {
  const baseline = new Float32Array(width);
  const over = (measure: (batch: number, part: Float32Array) => void) =>
    Object.fromEntries(
      BATCHES.map((batch) => [
        batch,
        rowsPerSecond(batch, () => measure(batch, inputs.subarray(0, batch * width))),
      ]),
    );
  return {
    predictRowsPerSecond: over((batch, part) => network.predict(part, batch)),
    attributeRowsPerSecond: over((batch, part) => network.attribute(part, batch, baseline)),
  };
}

async function measure(backend: NetworkBackend, training: TrainingRows, validation: TrainingRows) {
  const ends: { readonly clock: number; readonly cpu: number }[] = [];
  const now = () => {
    const { user, system } = process.cpuUsage();
    return { clock: performance.now() / 1000, cpu: (user + system) / 1e6 };
  };
  const network = await churnTrainer(backend).train(training, validation, {
    seed: 1,
    maxEpochs: epochs,
    patience: epochs,
    batchRows: Number(values['batch-rows']),
    onEpoch: () => ends.push(now()),
  });
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const loaded = await loadChurnNetwork(backend, network);
  loaded.predict(training.inputs.subarray(0, width), 1);
  const loadMs = Math.round(performance.now() - started);
  return {
    secondsPerEpoch: ends.slice(1).map((at, index) => ({
      clock: Number((at.clock - (ends[index]?.clock ?? NaN)).toFixed(2)),
      cpu: Number((at.cpu - (ends[index]?.cpu ?? NaN)).toFixed(2)),
    })),
    loadMs,
    loadMegabytes: Math.round((process.memoryUsage.rss() - before) / 1e6),
    ...asking(loaded, training.inputs),
  };
}

const training = randomRows(rows, 'training');
const validation = randomRows(Math.ceil(rows / 10), 'validation');
const results: Record<string, unknown> = {};
for (const backend of values.backends.split(',') as NetworkBackend[]) {
  try {
    results[backend] = await measure(backend, training, validation);
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    results[backend] = `left out: ${error.message}`;
  }
}
console.log(
  JSON.stringify(
    {
      node: process.version,
      cores: availableParallelism(),
      rows,
      width,
      batchRows: Number(values['batch-rows']),
      ...results,
    },
    null,
    2,
  ),
);
