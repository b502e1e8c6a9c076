import { fileURLToPath } from 'node:url';
import type * as tensorflow from '@tensorflow/tfjs';
import { TidemarkError } from '../../errors.ts';
import type { NetworkBackend } from '../../ports/churn-network.ts';
import { firstLine, loadTfjsNode } from './load-tfjs-node.ts';

export type TensorFlow = typeof tensorflow;

/**
 * TensorFlow.js with a backend that works. The library has one active backend per thread, so whoever computes
 * calls `activate` first and is done with the tensors it made before anybody else's turn.
 */
export interface Backend {
  readonly name: NetworkBackend;
  readonly tf: TensorFlow;
  /** Name and version. */
  readonly library: string;
  /**
   * Batches must hold a multiple of so many rows, or a row's answer depends on its place: the last rows of a
   * batch that does not fill the vector registers take another path, which rounds differently.
   */
  readonly rowMultiple: number;
  /**
   * Rows of every call that asks, where a row's answer depends on how many there are: on some processors the native
   * library cuts large batches otherwise than small ones. Undefined where it does not.
   */
  readonly callRows: number | undefined;
  activate(): void;
}

/** What TensorFlow.js calls them. */
const REGISTERED_AS = { wasm: 'wasm', 'tfjs-node': 'tensorflow', cpu: 'cpu' } as const;
const CALL_ROWS = { wasm: undefined, 'tfjs-node': 64, cpu: undefined } as const;
const ROW_MULTIPLE = { wasm: 1, 'tfjs-node': 64, cpu: 1 } as const;

/** Per thread, as the library's own registry is. */
const opened = new Map<NetworkBackend, Promise<Backend>>();

/**
 * The backend, set up on first use: about 0.3 s for wasm and cpu and 0.7 s for tfjs-node. Needs no network. Throws
 * `MODEL_BACKEND` with the mend when it is not installed or does not work here, and then until the process ends.
 * Networks of other backends in this thread cannot be asked until it resolves.
 */
export function openBackend(name: NetworkBackend): Promise<Backend> {
  const known = opened.get(name);
  if (known !== undefined) return known;
  // One at a time: while the library sets a backend up it refuses to compute with any.
  const before = Promise.allSettled(opened.values());
  const backend = before.then(() => setUp(name));
  opened.set(name, backend);
  return backend;
}

async function setUp(name: NetworkBackend): Promise<Backend> {
  try {
    const tf = await import('@tensorflow/tfjs');
    // Otherwise it prints what its authors would rather have us install.
    tf.enableProdMode();
    if (name === 'wasm') await prepareWasm();
    if (name === 'tfjs-node') await loadTfjsNode();
    if (!(await keepingListeners(() => tf.setBackend(REGISTERED_AS[name]))))
      throw new Error('TensorFlow.js refuses to set it up');
    const backend = {
      name,
      tf,
      library: `@tensorflow/tfjs ${tf.version.tfjs}`,
      rowMultiple: ROW_MULTIPLE[name],
      callRows: CALL_ROWS[name],
      // Synchronous in effect once the backend is set up; kernels are only looked up anew where it changes.
      activate: () => {
        if (tf.getBackend() !== REGISTERED_AS[name]) void tf.setBackend(REGISTERED_AS[name]);
      },
    };
    demandSix(backend);
    return backend;
  } catch (cause) {
    if (cause instanceof TidemarkError) throw cause;
    throw new TidemarkError(
      'MODEL_BACKEND',
      `the TensorFlow backend ${name} does not work here: ${firstLine(cause)}`,
      'Run `rm -rf node_modules && npm ci`: the packages of @tensorflow are missing or do not fit each other.',
      cause,
    );
  }
}

async function prepareWasm(): Promise<void> {
  const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(fileURLToPath(new URL('.', import.meta.resolve('@tensorflow/tfjs-backend-wasm'))));
  // Sums over threads would depend on how many there are.
  setThreadsCount(1);
}

/**
 * The wasm loader leaves listeners behind that throw what they are told, which changes how the process ends after
 * an uncaught exception or a rejection nobody handled. That is not a backend's to decide.
 */
async function keepingListeners<T>(work: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const result = await work();
  for (const [index, event] of events.entries())
    for (const listener of process.rawListeners(event))
      if (before[index]?.includes(listener) === false && /\bthrow\b/.test(String(listener)))
        process.removeListener(event, listener as (...all: unknown[]) => void);
  return result;
}

/** An addon for another platform or version may load and fail only when it computes. */
function demandSix({ tf }: Backend): void {
  const [product] = tf.tidy(() => tf.matMul([[2]], [[3]]).dataSync());
  if (product !== 6) throw new Error(`2 · 3 is ${product}`);
}
