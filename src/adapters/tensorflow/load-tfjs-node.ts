import util from 'node:util';
import { TidemarkError } from '../../errors.ts';

/**
 * Adds the backend of the optional package `@tensorflow/tfjs-node` to the library, which also makes it the active
 * one. npm leaves the package out where its download fails, and half installed, without its addon, where its
 * scripts are not run: each way of not loading is `MODEL_BACKEND`, with the mend.
 */
export async function loadTfjsNode(importer: () => Promise<unknown> = importTfjsNode): Promise<void> {
  try {
    await importer();
  } catch (cause) {
    throw new TidemarkError(
      'MODEL_BACKEND',
      `the TensorFlow backend tfjs-node does not load: ${firstLine(cause)}`,
      'Use the backend wasm, which needs nothing more. Or get the addon: run `npm install`, then ' +
        '`npm explore @tensorflow/tfjs-node -- npm run install`, which downloads it from outside npm; on Linux x64 ' +
        '`.ci/build-tfjs-node` compiles it without that download.',
      cause,
    );
  }
}

async function importTfjsNode(): Promise<void> {
  // tfjs-node 4.22, its last release, calls this function of Node's, which Node 23 took out.
  if (!('isNullOrUndefined' in util))
    Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  await import('@tensorflow/tfjs-node');
}

export function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.trim().split('\n', 1)[0] ?? message;
}
