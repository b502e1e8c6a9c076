/** The baselines, in the order in which they are named; what serves where the model has not earned its place. */
export const BASELINE_KEYS = ['recency', 'decayedCount', 'mbgNbd', 'logisticRfm'] as const;
export type BaselineKey = (typeof BASELINE_KEYS)[number];
export const SCORER_KEYS = ['model', ...BASELINE_KEYS] as const;
export type ScorerKey = (typeof SCORER_KEYS)[number];

export const SCORER_NAMES: Readonly<Record<ScorerKey, string>> = {
  model: 'the model',
  recency: 'recency',
  decayedCount: 'the decayed order count',
  mbgNbd: 'MBG/NBD',
  logisticRfm: 'logistic regression on R, F, M',
};

/** What the gate looks at. Null: not measurable, or no probabilities. */
export interface GateFigures {
  readonly auc: number | null;
  readonly brier: number | null;
  readonly ece: number | null;
}

const COHORT_WORDS = { all: 'over all', activeLast90Days: 'among those active in the last 90 days' } as const;
type GateCohort = keyof typeof COHORT_WORDS;

/** Figures of the last untouched snapshot; a scorer that is left out was not measured. */
export interface GateInput {
  readonly cohorts: Readonly<Record<GateCohort, Readonly<Partial<Record<ScorerKey, GateFigures>>>>>;
  /** Scores of the model that are NaN or no probability, in this snapshot. */
  readonly unusableScores: number;
  /** Whether scoring the snapshot again, from the manifest's files alone, gave the same scores. */
  readonly reproducible: boolean;
}

export interface GateResult {
  readonly passed: boolean;
  readonly serves: ScorerKey;
  /** Whole sentences: passed, one for each rule; else one for each that failed, and one on what serves. */
  readonly reasons: readonly string[];
}

const AUC_SLACK = 0.002;
const ECE_SLACK = 0.005;
/** Serves where no baseline could be measured: it needs no training snapshot. */
const LAST_RESORT: BaselineKey = 'mbgNbd';

interface Verdict {
  readonly holds: boolean;
  readonly says: string;
}

/**
 * Whether the model serves (MODELS.md, Gate). In both cohorts its AUC is at most .002 below the highest of any
 * baseline; over all its Brier score is no worse than the lowest of any, and its ECE at most .005 above that of the
 * best baseline; no score is NaN, all are reproducible. A rule that cannot be judged is not met.
 *
 * The best baseline has the highest AUC over all of those with probabilities, then the lowest Brier score, then
 * comes first in {@link BASELINE_KEYS}; it serves where the model does not.
 */
export function judgeGate({ cohorts, unusableScores, reproducible }: GateInput): GateResult {
  const [best] = rankBaselines(cohorts.all);
  const model = cohorts.all.model;
  const verdicts =
    model === undefined
      ? [{ holds: false, says: 'There is no model to judge.' }]
      : [
          judgeAuc(cohorts, 'all'),
          judgeAuc(cohorts, 'activeLast90Days'),
          judgeBrier(cohorts.all),
          judgeEce(cohorts.all, best),
          {
            holds: unusableScores === 0,
            says:
              unusableScores === 0
                ? 'No score of the model is NaN.'
                : `${unusableScores} scores of the model are NaN or no probability.`,
          },
          {
            holds: reproducible,
            says: reproducible
              ? 'Every score is reproducible from the manifest.'
              : 'Scoring again from the manifest gave other scores.',
          },
        ];
  const failed = verdicts.filter(({ holds }) => !holds);
  if (failed.length === 0)
    return { passed: true, serves: 'model', reasons: verdicts.map(({ says }) => says) };
  const serves = best ?? LAST_RESORT;
  const { auc, brier } = cohorts.all[serves] ?? { auc: null, brier: null };
  const why =
    best === undefined
      ? `No baseline is the best, for none has an AUC with probabilities: ${SCORER_NAMES[serves]} needs no training.`
      : `The best baseline with probabilities is ${SCORER_NAMES[serves]} (AUC ${shown(auc)}, Brier ${shown(brier)}).`;
  return { passed: false, serves, reasons: [...failed.map(({ says }) => says), why] };
}

type Figures = GateInput['cohorts'][GateCohort];

/** Best first, of the figures over all; those that were not measured are left out. */
export function rankBaselines(figures: Figures): BaselineKey[] {
  const able = BASELINE_KEYS.flatMap((key) => {
    const { auc = null, brier = null } = figures[key] ?? {};
    return auc === null || brier === null ? [] : [{ key, auc, brier }];
  });
  return able.sort((p, q) => q.auc - p.auc || p.brier - q.brier).map(({ key }) => key);
}

function judgeAuc(cohorts: GateInput['cohorts'], cohort: GateCohort): Verdict {
  const figures = cohorts[cohort];
  const rival = extreme(figures, 'auc', (a, b) => b - a);
  const auc = figures.model?.auc ?? null;
  const name = `AUC ${COHORT_WORDS[cohort]}`;
  if (rival === undefined || auc === null) return notMeasured(name);
  const short = rival.value - AUC_SLACK - auc;
  return verdict(
    name,
    auc,
    `at least ${shown(rival.value)} of ${SCORER_NAMES[rival.key]} less ${AUC_SLACK}`,
    short,
  );
}

function judgeBrier(all: Figures): Verdict {
  const rival = extreme(all, 'brier', (a, b) => a - b);
  const brier = all.model?.brier ?? null;
  const name = 'Brier score over all';
  if (rival === undefined || brier === null) return notMeasured(name);
  return verdict(
    name,
    brier,
    `at most ${shown(rival.value)} of ${SCORER_NAMES[rival.key]}`,
    brier - rival.value,
  );
}

function judgeEce(all: Figures, best: BaselineKey | undefined): Verdict {
  const limit = best === undefined ? null : (all[best]?.ece ?? null);
  const ece = all.model?.ece ?? null;
  const name = 'Calibration error over all';
  if (best === undefined)
    return { holds: false, says: `${name} could not be compared: no baseline is the best.` };
  if (limit === null || ece === null) return notMeasured(name);
  return verdict(
    name,
    ece,
    `at most ${shown(limit)} of ${SCORER_NAMES[best]} plus ${ECE_SLACK}`,
    ece - limit - ECE_SLACK,
  );
}

/** The baseline that comes first by `compare`, of those that have the figure. */
function extreme(
  figures: Figures,
  figure: keyof GateFigures,
  compare: (a: number, b: number) => number,
): { key: BaselineKey; value: number } | undefined {
  return BASELINE_KEYS.flatMap((key) => {
    const value = figures[key]?.[figure] ?? null;
    return value === null ? [] : [{ key, value }];
  }).sort((p, q) => compare(p.value, q.value))[0];
}

/** Figures on a limit pass: a difference below 1e-12 is rounding. */
function verdict(name: string, value: number, needed: string, missedBy: number): Verdict {
  const holds = missedBy <= 1e-12;
  const end = holds ? '' : `: missed by ${shown(missedBy)}`;
  return { holds, says: `${name} is ${shown(value)}; needed is ${needed}${end}.` };
}

function notMeasured(name: string): Verdict {
  return {
    holds: false,
    says: `${name} could not be compared: it was not measurable for the model or for any baseline.`,
  };
}

function shown(figure: number | null): string {
  return figure === null ? 'unknown' : figure.toFixed(4);
}
