import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { DAY_MS, instant, plus } from '../../src/core/time.ts';
import { readChurnHistory, type ChurnHistory } from '../../src/runtime/training/churn-history.ts';
import { memoryStore } from './run-records.ts';

const START_AT = instant(Date.UTC(2025, 0, 1));
const CUT_OFF_DAY = 330;

/**
 * A small simulated marketplace in labelled snapshots, as of its 330th day. Labels of 30 days exist up to the
 * cut-off, which the data outlast by 31 days; those of 90 days from the third snapshot before it on.
 */
export function simulatedHistory(people: number, seed: number): Promise<ChurnHistory> {
  const market = { people, days: CUT_OFF_DAY + 31, seed, startAt: START_AT, intensity: 0.4 };
  return readChurnHistory({
    source: simulatedSource(market),
    store: memoryStore(1),
    money: { currency: 'CNY', rates: {} },
    asOf: plus(START_AT, CUT_OFF_DAY * DAY_MS),
  });
}
