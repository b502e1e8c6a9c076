import { describe, expect, it } from 'vitest';
import { churnTrainer } from '../../../src/adapters/tensorflow/churn-trainer.ts';
import { TidemarkError } from '../../../src/errors.ts';
import type { EpochLosses, NetworkBackend } from '../../../src/ports/churn-network.ts';
import { hasTfjsNode } from './backends-here.ts';
import { churnRows, trainHere, WIDTH } from './churn-rows.ts';

const training = churnRows(600, 'training');
const validation = churnRows(200, 'validation');
const settings = { batchRows: 64, maxEpochs: 3 };
const never = new AbortController().signal;

describe('training in a thread', () => {
  it('gives what training here gives, and tells of each epoch', async () => {
    const told: EpochLosses[] = [];
    const trained = await churnTrainer('wasm').train(training, validation, {
      ...settings,
      seed: 4,
      onEpoch: (losses) => told.push(losses),
      signal: never,
    });
    expect(trained).toEqual(await trainHere(training, validation, { ...settings, seed: 4 }));
    expect(told).toEqual(trained.history);
    expect(told.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
  });

  it('leaves arrays as they are, also windows of larger ones', async () => {
    const large = new Float32Array(training.inputs.length + 11);
    large.set(training.inputs, 5);
    const inputs = large.subarray(5, 5 + training.inputs.length);
    const trainer = churnTrainer('wasm');
    const one = await trainer.train({ ...training, inputs }, validation, { ...settings, seed: 1 });
    expect(inputs).toEqual(training.inputs);
    expect(training.labels).toHaveLength(1200);
    expect(await trainer.train(training, validation, { ...settings, seed: 1 })).toEqual(one);
  });

  it('leaves the event loop to others, who can stop it while an epoch runs', async () => {
    const controller = new AbortController();
    const stopAfter = (turns: number): void => {
      if (turns === 0) controller.abort();
      else setImmediate(stopAfter, turns - 1);
    };
    // One row a step: the first epoch alone would take minutes, and nothing but the turns of this loop ends it.
    const long = churnRows(200_000, 'long');
    const trained = await churnTrainer('wasm').train(long, validation, {
      seed: 1,
      batchRows: 1,
      signal: controller.signal,
      onEpoch: () => stopAfter(1000),
    });
    expect(trained).toMatchObject({ stopped: 'aborted', bestEpoch: 0 });
    expect(trained.history).toHaveLength(1);
  });

  it('that was stopped before it began resolves as well', async () => {
    const trained = await churnTrainer('wasm').train(training, validation, {
      seed: 1,
      signal: AbortSignal.abort(),
    });
    expect(trained).toMatchObject({ stopped: 'aborted', bestEpoch: 0 });
  });

  it('fails with what failed in the thread or in the listener', async () => {
    const trainer = churnTrainer('wasm');
    const narrow = { ...validation, width: WIDTH - 1 };
    await expect(trainer.train(training, narrow, { seed: 1 })).rejects.toThrow(
      /1000 inputs are not 200 rows of 4/,
    );
    const onEpoch = () => {
      throw new RangeError('enough');
    };
    await expect(trainer.train(training, validation, { seed: 1, onEpoch })).rejects.toThrow('enough');
  });

  it('on a backend that is not there says so', async () => {
    const failure = await churnTrainer('abacus' as NetworkBackend)
      .train(training, validation, { seed: 1 })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TidemarkError);
    expect(failure).toMatchObject({ code: 'MODEL_BACKEND', exitCode: 1 });
    expect((failure as TidemarkError).mend).not.toBe('');
  });

  it.skipIf(!hasTfjsNode)('works on tfjs-node', async () => {
    const trainer = churnTrainer('tfjs-node');
    const trained = await trainer.train(training, validation, { ...settings, seed: 4 });
    expect(trained).toMatchObject({ backend: 'tfjs-node', stopped: 'epochs' });
    expect(await trainer.train(training, validation, { ...settings, seed: 4 })).toEqual(trained);
  });
});
