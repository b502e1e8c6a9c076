import { plus, type Instant } from '../../time.ts';
import { binomialInterval, binomialSurvival, rareSuccesses } from './binomial.ts';
import { blankRow, type Finding } from './drift-row.ts';
import { bandName, bandOf, DEFAULT_TENURE_BANDS, wholeDays, type TenureBands } from './tenure.ts';

/** A prediction and what came of it, as far as is known. */
export interface Outcome {
  readonly predictedAt: Instant;
  /** Days, when it was predicted; NaN or negative for unknown. */
  readonly tenureDays: number;
  /** 0 to 1; NaN for who was not scored. */
  readonly probability: number;
  readonly cameTrue: boolean;
}

export interface CalibrationSettings {
  /** How far a prediction looks. */
  readonly horizonMs: number;
  readonly bands?: TenureBands;
  /** Least gap between expected and observed share that anybody would act on; .02 when absent. */
  readonly minimumGap?: number;
}

const DEFAULT_MINIMUM_GAP = 0.02;
const CONFIDENCE = 0.95;

/**
 * How many predictions came true against how many should have: over all and per tenure band. Of the outcomes only those
 * count whose horizon has elapsed at `measuredAt`, since before that there is nothing to be right or wrong about.
 *
 * The test is binomial at the mean prediction. Predictions that differ from person to person scatter less than equal ones
 * (Hoeffding 1956), so without drift it alarms more rarely than it says. A gap alarms above the greater of what
 * chance makes of it and `minimumGap`.
 */
export function calibrationDrift(
  name: string,
  outcomes: readonly Outcome[],
  measuredAt: Instant,
  settings: CalibrationSettings,
): Finding[] {
  const bands = settings.bands ?? DEFAULT_TENURE_BANDS;
  const known = outcomes.filter(
    ({ predictedAt, probability }) =>
      plus(predictedAt, settings.horizonMs) <= measuredAt && !Number.isNaN(probability),
  );
  const byBand = new Map<number, Outcome[]>();
  for (const outcome of known) {
    const band = bandOf(bands, wholeDays(outcome.tenureDays));
    const some = byBand.get(band);
    if (some === undefined) byBand.set(band, [outcome]);
    else some.push(outcome);
  }
  const strata: (readonly [string, readonly Outcome[]])[] = [
    ['all', known],
    ...[...byBand].sort(([a], [b]) => a - b).map(([band, some]) => [bandName(bands, band), some] as const),
  ];
  return strata.map(([stratum, some]) => {
    const n_current = some.length;
    const row = blankRow({
      measured_at: measuredAt,
      kind: 'calibration',
      name,
      stratum,
      n_reference: 0,
      n_current,
    });
    return n_current === 0 ? { row } : compareOutcomes(row, some, settings.minimumGap ?? DEFAULT_MINIMUM_GAP);
  });
}

function compareOutcomes(row: Finding['row'], outcomes: readonly Outcome[], minimumGap: number): Finding {
  const trials = outcomes.length;
  const successes = outcomes.filter(({ cameTrue }) => cameTrue).length;
  const expected = outcomes.reduce((sum, { probability }) => sum + probability, 0) / trials;
  const observed = successes / trials;
  const { low, high } = binomialInterval(successes, trials, CONFIDENCE);
  // Too few successes are too many failures of the opposite.
  const isMore = observed >= expected;
  const [count, chance] = isMore ? [successes, expected] : [trials - successes, 1 - expected];
  const pValue = Math.min(1, 2 * binomialSurvival(count, trials, chance));
  return {
    row: {
      ...row,
      drift_p_value: pValue,
      expected,
      observed,
      observed_low: low,
      observed_high: high,
    },
    test: {
      statistic: Math.abs(observed - expected),
      pValue,
      // Halfway between the last count that is usual and the first that is not, so that rounding decides nothing.
      limitAt: (level) =>
        Math.max(minimumGap, (rareSuccesses(trials, chance, level / 2) - 0.5) / trials - chance),
    },
  };
}
