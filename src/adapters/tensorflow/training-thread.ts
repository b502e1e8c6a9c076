import { parentPort, workerData } from 'node:worker_threads';
import { TidemarkError } from '../../errors.ts';
import { openBackend } from './open-backend.ts';
import { trainNetwork } from './train-network.ts';
import type { TrainingOrder, TrainingReport } from './training-messages.ts';

/*
 * The thread that `churnTrainer` starts: trains what it was given, reports, and ends. Errors that are not expected
 * leave it uncaught, which is how the other side hears of them.
 */
const { backend: name, abortFlag, ...job } = workerData as TrainingOrder;
const report = (message: TrainingReport): void => parentPort?.postMessage(message);

try {
  const backend = await openBackend(name);
  const network = trainNetwork(backend, {
    ...job,
    onEpoch: (losses) => report({ kind: 'epoch', losses }),
    isAborted: () => Atomics.load(abortFlag, 0) !== 0,
  });
  report({ kind: 'trained', network });
} catch (error) {
  // The class of an error does not survive the way to another thread.
  if (!(error instanceof TidemarkError)) throw error;
  report({ kind: 'refused', code: error.code, message: error.message, mend: error.mend });
}
