import { createColors } from 'picocolors';
import { SCORER_KEYS, type ScorerKey } from '../core/scoring/evaluation/gate.ts';
import { decileTable } from '../core/scoring/evaluation/lift.ts';
import type { ScorerMetrics } from '../core/scoring/evaluation/measure-scorer.ts';
import { dateOf } from '../core/time.ts';
import {
  COHORT_KEYS,
  type ChurnEvaluation,
  type CohortEvaluation,
  type CohortKey,
} from '../runtime/training/evaluate-churn.ts';
import {
  summariseOrigins,
  type JudgedOrigin,
  type JudgedOrigins,
} from '../runtime/training/judge-origins.ts';
import { groupsOf } from '../runtime/training/scored-cohort.ts';
import type { EvaluationAbout } from './evaluation-json.ts';
import {
  COHORT_WORDS,
  HOW_TO_READ,
  SCORER_WORDS,
  figure,
  interval,
  labelInWords,
  rangeOf,
  shareOf,
} from './evaluation-words.ts';
import { section } from './run-page.ts';
import { formatCount, formatDuration, formatQuantity, formatShare } from './terminal/numbers.ts';
import { printable, wrap } from './terminal/printable.ts';
import { renderTable } from './terminal/table.ts';
import type { World } from './world.ts';

interface Figures {
  readonly title: string;
  readonly read: (metrics: ScorerMetrics) => string;
}

/** What stands side by side when there is room; what does not fit starts a table of its own. */
const FIGURES: readonly (readonly Figures[])[] = [
  [
    { title: 'AUC', read: ({ auc }) => figure(auc) },
    { title: '95 %', read: ({ aucLow, aucHigh }) => interval(aucLow, aucHigh) },
    { title: 'PR-AUC', read: ({ prAuc }) => figure(prAuc) },
  ],
  [
    { title: 'lift 5 %', read: ({ liftAt5 }) => figure(liftAt5, 2) },
    { title: '10 %', read: ({ liftAt10 }) => figure(liftAt10, 2) },
    { title: '20 %', read: ({ liftAt20 }) => figure(liftAt20, 2) },
  ],
  [
    { title: 'Brier', read: ({ brier }) => figure(brier, 4) },
    { title: 'skill', read: ({ brierSkill }) => figure(brierSkill) },
    { title: 'log loss', read: ({ logLoss }) => figure(logLoss) },
  ],
  [
    { title: 'ECE', read: ({ ece }) => figure(ece) },
    { title: 'slope', read: ({ calibrationSlope }) => figure(calibrationSlope, 2) },
    { title: 'intercept', read: ({ calibrationIntercept }) => figure(calibrationIntercept, 2) },
  ],
];
/** All groups beside the name of the scorer. */
const ROOM_FOR_TWO = 76;
/** Whose deciles are told: everybody, and those whom an offer can keep. */
const DECILES_OF = ['all', 'activeLast90Days'] as const;

/** Model and baselines side by side for each cohort, what the gate says, the other cut-offs, and how to read it. */
export function writeEvaluationPage(world: World, judged: JudgedOrigins, about: EvaluationAbout): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const out = world.stdout;
  const { evaluation, history } = judged.main;
  say(world, `churn on ${about.input}, as of ${dateOf(history.asOf)} (${formatDuration(about.durationMs)})`, {
    paint: bold,
  });
  say(
    world,
    `${formatQuantity(evaluation.population, 'person', 'people')} with an order. ${labelInWords(about.horizonDays)}`,
  );
  for (const key of COHORT_KEYS) {
    const cohort = evaluation.cohorts[key];
    if (cohort !== undefined) writeCohort(world, key, cohort);
  }
  for (const key of DECILES_OF) writeDeciles(world, judged.main, key);
  section(world, `what serves: ${SCORER_WORDS[evaluation.gate.serves]}`);
  for (const reason of evaluation.gate.reasons) say(world, reason, { indent: 2 });
  writeRegret(world, evaluation);
  writeOrigins(world, judged, about);
  out.write('\n');
  for (const text of HOW_TO_READ) say(world, text, { paint: dim });
}

function writeCohort(world: World, key: CohortKey, cohort: CohortEvaluation): void {
  section(world, `${COHORT_WORDS[key]}: ${formatCount(cohort.n)}, churned ${shareOf(cohort.baseRate)}`);
  const pairs = world.stdout.columns >= ROOM_FOR_TWO;
  const tables = pairs ? [FIGURES.slice(0, 2).flat(), FIGURES.slice(2).flat()] : FIGURES;
  for (const figures of tables)
    writeTable(
      world,
      ['scorer'],
      figures.map(({ title }) => title),
      SCORER_KEYS.map((scorer) => [SCORER_WORDS[scorer], ...figures.map(({ read }) => read(cohort[scorer]))]),
    );
}

function writeDeciles(world: World, origin: JudgedOrigin, key: CohortKey): void {
  const { cohorts, gate } = origin.evaluation;
  const groups = groupsOf(origin, key, gate.serves);
  const cohort = cohorts[key];
  if (groups === undefined || cohort === undefined) return;
  section(world, `${COHORT_WORDS[key]}, in tenths by ${SCORER_WORDS[gate.serves]}`);
  const rows = decileTable(groups).map(({ decile, rows, meanScore, rate, lift, captured }) => [
    String(decile),
    formatCount(rows),
    figure(meanScore),
    formatShare(rate),
    figure(lift, 2),
    shareOf(captured),
  ]);
  const everybody = ['all', formatCount(cohort.n), '', shareOf(cohort.baseRate), figure(1, 2), ''];
  const titles = ['people', 'said', 'churned', 'lift', 'found so far'];
  writeTable(world, ['tenth'], titles, [...rows, everybody]);
}

function writeRegret(world: World, { regret }: ChurnEvaluation): void {
  section(world, 'how right the label is');
  if (regret === null) {
    say(world, 'Not known: the data end within 180 days of the cut-off, or nobody churned.', { indent: 2 });
    return;
  }
  say(
    world,
    `${formatCount(regret.cameBack)} of ${formatCount(regret.churned)} called churned (${formatShare(regret.share)}) ordered again within 180 days of the cut-off.`,
    { indent: 2 },
  );
}

function writeOrigins(
  world: World,
  { main, earlier, leftOut }: JudgedOrigins,
  { stepDays, horizonDays }: EvaluationAbout,
): void {
  if (earlier.length + leftOut.length === 0) return;
  const judged = [main, ...earlier];
  section(world, `at ${formatQuantity(judged.length, 'cut-off')}, each trained strictly before its own`);
  writeTable(
    world,
    ['as of'],
    ['people', 'churned', 'AUC', 'active', 'Brier', 'ECE'],
    judged.map(({ history, evaluation: { population, baseRate, cohorts } }) => [
      dateOf(history.asOf),
      formatCount(population),
      shareOf(baseRate),
      figure(cohorts.all?.model.auc ?? null),
      figure(cohorts.activeLast90Days?.model.auc ?? null),
      figure(cohorts.all?.model.brier ?? null, 4),
      figure(cohorts.all?.model.ece ?? null),
    ]),
  );
  for (const { asOf, why } of leftOut) say(world, `not as of ${dateOf(asOf)}: ${why}`, { indent: 2 });
  if (stepDays < horizonDays && earlier.length > 0)
    say(
      world,
      `The history is short: ${stepDays} days lie between cut-offs, so the ${horizonDays} days after them overlap.`,
      { indent: 2 },
    );
  const { all, activeLast90Days } = summariseOrigins(judged.map(({ evaluation }) => evaluation));
  if (earlier.length === 0 || all === undefined) return;
  writeTable(
    world,
    ['mean and range'],
    ['AUC', 'active', 'Brier'],
    SCORER_KEYS.map((scorer: ScorerKey) => [
      SCORER_WORDS[scorer],
      rangeOf(all[scorer].auc),
      rangeOf(activeLast90Days?.[scorer].auc ?? null),
      rangeOf(all[scorer].brier),
    ]),
  );
}

function writeTable(
  world: World,
  texts: readonly string[],
  numbers: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const columns = [
    ...texts.map((title) => ({ title, numeric: false })),
    ...numbers.map((title) => ({ title, numeric: true })),
  ];
  const { columns: width, colours } = world.stdout;
  world.stdout.write(renderTable(columns, rows, { width, colours }));
}

function say(world: World, text: string, { indent = 0, paint = (line: string): string => line } = {}): void {
  for (const line of wrap(printable(text), world.stdout.columns - indent))
    world.stdout.write(`${' '.repeat(indent)}${paint(line)}\n`);
}
