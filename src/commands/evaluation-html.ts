import { escaped } from '../adapters/echarts/draw-chart.ts';
import { SCORER_KEYS } from '../core/scoring/evaluation/gate.ts';
import { dateOf } from '../core/time.ts';
import { COHORT_KEYS, type CohortEvaluation } from '../runtime/training/evaluate-churn.ts';
import { summariseOrigins, type JudgedOrigins } from '../runtime/training/judge-origins.ts';
import {
  calibrationFigure,
  histogramFigures,
  liftFigure,
  originsFigure,
  rocFigure,
} from './evaluation-figures.ts';
import type { EvaluationAbout } from './evaluation-json.ts';
import { EVALUATION_STYLE } from './evaluation-style.ts';
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
import { htmlTable } from './html-table.ts';
import { formatCount, formatQuantity, formatShare } from './terminal/numbers.ts';

/** The whole evaluation as one page without scripts or anything from elsewhere, in pieces. */
export function* evaluationHtml(judged: JudgedOrigins, about: EvaluationAbout): Generator<string> {
  const { history, evaluation } = judged.main;
  const title = `Churn on ${about.input}, as of ${dateOf(history.asOf)}`;
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n`;
  yield `<meta name="viewport" content="width=device-width, initial-scale=1">\n`;
  yield `<title>${escaped(title)}</title>\n<style>${EVALUATION_STYLE}</style>\n</head>\n<body>\n<main>\n`;
  yield `<h1>${escaped(title)}</h1>\n<p class="label">${escaped(labelInWords(about.horizonDays))} `;
  yield `${formatQuantity(evaluation.population, 'person', 'people')} had ordered by then; `;
  yield `${shareOf(evaluation.baseRate)} of them churned. Nothing after the cut-off was learnt from.</p>\n`;
  yield verdict(judged);
  yield regret(judged);
  yield origins(judged, about);
  for (const cohort of COHORT_KEYS) {
    const figures = evaluation.cohorts[cohort];
    if (figures === undefined) continue;
    yield `<section aria-labelledby="${cohort}">\n<h2 id="${cohort}">${sentence(COHORT_WORDS[cohort])}</h2>\n`;
    yield `<p>${formatQuantity(figures.n, 'person', 'people')}, of whom ${shareOf(figures.baseRate)} churned: the base rate.</p>\n`;
    yield scorers(figures);
    if (figures.n === 0) yield '<p>Nobody to draw.</p>\n';
    else {
      yield rocFigure(judged.main, cohort);
      yield calibrationFigure(judged.main, cohort);
      yield liftFigure(judged.main, cohort);
      yield histogramFigures(judged.main, cohort);
    }
    yield '</section>\n';
  }
  yield `<section aria-labelledby="how"><h2 id="how">How to read this</h2>\n`;
  for (const text of HOW_TO_READ) yield `<p>${escaped(text)}</p>\n`;
  yield `</section>\n</main>\n</body>\n</html>\n`;
}

function verdict({ main: { evaluation } }: JudgedOrigins): string {
  const { passed, reasons } = evaluation.gate;
  const items = reasons.map((reason) => `<li>${escaped(reason)}</li>`).join('\n');
  const heading = passed ? 'The model passes the gate' : 'The model does not pass the gate';
  return `<section class="${passed ? 'passed' : 'failed'}" aria-labelledby="gate">\n<h2 id="gate">${escaped(heading)}</h2>\n<ul>${items}</ul>\n</section>\n`;
}

function regret({ main: { evaluation } }: JudgedOrigins): string {
  const words =
    evaluation.regret === null
      ? 'Not known: the data end within 180 days of the cut-off, or nobody churned.'
      : `Of ${formatCount(evaluation.regret.churned)} called churned, ${formatCount(evaluation.regret.cameBack)} (${formatShare(evaluation.regret.share)}) ordered again within 180 days of the cut-off.`;
  return `<section aria-labelledby="regret"><h2 id="regret">How right the label is</h2>\n<p>${words}</p></section>\n`;
}

function origins(
  { main, earlier, leftOut }: JudgedOrigins,
  { stepDays, horizonDays }: EvaluationAbout,
): string {
  if (earlier.length + leftOut.length === 0) return '';
  const judged = [main, ...earlier];
  const perOrigin = htmlTable(
    'The model at each cut-off',
    ['as of', 'people', 'churned', 'AUC', 'AUC, active', 'Brier', 'ECE'],
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
  const { all, activeLast90Days } = summariseOrigins(judged.map(({ evaluation }) => evaluation));
  const summary =
    earlier.length === 0 || all === undefined
      ? ''
      : htmlTable(
          'Over the cut-offs: mean and range',
          ['scorer', 'AUC', 'AUC, active', 'Brier'],
          SCORER_KEYS.map((scorer) => [
            SCORER_WORDS[scorer],
            rangeOf(all[scorer].auc),
            rangeOf(activeLast90Days?.[scorer].auc ?? null),
            rangeOf(all[scorer].brier),
          ]),
        );
  const left = leftOut.map(({ asOf, why }) => `<p>Not as of ${dateOf(asOf)}: ${escaped(why)}.</p>\n`);
  const overlap =
    stepDays < horizonDays && earlier.length > 0
      ? `<p>The history is short: ${stepDays} days lie between cut-offs, so the ${horizonDays} days after them overlap.</p>\n`
      : '';
  const drawn = earlier.length === 0 ? '' : originsFigure(judged);
  return (
    `<section aria-labelledby="origins"><h2 id="origins">At ${formatQuantity(judged.length, 'cut-off')}, each trained strictly before its own</h2>\n` +
    `${left.join('')}${overlap}<div class="beside">${drawn}<div>${perOrigin}${summary}</div></div></section>\n`
  );
}

function scorers(cohort: CohortEvaluation): string {
  const titles = ['scorer', 'AUC', '95 %', 'PR-AUC', 'Brier', 'skill', 'log loss', 'ECE'];
  const rows = SCORER_KEYS.map((scorer) => {
    const { auc, aucLow, aucHigh, prAuc, brier, brierSkill, logLoss, ece } = cohort[scorer];
    return [
      SCORER_WORDS[scorer],
      figure(auc),
      interval(aucLow, aucHigh),
      figure(prAuc),
      figure(brier, 4),
      figure(brierSkill),
      figure(logLoss),
      figure(ece),
    ];
  });
  return htmlTable('Model and baselines', titles, rows);
}

function sentence(words: string): string {
  return escaped(words.charAt(0).toUpperCase() + words.slice(1));
}
