import type { ChurnManifest } from '../../../src/adapters/models/churn-manifest.ts';
import { CHURN_INPUTS, CHURN_INPUTS_HASH } from '../../../src/core/scoring/churn/churn-inputs.ts';
import { SCORER_KEYS } from '../../../src/core/scoring/evaluation/gate.ts';
import { measureScorer } from '../../../src/core/scoring/evaluation/measure-scorer.ts';
import { instant } from '../../../src/core/time.ts';
import type { ModelToSave } from '../../../src/ports/model-registry.ts';

const WIDTH = CHURN_INPUTS.length;
export const WEIGHTS = Uint8Array.of(0, 0, 128, 63);

/** A manifest of a model that passed its gate, with parts of another. Its network has weights of no use. */
export function churnManifest(changes: Partial<ChurnManifest> = {}): ChurnManifest {
  const rows = {
    scores: Float64Array.of(0.1, 0.9),
    probabilities: Float64Array.of(0.1, 0.9),
    labels: Uint8Array.of(0, 1),
    customers: ['a', 'b'],
  };
  const metrics = measureScorer(rows, { seed: 1, replicates: 5 });
  const cohort = {
    ...{ n: 2, baseRate: 0.5 },
    ...(Object.fromEntries(SCORER_KEYS.map((key) => [key, metrics])) as Record<string, typeof metrics>),
  } as ChurnManifest['evaluation'][30]['cohorts'][string];
  const evaluation = {
    ...{ population: 2, baseRate: 0.5, cohorts: { all: cohort }, regret: null },
    gate: { passed: true, serves: 'model' as const, reasons: ['It is as good as the best.'] },
  };
  return {
    purpose: 'To be read in tests.',
    interrupted: false,
    inputs: CHURN_INPUTS.map(({ name }) => name),
    inputsHash: CHURN_INPUTS_HASH,
    ofOrders: [],
    network: {
      shapes: [{ name: 'all', shape: [1] }],
      standardiser: { mean: Array<number>(WIDTH).fill(0), scale: Array<number>(WIDTH).fill(1) },
      ...{ backend: 'wasm', library: 'none 0', epochs: 1, stopped: 'patience' },
      settings: { learningRate: 0.001, l2: 0, batchRows: 1, maxEpochs: 1, patience: 1 },
    },
    withoutNetwork: null,
    calibration: { 30: null, 90: { slope: 1.25, intercept: -0.5 } },
    closedForm: { r: 0.5, alpha: 40, a: 0.8, b: 2 },
    plain: null,
    baseline: CHURN_INPUTS.map((_, i) => i / 8),
    data: {
      ...{ source: 'csv orders.csv', people: 2, rows: 3, currency: 'EUR' },
      ...{ from: '1997-01-01T00:00:00.000Z', until: '1998-01-01T00:00:00.000Z' },
    },
    seed: 1,
    evaluation: { 30: evaluation, 90: evaluation },
    gate: { passed: true, reasons: ['It is as good as the best.'] },
    serves: 'network',
    ...changes,
  };
}

export function churnModel(changes: Partial<ChurnManifest> = {}): ModelToSave {
  return {
    kind: 'churn',
    asOf: instant(Date.UTC(1997, 8, 30)),
    manifest: churnManifest(changes),
    files: { 'weights.bin': WEIGHTS },
    card: '# A model of tests\n',
  };
}
