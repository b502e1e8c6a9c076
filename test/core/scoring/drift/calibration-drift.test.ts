import { describe, expect, it } from 'vitest';
import { calibrationDrift, type Outcome } from '../../../../src/core/scoring/drift/calibration-drift.ts';
import { judgeDrift } from '../../../../src/core/scoring/drift/judge-drift.ts';
import { seededRandom } from '../../../../src/core/seeded-random.ts';
import { DAY_MS, instant } from '../../../../src/core/time.ts';

const NOW = instant(1000 * DAY_MS);
const HORIZON = { horizonMs: 90 * DAY_MS };
const ELAPSED = instant(NOW - 90 * DAY_MS);

/** People of whom each leaves with his predicted probability, times `factor` on the odds. */
function outcomes(seed: number, count: number, factor = 1): Outcome[] {
  const random = seededRandom(seed, 'outcomes');
  return Array.from({ length: count }, () => {
    const probability = 0.05 + 0.9 * random.uniform() ** 2;
    const odds = (factor * probability) / (1 - probability);
    const cameTrue = random.uniform() < odds / (1 + odds);
    return { predictedAt: ELAPSED, tenureDays: random.below(600), probability, cameTrue };
  });
}

describe('calibration', () => {
  it('counts what came true against what should have, with an interval', () => {
    const told = Array.from({ length: 100 }, (_, i) => ({
      predictedAt: ELAPSED,
      tenureDays: 10,
      probability: i % 2 === 0 ? 0.1 : 0.3,
      cameTrue: i < 8,
    }));
    const [all, band] = calibrationDrift('churn_90d', told, NOW, HORIZON);
    expect(all?.row).toMatchObject({ kind: 'calibration', stratum: 'all', n_current: 100, observed: 0.08 });
    expect(all?.row.expected).toBeCloseTo(0.2, 12);
    expect(all?.row.observed_low).toBeCloseTo(0.0352, 4);
    expect(all?.row.observed_high).toBeCloseTo(0.1516, 4);
    expect(band?.row).toEqual({ ...all?.row, stratum: '0-30 days' });
  });

  it('has nothing to say of predictions whose horizon has not elapsed, or that were not made', () => {
    const [one] = outcomes(1, 1);
    const early = { ...one, predictedAt: instant(ELAPSED + 1) } as Outcome;
    const unscored = { ...one, probability: NaN } as Outcome;
    const findings = calibrationDrift('churn_90d', [early, unscored], NOW, HORIZON);
    expect(findings.map(({ row, test }) => [row.n_current, row.observed, test])).toEqual([
      [0, null, undefined],
    ]);
  });

  it.each([200, 2000, 20_000])(
    'holds for %d people who do as predicted, and alarms when they do not',
    (n) => {
      const drifted = { 200: 4, 2000: 1.6, 20_000: 1.25 }[n] ?? NaN;
      for (let seed = 1; seed <= 10; seed++) {
        const judge = (factor: number): boolean[] =>
          judgeDrift(calibrationDrift('churn_90d', outcomes(seed, n, factor), NOW, HORIZON)).map(
            ({ alarm }) => alarm,
          );
        expect(judge(1)).not.toContain(true);
        expect(judge(drifted)[0]).toBe(true);
        expect(judge(1 / drifted)[0]).toBe(true);
      }
    },
  );

  it('does not alarm of a gap that nobody would act on, however certain', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => ({
      predictedAt: ELAPSED,
      tenureDays: 10,
      probability: 0.5,
      cameTrue: i % 1000 < 485,
    }));
    const [row] = judgeDrift(calibrationDrift('churn_90d', many, NOW, HORIZON));
    expect(row?.drift_p_value).toBeLessThan(1e-30);
    expect(row?.alarm).toBe(false);
    const [stricter] = judgeDrift(calibrationDrift('churn_90d', many, NOW, { ...HORIZON, minimumGap: 0.01 }));
    expect(stricter?.alarm).toBe(true);
  });

  it('raises few alarms in a thousand times without drift', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const findings = calibrationDrift('churn_90d', outcomes(seed, 300), NOW, HORIZON);
      if (judgeDrift(findings).some(({ alarm }) => alarm)) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(10);
  });
});
