import type { MoneyRules } from '../../core/events/interpret.ts';
import type { FeatureEnvironment } from '../../core/features/feature.ts';
import { minorDigits } from '../../core/money.ts';

/** What features may know when a model learns from them: nothing about anybody else, and days begin at UTC. */
export function snapshotEnvironment({ currency }: Pick<MoneyRules, 'currency'>): FeatureEnvironment {
  return {
    meanOrderMinor: NaN,
    cuts: {},
    currency,
    minorPerMajor: 10 ** minorDigits(currency),
    utcOffsetMs: 0,
  };
}
