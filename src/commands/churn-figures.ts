import type { ChurnEvaluationRecord, ChurnManifest } from '../adapters/models/churn-manifest.ts';
import { BASELINE_KEYS, type BaselineKey } from '../core/scoring/evaluation/gate.ts';
import { HORIZON_DAYS } from '../ports/churn-network.ts';
import { figure, interval, shareOf } from './evaluation-words.ts';
import { formatCount } from './terminal/numbers.ts';

/** The two cohorts the gate looks at. */
const COHORTS = { all: 'everybody', activeLast90Days: 'active' } as const;

const SHORT_WORDS: Readonly<Record<BaselineKey, string>> = {
  recency: 'recency',
  decayedCount: 'decayed',
  mbgNbd: 'MBG/NBD',
  logisticRfm: 'logistic',
};

/** `isShort`: shown also where there is little room. */
export const FIGURE_COLUMNS = [
  { title: 'days', numeric: true, isShort: true },
  { title: 'who', numeric: false, isShort: true },
  { title: 'people', numeric: true, isShort: true },
  { title: 'churned', numeric: true, isShort: true },
  { title: 'AUC', numeric: true, isShort: true },
  { title: '95 %', numeric: true, isShort: false },
  { title: 'best other', numeric: false, isShort: true },
  { title: 'Brier', numeric: true, isShort: true },
  { title: 'best other', numeric: false, isShort: true },
] as const;

export const FIGURE_LEGEND =
  'Active: last order less than 90 days before the cut-off. Best other: of recency,\n' +
  'the decayed order count, MBG/NBD and logistic regression on R, F, M.';

/** The model beside the best of the baselines, in the order of {@link FIGURE_COLUMNS}. */
export function figureRows(evaluation: ChurnManifest['evaluation']): string[][] {
  return HORIZON_DAYS.flatMap((horizon) =>
    Object.entries(COHORTS).flatMap(([key, words]) => {
      const cohort = evaluation[horizon].cohorts[key];
      if (cohort === undefined) return [];
      const { n, baseRate, model } = cohort;
      return [
        [
          ...[String(horizon), words, formatCount(n), shareOf(baseRate)],
          ...[figure(model.auc), interval(model.aucLow, model.aucHigh), best(cohort, 'auc', 3)],
          ...[figure(model.brier, 4), best(cohort, 'brier', 4)],
        ],
      ];
    }),
  );
}

type Cohort = ChurnEvaluationRecord['cohorts'][string];

/** The highest AUC, or the lowest Brier score, and whose it is. */
function best(cohort: Cohort, of: 'auc' | 'brier', digits: number): string {
  const known = BASELINE_KEYS.flatMap((key): { key: BaselineKey; value: number }[] => {
    const value = cohort[key][of];
    return value === null ? [] : [{ key, value }];
  });
  const [first] = known.sort((a, b) => (of === 'auc' ? b.value - a.value : a.value - b.value));
  return first === undefined ? '–' : `${figure(first.value, digits)} ${SHORT_WORDS[first.key]}`;
}
