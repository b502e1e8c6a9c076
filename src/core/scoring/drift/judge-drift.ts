import type { DriftRow, Finding } from './drift-row.ts';

/** The share of whole sets of findings without any drift that may raise an alarm, one or many. */
export const DEFAULT_FALSE_ALARM_RATE = 0.001;

/**
 * Decides which findings alarm, together: give it all that was measured on one occasion. Holm's step-down procedure
 * (1979), because features depend on each other and it holds whatever they do: the probability that any of the
 * tests without drift alarms is at most `falseAlarmRate`. It amounts to one level for all, the rate divided by the
 * tests that are not significant at it, so a row alarms exactly when its number passes its `limit`. Keeps the order.
 */
export function judgeDrift(
  findings: readonly Finding[],
  falseAlarmRate = DEFAULT_FALSE_ALARM_RATE,
): DriftRow[] {
  const pValues = findings.flatMap(({ test }) => (test === undefined ? [] : [test.pValue]));
  const level = holmLevel(pValues, falseAlarmRate);
  return findings.map(({ row, test }) => {
    if (test === undefined) return { ...row, limit: null, alarm: false };
    const limit = test.limitAt(level);
    return { ...row, limit, alarm: test.statistic > limit };
  });
}

/** The level such that exactly those tests are rejected by Holm's procedure whose p-value is not above it. */
export function holmLevel(pValues: readonly number[], rate: number): number {
  const sorted = [...pValues].sort((a, b) => a - b);
  let rejected = 0;
  while (rejected < sorted.length && (sorted[rejected] ?? 1) <= rate / (sorted.length - rejected)) rejected++;
  return rate / Math.max(1, sorted.length - rejected);
}
