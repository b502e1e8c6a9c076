import { beforeAll, describe, expect, it } from 'vitest';
import { churnTrainer } from '../../../src/adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../../../src/adapters/tensorflow/load-churn-network.ts';
import { readBackChurn } from '../../../src/commands/read-back-churn.ts';
import type { LoadChurnNetwork } from '../../../src/ports/churn-network.ts';
import type { ServedChurnModel } from '../../../src/ports/served-models.ts';
import type { ChurnHistory } from '../../../src/runtime/training/churn-history.ts';
import { evaluateChurn } from '../../../src/runtime/training/evaluate-churn.ts';
import { trainChurnModel, type ChurnModel } from '../../../src/runtime/training/train-churn-model.ts';
import { simulatedHistory } from '../../support/simulated-history.ts';

const OTHER_SCORES = 'Scoring again from the manifest gave other scores.';
const load: LoadChurnNetwork = (stored) => loadChurnNetwork('wasm', stored);

let history: ChurnHistory;
let model: ChurnModel;

beforeAll(async () => {
  history = await simulatedHistory(200, 1);
  const settings = { maxEpochs: 3 };
  const trained = await trainChurnModel(history, { trainer: churnTrainer('wasm'), load, seed: 1, settings });
  if ('why' in trained) throw new Error(trained.why);
  const calibration = { slope: 1.0987654321987654, intercept: -0.1234567891234567 };
  model = { ...trained, calibration: { 30: calibration, 90: calibration } };
}, 120_000);

/** What the gate says where the model is read back with these changes. */
async function reasonsWhere(change: (stored: ServedChurnModel) => Partial<ServedChurnModel>) {
  const { evaluation } = await evaluateChurn(history, 30, model, {
    ...{ load, seed: 1 },
    async readBack(...trained) {
      const stored = await readBackChurn(...trained);
      return { ...stored, ...change(stored) };
    },
  });
  return evaluation.gate.reasons;
}

describe('the question whether scores are reproducible', () => {
  it('is answered by the bytes that would be stored', async () => {
    expect(await reasonsWhere(() => ({}))).not.toContain(OTHER_SCORES);
    const stored = await readBackChurn(history, model);
    expect(stored).toMatchObject({
      serves: 'network',
      calibration: model.calibration,
      closedForm: history.closedForm,
    });
    expect(stored.network?.weights).toEqual(model.network.weights);
    expect(stored.network?.weights).not.toBe(model.network.weights);
    expect(stored.network?.standardiser).toEqual(model.network.standardiser);
  });

  it.each<[string, (stored: ServedChurnModel) => Partial<ServedChurnModel>]>([
    [
      'a calibration with a digit less',
      ({ calibration }) => {
        const [shorter, longer] = [calibration[30], calibration[90]];
        if (shorter === null) throw new Error('there is no calibration');
        return { calibration: { 30: { ...shorter, slope: Number(shorter.slope.toFixed(15)) }, 90: longer } };
      },
    ],
    ['no calibration', () => ({ calibration: { 30: null, 90: null } })],
    ['another closed form', ({ closedForm }) => ({ closedForm: { ...closedForm, r: closedForm.r * 1.001 } })],
    [
      'another bit in the weights',
      ({ network }) => {
        if (network === undefined) throw new Error('there is no network');
        const weights = Uint8Array.from(network.weights, (byte, i) => (i === 1 ? byte ^ 1 : byte));
        return { network: { ...network, weights } };
      },
    ],
    ['no network', () => ({ network: undefined })],
  ])('is answered no by %s', async (_what, change) => {
    expect(await reasonsWhere(change)).toContain(OTHER_SCORES);
  });
});
