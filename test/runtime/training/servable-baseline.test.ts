import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/time.ts';
import type { ChurnHistory, Horizon } from '../../../src/runtime/training/churn-history.ts';
import type { RowMeasures } from '../../../src/runtime/training/churn-rows.ts';
import { fitServableBaseline } from '../../../src/runtime/training/fit-baselines.ts';

/** Two hundred people at one labelled snapshot, last seen 1 to 200 days ago, who stayed away as `label` says. */
function historyOf(label: (recencyDays: number, horizon: Horizon) => number): ChurnHistory {
  const measures = Array.from({ length: 200 }, (_, row): RowMeasures => {
    const shared = { orders: 2, ordersOfYear: 2, meanOrder: 10, sales: 0 };
    const history = { repeats: 1, ageAtLast: 10, age: 300 };
    return { ...shared, history, recencyDays: row + 1, decayedOrders: 2 * 0.5 ** ((row + 1) / 90) };
  });
  const rows = [...measures.keys()];
  const seen = {
    ...{ width: 0, rows: rows.length, personIds: rows.map(String), instants: rows.map(() => instant(0)) },
    ...{ measures, ofOrders: new Set<string>(), inputsOf: () => new Float32Array() },
    seenWith: () => seen,
  };
  return {
    ...{ asOf: instant(0), observedUntil: instant(0), closedForm: undefined, nextOrderAt: () => instant(0) },
    rows: seen,
    rowsAt: (age) => (age === 4 ? rows : []),
    label: (row, horizon) => label(measures[row]?.recencyDays ?? NaN, horizon),
  };
}

const away = (isAway: boolean): number => (isAway ? 1 : 0);

describe('the baseline that can serve', () => {
  it('is the best one, with a fit for each horizon', () => {
    const history = historyOf((days, horizon) => away(days > horizon));
    const { key, plain } = fitServableBaseline(history, ['recency', 'mbgNbd']);
    expect(key).toBe('recency');
    expect(plain?.fits[30]).not.toEqual(plain?.fits[90]);
    expect(plain?.fits[90].coefficients[0]).toBeGreaterThan(0);
  });

  it('may rank the other way over 30 days: the score is of the longer horizon', () => {
    const history = historyOf((days, horizon) => away(horizon === 30 ? days < 60 : days > 100));
    expect(fitServableBaseline(history, ['recency']).plain?.fits[30].coefficients[0]).toBeLessThan(0);
  });

  it.each([
    ['that stay away the less the longer they are silent', (days: number) => away(days < 100)],
    ['of whom nobody stayed away', () => 0],
  ])('of people %s is not one that ranks by silence', (_who, label) => {
    const history = historyOf(label);
    expect(fitServableBaseline(history, ['recency', 'decayedCount', 'mbgNbd'])).toEqual({
      key: 'mbgNbd',
      plain: undefined,
    });
    expect(fitServableBaseline(history, ['recency', 'logisticRfm']).key).toBe('logisticRfm');
  });

  it('is the closed form where nothing is labelled', () => {
    expect(
      fitServableBaseline(
        historyOf(() => NaN),
        ['decayedCount', 'logisticRfm'],
      ).key,
    ).toBe('mbgNbd');
  });
});
