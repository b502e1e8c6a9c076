import { describe, expect, it } from 'vitest';
import { loadChurnNetwork } from '../../../src/adapters/tensorflow/load-churn-network.ts';
import { packTensors, unpackTensors } from '../../../src/adapters/tensorflow/network-layout.ts';
import { BACKENDS } from './backends-here.ts';
import { churnRows, rowOf, trainHere, WIDTH } from './churn-rows.ts';
import { naiveAttribution, naiveNetwork } from './naive-network.ts';

const training = churnRows(2000, 'training');
const trained = await trainHere(training, training, { maxEpochs: 12, learningRate: 5e-3 });
const naive = naiveNetwork(trained);
const baseline = Float32Array.from([-1, 0.25, 0, 0.5, -0.5]);
const rows = 40;
const asked = churnRows(rows, 'asked').inputs;

/** ln(p / (1 − p)) at 90 days, of the row less the baseline's. */
function change(row: number): number {
  return naive.logits(rowOf(asked, row, WIDTH))[1] - naive.logits(baseline)[1];
}

describe.each(BACKENDS)('reasons on $backend', ({ backend, isMissing }) => {
  it.skipIf(isMissing)(`are the integral of the gradient, input by input (${backend})`, async () => {
    const network = await loadChurnNetwork(backend, trained);
    const { contributions } = network.attribute(asked, rows, baseline, 400);
    for (let row = 0; row < 8; row++) {
      const exact = naiveAttribution(naive, rowOf(asked, row, WIDTH), baseline, 1000);
      rowOf(contributions, row, WIDTH).forEach((contribution, input) => {
        expect(Math.abs(contribution - (exact[input] ?? NaN))).toBeLessThan(0.01);
      });
    }
    network.dispose();
  });

  it.skipIf(isMissing)(`add up to the change of the logit, and say what they miss (${backend})`, async () => {
    const network = await loadChurnNetwork(backend, trained);
    const { contributions, residuals } = network.attribute(asked, rows, baseline);
    for (let row = 0; row < rows; row++) {
      const sum = rowOf(contributions, row, WIDTH).reduce((a, b) => a + b, 0);
      expect(sum + (residuals[row] ?? NaN)).toBeCloseTo(change(row), 4);
    }
    const missed = (values: Float32Array) =>
      values.reduce((sum, residual) => sum + Math.abs(residual), 0) / rows;
    expect(missed(residuals)).toBeLessThan(0.03);
    expect(missed(network.attribute(asked, rows, baseline, 512).residuals)).toBeLessThan(
      missed(residuals) / 4,
    );
    network.dispose();
  });
});

describe('a reason', () => {
  it('is the same alone and among others, whatever goes into one call', async () => {
    const network = await loadChurnNetwork('wasm', trained);
    const many = network.attribute(asked, rows, baseline, 300);
    for (const row of [0, 13, 14, 39]) {
      const alone = network.attribute(rowOf(asked, row, WIDTH), 1, baseline, 300);
      expect(alone.contributions).toEqual(rowOf(many.contributions, row, WIDTH));
      expect(alone.residuals[0]).toBe(many.residuals[row]);
    }
    expect(network.attribute(new Float32Array(), 0, baseline).contributions).toHaveLength(0);
    network.dispose();
  });

  it('of the baseline itself is nothing, and of an unchanged input too', async () => {
    const network = await loadChurnNetwork('wasm', trained);
    const nothing = network.attribute(baseline, 1, baseline);
    expect([...nothing.contributions, ...nothing.residuals].every((value) => value === 0)).toBe(true);
    const moved = baseline.with(1, 2);
    const { contributions } = network.attribute(moved, 1, baseline);
    expect(contributions[1]).toBeGreaterThan(0.5);
    expect([...contributions].filter((value) => value !== 0)).toHaveLength(1);
    network.dispose();
  });

  it('of a linear network is weight times distance, with nothing missed', async () => {
    const tensors = unpackTensors(trained.weights, WIDTH);
    const linear = { ...tensors, headKernel: tensors.headKernel.map(() => 0) };
    const network = await loadChurnNetwork('wasm', { ...trained, weights: packTensors(linear) });
    const { contributions, residuals } = network.attribute(asked, rows, baseline, 1);
    for (let row = 0; row < rows; row++) {
      rowOf(contributions, row, WIDTH).forEach((contribution, input) => {
        const distance = (asked[row * WIDTH + input] ?? NaN) - (baseline[input] ?? NaN);
        const weight =
          (tensors.skipKernel[2 * input + 1] ?? NaN) / (trained.standardiser.scale[input] ?? NaN);
        expect(contribution).toBeCloseTo(distance * weight, 5);
      });
      expect(Math.abs(residuals[row] ?? NaN)).toBeLessThan(1e-5);
    }
    network.dispose();
  });
});
