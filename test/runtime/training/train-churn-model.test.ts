import { expect, it } from 'vitest';
import { churnTrainer } from '../../../src/adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../../../src/adapters/tensorflow/load-churn-network.ts';
import { trainChurnModel } from '../../../src/runtime/training/train-churn-model.ts';
import { simulatedHistory } from '../../support/simulated-history.ts';

it('is no model where it was stopped before the network had learnt anything', async () => {
  const trained = await trainChurnModel(await simulatedHistory(60, 1), {
    ...{ trainer: churnTrainer('wasm'), seed: 1, signal: AbortSignal.abort() },
    load: (stored) => loadChurnNetwork('wasm', stored),
  });
  expect(trained).toEqual({
    why: 'training was stopped before the network had learnt anything',
    interrupted: true,
  });
}, 60_000);
