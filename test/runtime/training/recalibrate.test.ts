import { describe, expect, it } from 'vitest';
import { CHURN_INPUTS, MBG_COLUMN } from '../../../src/core/scoring/churn/churn-inputs.ts';
import { seededRandom } from '../../../src/core/seeded-random.ts';
import { instant } from '../../../src/core/time.ts';
import type { ChurnNetwork, TrainedNetwork } from '../../../src/ports/churn-network.ts';
import type { ChurnHistory } from '../../../src/runtime/training/churn-history.ts';
import type { SeenRows } from '../../../src/runtime/training/churn-rows.ts';
import { recalibrate } from '../../../src/runtime/training/recalibrate.ts';

const WIDTH = CHURN_INPUTS.length;
const AGES = 8;

interface Person {
  readonly orders: number;
  /** Of churning, what the label was drawn from. */
  readonly truth: number;
  readonly mbgLogit: number;
  /** What the network says, 0 to 1. */
  readonly said: number;
}

/** The same number of people at every snapshot; labels known where the horizon had elapsed. */
function historyOf(
  perSnapshot: number,
  person: (uniform: () => number, index: number) => Person,
  isKnown: (age: number, horizon: number) => boolean = (age, horizon) => age * 30 >= horizon,
) {
  const random = seededRandom(11, 'crowd');
  const uniform = (): number => random.uniform();
  const people = Array.from({ length: (AGES + 1) * perSnapshot }, (_, i) => person(uniform, i));
  const labels = people.map(({ truth }) => Number(uniform() < truth));
  const ageOf = (row: number): number => Math.floor(row / perSnapshot);
  const inputsOf = (rows: readonly number[]): Float32Array<ArrayBuffer> => {
    const inputs = new Float32Array(rows.length * WIDTH);
    rows.forEach((row, i) => {
      const { orders = NaN, mbgLogit = NaN, said = NaN } = people[row] ?? {};
      CHURN_INPUTS.forEach(({ name }, column) => {
        if (name === 'log_orders_total') inputs[i * WIDTH + column] = Math.log1p(orders);
      });
      inputs[i * WIDTH + MBG_COLUMN] = mbgLogit;
      inputs[(i + 1) * WIDTH - 1] = said;
    });
    return inputs;
  };
  const rows: SeenRows = {
    ...{ width: WIDTH, rows: people.length, inputsOf },
    personIds: people.map((_, row) => `p${row}`),
    instants: people.map(() => instant(0)),
    measures: people.map(({ orders }) => ({
      ...{ recencyDays: 1, decayedOrders: 1, orders, ordersOfYear: orders, meanOrder: 1, sales: 0 },
      history: { repeats: orders - 1, ageAtLast: 0, age: 1 },
    })),
    ofOrders: new Set(),
    // What the closed form says of a person is given.
    seenWith: () => rows,
  };
  const history: ChurnHistory = {
    asOf: instant(0),
    observedUntil: instant(0),
    rows,
    rowsAt: (age) => Array.from({ length: perSnapshot }, (_, i) => age * perSnapshot + i),
    label: (row, horizon) => (isKnown(ageOf(row), horizon) ? (labels[row] ?? NaN) : NaN),
    nextOrderAt: () => instant(0),
    closedForm: undefined,
  };
  return history;
}

/** A network that says what stands in the last input. */
function saying(): ChurnNetwork {
  return {
    width: WIDTH,
    backend: 'cpu',
    predict: (inputs, rows) =>
      Float32Array.from({ length: 2 * rows }, (_, i) => inputs[(Math.floor(i / 2) + 1) * WIDTH - 1] ?? NaN),
    attribute() {
      throw new Error('nobody asks why');
    },
    dispose: () => undefined,
  };
}

const NETWORK: TrainedNetwork = {
  ...{ weights: new Uint8Array(), shapes: [], standardiser: { mean: [], scale: [] } },
  ...{ backend: 'cpu', library: 'none', seed: 1, history: [], bestEpoch: 1, stopped: 'epochs' },
  settings: { learningRate: 1, l2: 0, batchRows: 1, maxEpochs: 1, patience: 1 },
};

function recalibrated(history: ChurnHistory) {
  return recalibrate(history, NETWORK, NETWORK, () => Promise.resolve(saying()));
}

/** Half of them ordered once. The closed form knows the truth; the network knows it, or guesses, of one order. */
function crowd(knowsOneOrder: boolean) {
  return (uniform: () => number, index: number): Person => {
    const truth = 0.1 + 0.8 * uniform();
    const orders = 1 + (index % 2);
    const said = knowsOneOrder || orders > 1 ? truth : 0.1 + 0.8 * uniform();
    const mbgLogit = Math.log((1 - truth) / truth);
    return { orders, truth, said, mbgLogit: knowsOneOrder ? 4 * uniform() - 2 : mbgLogit };
  };
}

describe('recalibration', () => {
  it('leaves who ordered once to the closed form, where the network only guesses at them', async () => {
    const calibration = await recalibrated(historyOf(1000, crowd(false)));
    for (const horizon of [30, 90] as const) {
      const oneOrder = calibration[horizon]?.oneOrder;
      expect(oneOrder?.slope).toBeGreaterThan(-1.15);
      expect(oneOrder?.slope).toBeLessThan(-0.85);
      expect(Math.abs(oneOrder?.intercept ?? NaN)).toBeLessThan(0.15);
    }
  });

  it('leaves them to the network where that knows more', async () => {
    const calibration = await recalibrated(historyOf(1000, crowd(true)));
    expect([calibration[30]?.oneOrder, calibration[90]?.oneOrder]).toEqual([undefined, undefined]);
  });

  it('leaves them to the network where they are too few to tell', async () => {
    const calibration = await recalibrated(historyOf(150, crowd(false)));
    expect([calibration[30]?.oneOrder, calibration[90]?.oneOrder]).toEqual([undefined, undefined]);
  });

  it('mends a network that is too sure of itself', async () => {
    const history = historyOf(1000, (uniform) => {
      const truth = 0.1 + 0.8 * uniform();
      const odds = (truth / (1 - truth)) ** 2;
      return { orders: 3, truth, said: odds / (1 + odds), mbgLogit: 0 };
    });
    const { 30: short, 90: long } = await recalibrated(history);
    for (const calibration of [short, long]) {
      expect(calibration?.slope).toBeGreaterThan(0.4);
      expect(calibration?.slope).toBeLessThan(0.6);
      expect(calibration).not.toHaveProperty('oneOrder');
    }
  });

  it('leaves them to the network where the snapshots of one horizon cannot tell', async () => {
    const short = historyOf(1000, crowd(false), (age, horizon) => horizon === 30 && age * 30 >= horizon);
    const calibration = await recalibrated(short);
    expect([calibration[30]?.oneOrder, calibration[90]?.oneOrder]).toEqual([undefined, undefined]);
  });

  it('asks no snapshot whose horizon had not elapsed, and does nothing on a single one', async () => {
    const single = historyOf(1000, crowd(false), (age, horizon) => age * 30 === horizon);
    expect(await recalibrated(single)).toEqual({ 30: null, 90: null });
  });
});
