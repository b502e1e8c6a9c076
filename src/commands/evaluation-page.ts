import { createColors } from 'picocolors';
import { SCORER_KEYS } from '../core/scoring/evaluation/gate.ts';
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
import { renderTable, tableStyle } from './terminal/table.ts';
import type { World } from './world.ts';

const IN_THE_PIPELINE =
  'The pipeline scores with the best baseline, fitted to this history, once train and promote --baseline put it in force; ' +
  'until something is in force, with the closed form MBG/NBD of a published history.';

interface Figures<T> {
  readonly title: string;
  readonly read: (of: T) => string;
}

/** What stands side by side when there is room; what does not fit starts a table of its own. */
const FIGURES: readonly (readonly Figures<ScorerMetrics>[])[] = [
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
/** The model at one cut-off. */
const ORIGIN_FIGURES: readonly (readonly Figures<ChurnEvaluation>[])[] = [
  [
    { title: 'people', read: ({ population }) => formatCount(population) },
    { title: 'churned', read: ({ baseRate }) => shareOf(baseRate) },
    { title: 'AUC', read: ({ cohorts }) => figure(cohorts.all?.model.auc ?? null) },
    { title: 'active', read: ({ cohorts }) => figure(cohorts.activeLast90Days?.model.auc ?? null) },
  ],
  [
    { title: 'Brier', read: ({ cohorts }) => figure(cohorts.all?.model.brier ?? null, 4) },
    { title: 'ECE', read: ({ cohorts }) => figure(cohorts.all?.model.ece ?? null) },
  ],
];
/** Two groups beside the name of the scorer. */
const ROOM_FOR_TWO = 76;
/** Whose deciles are told: everybody, and those whom an offer can keep. */
const DECILES_OF = ['all', 'activeLast90Days'] as const;

/** Model and baselines side by side for each cohort, what the gate says, the other cut-offs, and how to read it. */
export function writeEvaluationPage(world: World, judged: JudgedOrigins, about: EvaluationAbout): void {
  const { bold, dim } = createColors(world.stdout.colours);
  const out = world.stdout;
  const { evaluation, history, model } = judged.main;
  say(world, `churn on ${about.input}, as of ${dateOf(history.asOf)} (${formatDuration(about.durationMs)})`, {
    paint: bold,
  });
  say(
    world,
    `${formatQuantity(evaluation.population, 'person', 'people')} with an order. ${labelInWords(about.horizonDays)}`,
  );
  // Before the tables, in which the model has no figures then.
  const [first = '', ...others] = evaluation.gate.reasons;
  const isWithoutModel = 'why' in model;
  if (isWithoutModel) say(world, first, { paint: bold });
  for (const key of COHORT_KEYS) {
    const cohort = evaluation.cohorts[key];
    if (cohort !== undefined) writeCohort(world, key, cohort);
  }
  for (const key of DECILES_OF) writeDeciles(world, judged.main, key);
  section(world, `what serves: ${SCORER_WORDS[evaluation.gate.serves]}`);
  for (const reason of isWithoutModel ? others : evaluation.gate.reasons) say(world, reason, { indent: 2 });
  if (!evaluation.gate.passed) say(world, IN_THE_PIPELINE, { indent: 2 });
  writeRegret(world, evaluation);
  writeOrigins(world, judged, about);
  out.write('\n');
  for (const text of HOW_TO_READ) say(world, text, { paint: dim });
}

function writeCohort(world: World, key: CohortKey, cohort: CohortEvaluation): void {
  section(world, `${COHORT_WORDS[key]}: ${formatCount(cohort.n)}, churned ${shareOf(cohort.baseRate)}`);
  writeGroups(
    world,
    'scorer',
    FIGURES,
    SCORER_KEYS.map((scorer) => [SCORER_WORDS[scorer], cohort[scorer]]),
  );
}

/** Rows of a name and what is read of them, two groups of figures side by side where there is room. */
function writeGroups<T>(
  world: World,
  title: string,
  groups: readonly (readonly Figures<T>[])[],
  rows: readonly (readonly [string, T])[],
): void {
  const abreast = world.stdout.columns >= ROOM_FOR_TWO ? 2 : 1;
  for (let from = 0; from < groups.length; from += abreast) {
    const figures = groups.slice(from, from + abreast).flat();
    writeTable(
      world,
      title,
      figures.map((shown) => shown.title),
      rows.map(([name, of]) => [name, ...figures.map(({ read }) => read(of))]),
    );
  }
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
  writeTable(world, 'tenth', titles, [...rows, everybody]);
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
  writeGroups(
    world,
    'as of',
    ORIGIN_FIGURES,
    judged.map(({ history, evaluation }) => [dateOf(history.asOf), evaluation]),
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
  writeGroups(
    world,
    'mean, range',
    [
      [
        { title: 'AUC', read: (scorer) => rangeOf(all[scorer].auc) },
        { title: 'active', read: (scorer) => rangeOf(activeLast90Days?.[scorer].auc ?? null) },
      ],
      [{ title: 'Brier', read: (scorer) => rangeOf(all[scorer].brier) }],
    ],
    SCORER_KEYS.map((scorer) => [SCORER_WORDS[scorer], scorer]),
  );
}

function writeTable(
  world: World,
  name: string,
  numbers: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const columns = [{ title: name, numeric: false }, ...numbers.map((title) => ({ title, numeric: true }))];
  world.stdout.write(renderTable(columns, rows, tableStyle(world.stdout)));
}

function say(world: World, text: string, { indent = 0, paint = (line: string): string => line } = {}): void {
  for (const line of wrap(printable(text), world.stdout.columns - indent))
    world.stdout.write(`${' '.repeat(indent)}${paint(line)}\n`);
}
