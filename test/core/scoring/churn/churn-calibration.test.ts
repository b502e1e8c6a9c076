import { describe, expect, it } from 'vitest';
import {
  calibrated,
  isByClosedForm,
  type ChurnCalibration,
} from '../../../../src/core/scoring/churn/churn-calibration.ts';
import { CHURN_INPUTS, MBG_COLUMN, hasOrderedOnce } from '../../../../src/core/scoring/churn/churn-inputs.ts';

const WIDTH = CHURN_INPUTS.length;
const SCALING = { slope: 0.5, intercept: 1 };
const WITH_ONE_ORDER: ChurnCalibration = { ...SCALING, oneOrder: { slope: -2, intercept: 0.25 } };

/** Two people, of whom the second has ordered so often. */
function inputsOf(orders: number, mbgLogit: number): Float32Array {
  const inputs = new Float32Array(2 * WIDTH).fill(7);
  inputs[WIDTH + CHURN_INPUTS.findIndex(({ name }) => name === 'log_orders_total')] = Math.log1p(orders);
  inputs[WIDTH + MBG_COLUMN] = mbgLogit;
  return inputs;
}

function probabilityOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

describe('a calibrated answer', () => {
  it('is the raw one where there is no calibration', () => {
    expect(calibrated(0.375, null, inputsOf(1, -3), WIDTH)).toBe(0.375);
  });

  it.each([1, 2, 50])('of %d orders is the scaled logit of the network', (orders) => {
    const answer = calibrated(probabilityOf(-3), SCALING, inputsOf(orders, 9), WIDTH);
    expect(answer).toBeCloseTo(probabilityOf(0.5 * -3 + 1), 12);
  });

  it('of one order is the scaled closed form, where the calibration has one for them', () => {
    const inputs = inputsOf(1, -1.5);
    expect(isByClosedForm(WITH_ONE_ORDER, inputs, WIDTH)).toBe(true);
    for (const raw of [0, 0.2, 1])
      expect(calibrated(raw, WITH_ONE_ORDER, inputs, WIDTH)).toBeCloseTo(probabilityOf(3.25), 12);
  });

  it('of two orders and more is that of the network all the same', () => {
    const inputs = inputsOf(2, -1.5);
    expect(isByClosedForm(WITH_ONE_ORDER, inputs, WIDTH)).toBe(false);
    expect(calibrated(0.5, WITH_ONE_ORDER, inputs, WIDTH)).toBeCloseTo(probabilityOf(1), 12);
  });

  it('is finite where the network was certain', () => {
    for (const raw of [0, 1]) expect(calibrated(raw, SCALING, inputsOf(3, 0), WIDTH)).toBeGreaterThan(0);
  });

  it('knows one order from none and from many, in the floats that inputs are', () => {
    const once = Array.from({ length: 400 }, (_, orders) => hasOrderedOnce(inputsOf(orders, 0), WIDTH));
    expect(once.flatMap((is, orders) => (is ? [orders] : []))).toEqual([1]);
  });
});
