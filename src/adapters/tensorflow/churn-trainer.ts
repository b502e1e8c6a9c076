import { Worker } from 'node:worker_threads';
import { TidemarkError } from '../../errors.ts';
import {
  TRAINING_DEFAULTS,
  type ChurnTrainer,
  type NetworkBackend,
  type TrainedNetwork,
  type TrainingOptions,
  type TrainingRows,
  type TrainingSettings,
} from '../../ports/churn-network.ts';
import type { TrainingOrder, TrainingReport } from './training-messages.ts';

/**
 * Trains in a thread of its own, one per call, with its own copy of the library: about 0.5 s to start, and the
 * memory is given back at the end. An exception of `onEpoch` ends the training and rejects with it.
 */
export function churnTrainer(backend: NetworkBackend): ChurnTrainer {
  return {
    async train(training, validation, options) {
      const abortFlag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const order: TrainingOrder = {
        backend,
        training: copyOf(training),
        validation: copyOf(validation),
        seed: options.seed,
        settings: settingsOf(options),
        abortFlag,
      };
      const abort = (): void => void Atomics.store(abortFlag, 0, 1);
      if (options.signal?.aborted === true) abort();
      options.signal?.addEventListener('abort', abort);
      const worker = startThread(order);
      try {
        return await resultOf(worker, options);
      } finally {
        options.signal?.removeEventListener('abort', abort);
        await worker.terminate();
      }
    },
  };
}

function resultOf(worker: Worker, { onEpoch }: TrainingOptions): Promise<TrainedNetwork> {
  return new Promise((resolve, reject) => {
    worker.on('message', (report: TrainingReport) => {
      switch (report.kind) {
        case 'epoch':
          try {
            onEpoch?.(report.losses);
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
          break;
        case 'trained':
          resolve(report.network);
          break;
        case 'refused':
          reject(new TidemarkError(report.code, report.message, report.mend));
          break;
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the training thread ended with ${code} and no result`)));
  });
}

/** Copies exactly the elements of the views, which may be windows of larger buffers, so that they can be given away. */
function copyOf({ width, rows, inputs, labels }: TrainingRows): TrainingRows {
  return { width, rows, inputs: inputs.slice(), labels: labels.slice() };
}

function settingsOf(options: Partial<TrainingSettings>): TrainingSettings {
  const defaults = TRAINING_DEFAULTS;
  return {
    learningRate: options.learningRate ?? defaults.learningRate,
    l2: options.l2 ?? defaults.l2,
    batchRows: options.batchRows ?? defaults.batchRows,
    maxEpochs: options.maxEpochs ?? defaults.maxEpochs,
    patience: options.patience ?? defaults.patience,
  };
}

/**
 * Compiled, the thread's file is JavaScript like this one. From the sources it is TypeScript, and Node 20 does not
 * hand the loader that `--import tsx` installed on to other threads: the thread installs it itself, first thing.
 */
function startThread(order: TrainingOrder): Worker {
  const { training, validation } = order;
  const options = {
    name: 'churn-training',
    workerData: order,
    transferList: [training.inputs, training.labels, validation.inputs, validation.labels].map(
      ({ buffer }) => buffer as ArrayBuffer,
    ),
    // What this process was started with is about its own entry point.
    execArgv: [],
  };
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./training-thread.js', import.meta.url), options);
  const thread = JSON.stringify(new URL('./training-thread.ts', import.meta.url).href);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const start = `import { register } from ${loader}; register(); await import(${thread});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(start)}`), options);
}
