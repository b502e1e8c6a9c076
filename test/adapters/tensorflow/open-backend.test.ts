import { expect, it } from 'vitest';
import { openBackend } from '../../../src/adapters/tensorflow/open-backend.ts';

// Alone in its file, and so in its process: nothing else has opened a backend yet.
it('opens each backend once, also when all are asked for at the same time', async () => {
  const [one, two, three] = await Promise.all([openBackend('wasm'), openBackend('cpu'), openBackend('wasm')]);
  expect(three).toBe(one);
  expect([one.name, two.name]).toEqual(['wasm', 'cpu']);
  for (const backend of [one, two]) {
    backend.activate();
    expect(backend.tf.getBackend()).toBe(backend.name);
    expect(backend.library).toMatch(/^@tensorflow\/tfjs 4\./);
  }
});
