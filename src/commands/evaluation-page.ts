import { createColors } from 'picocolors';
import { SCORER_KEYS, type ScorerKey } from '../core/scoring/evaluation/gate.ts';
import type { ScorerMetrics } from '../core/scoring/evaluation/measure-scorer.ts';
import { COHORT_KEYS, type ChurnEvaluation, type CohortKey } from '../runtime/training/evaluate-churn.ts';
import { section } from './run-page.ts';
import { formatCount, formatDuration, formatQuantity, formatShare } from './terminal/numbers.ts';
import { printable } from './terminal/printable.ts';
import { renderTable } from './terminal/table.ts';
import type { World } from './world.ts';

export interface EvaluationAbout {
  readonly input: string;
  readonly asOf: string;
  readonly horizonDays: number;
  readonly durationMs: number;
}

const COHORT_WORDS: Readonly<Record<CohortKey, string>> = {
  all: 'everybody',
  repeaters: 'two orders or more',
  activeLast90Days: 'last order less than 90 days ago: whom an offer can keep',
  oneOrder: 'one order only',
  sellers: 'who sold something, too',
};

const SCORER_WORDS: Readonly<Record<ScorerKey, string>> = {
  model: 'model',
  recency: 'recency',
  decayedCount: 'decayed count',
  mbgNbd: 'MBG/NBD',
  logisticRfm: 'logistic R, F, M',
};

const COLUMNS = [
  { title: 'scorer', numeric: false },
  { title: 'AUC', numeric: true },
  { title: '95 %', numeric: true },
  { title: 'Brier', numeric: true },
  { title: 'ECE', numeric: true },
  { title: 'lift 10 %', numeric: true },
] as const;

/** Model and baselines side by side for each cohort, what the gate says, and how to read it. */
export function writeEvaluationPage(
  world: World,
  { population, cohorts, gate, regret }: ChurnEvaluation,
  about: EvaluationAbout,
): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const out = world.stdout;
  out.write(
    `${bold(printable(`churn on ${about.input}, as of ${about.asOf.slice(0, 10)}`))}: ` +
      `${formatQuantity(population, 'person', 'people')} with an order; churned means none in the ` +
      `${about.horizonDays} days after (${formatDuration(about.durationMs)})\n`,
  );
  for (const key of COHORT_KEYS) {
    const cohort = cohorts[key];
    if (cohort === undefined) continue;
    section(world, `${COHORT_WORDS[key]}: ${formatCount(cohort.n)}, churned ${share(cohort.baseRate)}`);
    const rows = SCORER_KEYS.map((scorer) => rowOf(SCORER_WORDS[scorer], cohort[scorer]));
    const style = { width: out.columns, colours: out.colours };
    out.write(renderTable(COLUMNS, rows, style));
  }
  section(world, `what serves: ${SCORER_WORDS[gate.serves]}`);
  for (const reason of gate.reasons) out.write(`  ${printable(reason)}\n`);
  if (regret !== null) {
    section(world, 'how right the label is');
    out.write(
      `  ${formatCount(regret.cameBack)} of ${formatCount(regret.churned)} called churned (${formatShare(regret.share)}) ordered again within 180 days\n`,
    );
  }
  out.write(
    dim(
      '\nAUC: how often of a churner and a stayer the churner has the higher score; .5 is a coin.\n' +
        'Brier and ECE: how far the probabilities are off; lower is better. Lift: churners among the tenth with\n' +
        'the highest scores, over the share of churners in all.\n',
    ),
  );
}

function rowOf(scorer: string, metrics: ScorerMetrics): string[] {
  const { auc, aucLow, aucHigh, brier, ece, liftAt10 } = metrics;
  const interval = aucLow === null || aucHigh === null ? '' : `${figure(aucLow)}–${figure(aucHigh)}`;
  return [scorer, figure(auc), interval, figure(brier, 4), figure(ece), figure(liftAt10, 2)];
}

function figure(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits);
}

function share(value: number | null): string {
  return value === null ? '–' : formatShare(value);
}
