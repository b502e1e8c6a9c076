import { describe, expect, it } from 'vitest';
import {
  PLAIN_INPUTS,
  PLAIN_KEYS,
  PLAIN_WIDTHS,
  plainProbability,
} from '../../../../src/core/scoring/churn/plain-scorer.ts';

const SOMEBODY = { recencyDays: 20, decayedOrders: 0.99, orders: 3, meanOrder: 99 };
const scorer = (key: (typeof PLAIN_KEYS)[number], intercept: number, ...coefficients: number[]) => ({
  key,
  fits: { 30: { intercept: 9, coefficients }, 90: { intercept, coefficients } },
});

describe('a plain baseline', () => {
  it.each(PLAIN_KEYS)('%s has as many inputs as coefficients', (key) => {
    expect(PLAIN_INPUTS[key](SOMEBODY)).toHaveLength(PLAIN_WIDTHS[key]);
  });

  // By hand: ln 21 = 3.0445, ln 1 = 0, ln 4 = 1.3863, ln 100 = 4.6052; 1 / (1 + e^−x).
  it('of recency: x = −3 + 1 · ln(1 + 20) = .0445', () => {
    expect(plainProbability(scorer('recency', -3, 1), SOMEBODY, 90)).toBeCloseTo(0.51113, 5);
  });

  it('of the decayed count: x = .5 − 2 · ln(.99 + .01) = .5', () => {
    expect(plainProbability(scorer('decayedCount', 0.5, -2), SOMEBODY, 90)).toBeCloseTo(0.62246, 5);
  });

  it('of R, F, M: x = 0 + ln 21 − ln 4 − .5 · ln 100 = −.6444', () => {
    expect(plainProbability(scorer('logisticRfm', 0, 1, -1, -0.5), SOMEBODY, 90)).toBeCloseTo(0.34424, 4);
  });

  it('has a fit of its own for each horizon', () => {
    expect(plainProbability(scorer('decayedCount', 0.5, -2), SOMEBODY, 30)).toBeCloseTo(0.99988, 5);
  });
});
