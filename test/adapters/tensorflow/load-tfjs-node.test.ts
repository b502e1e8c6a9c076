import { expect, it } from 'vitest';
import { loadTfjsNode } from '../../../src/adapters/tensorflow/load-tfjs-node.ts';
import { openBackend } from '../../../src/adapters/tensorflow/open-backend.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { hasTfjsNode } from './backends-here.ts';

it.each<[string, unknown, string]>([
  ['its addon is missing', new Error('\nThe addon can not be found.\nstack'), 'The addon can not be found.'],
  [
    'it is not installed',
    Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }),
    'Cannot',
  ],
  ['it throws what is no error', 'wrong ELF class', 'wrong ELF class'],
])('says how to mend it when %s', async (_when, cause, why) => {
  const failure = await loadTfjsNode(() => Promise.reject(cause as Error)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TidemarkError);
  expect(failure).toMatchObject({ code: 'MODEL_BACKEND', cause });
  expect((failure as TidemarkError).message).toContain(`tfjs-node does not load: ${why}`);
  expect((failure as TidemarkError).message).not.toContain('stack');
  expect((failure as TidemarkError).mend).toContain('Use the backend wasm');
});

it('keeps on computing with a backend after another one could not be opened, or could', async () => {
  const backend = await openBackend('wasm');
  const opening = openBackend('tfjs-node').then(
    () => true,
    (error: unknown) => (error instanceof TidemarkError ? false : error),
  );
  expect(await opening).toBe(hasTfjsNode);
  backend.activate();
  const product = backend.tf.tidy(() => backend.tf.matMul([[1, 2]], [[3], [4]]).dataSync());
  expect([...product]).toEqual([11]);
});
