import { drawChart, escaped, type Chart, type ChartSeries } from '../adapters/echarts/draw-chart.ts';
import { SCORER_KEYS, type ScorerKey } from '../core/scoring/evaluation/gate.ts';
import { decileTable } from '../core/scoring/evaluation/lift.ts';
import { rocPoints, type RocPoint } from '../core/scoring/evaluation/ranking-metrics.ts';
import type { ScoreGroups } from '../core/scoring/evaluation/score-groups.ts';
import { scoreHistogram } from '../core/scoring/evaluation/score-histogram.ts';
import { dateOf } from '../core/time.ts';
import type { CohortKey } from '../runtime/training/evaluate-churn.ts';
import type { JudgedOrigin } from '../runtime/training/judge-origins.ts';
import { groupsOf } from '../runtime/training/scored-cohort.ts';
import { SCORER_WORDS, figure, shareOf } from './evaluation-words.ts';
import { htmlTable } from './html-table.ts';
import { formatCount, formatShare } from './terminal/numbers.ts';

const WIDTH = 520;
const HEIGHT = 400;
const FALSE_ALARMS = [0.05, 0.1, 0.2, 0.3, 0.5] as const;
const BINS = 20;

interface Said {
  readonly scorer: ScorerKey;
  readonly groups: ScoreGroups;
}

/** Scorers whose scores can be used; of a chart of probabilities those that have any. */
function whoSaid(origin: JudgedOrigin, cohort: CohortKey, needsProbabilities: boolean): Said[] {
  return SCORER_KEYS.flatMap((scorer) => {
    if (needsProbabilities && origin.scored.probabilities[scorer] === undefined) return [];
    const groups = groupsOf(origin, cohort, scorer);
    return groups === undefined ? [] : [{ scorer, groups }];
  });
}

function lineOf(scorer: ScorerKey, points: ChartSeries['points'], kind: 'line' | 'dots'): ChartSeries {
  return { name: SCORER_WORDS[scorer], colour: `var(--${scorer})`, kind, points };
}

const chanceLine = (name: string): ChartSeries => ({
  ...{ name, colour: 'var(--dim)', kind: 'line', dashed: true },
  points: [
    [0, 0],
    [1, 1],
  ],
});

export function rocFigure(origin: JudgedOrigin, cohort: CohortKey): string {
  const curves = whoSaid(origin, cohort, false).map(({ scorer, groups }) => ({
    scorer,
    points: rocPoints(groups, 120),
  }));
  const table = htmlTable(
    'Churners found, by the share of stayers taken for churners',
    ['scorer', ...FALSE_ALARMS.map((rate) => `${rate * 100} %`)],
    curves.map(({ scorer, points }) => [
      SCORER_WORDS[scorer],
      ...FALSE_ALARMS.map((rate) => shareOf(foundAt(points, rate))),
    ]),
  );
  const series = curves.map(({ scorer, points }) =>
    lineOf(
      scorer,
      points.map(({ falsePositiveRate, truePositiveRate }) => [falsePositiveRate, truePositiveRate]),
      'line',
    ),
  );
  return block('ROC curve', table, {
    x: { title: 'share of stayers taken for churners', from: 0, to: 1 },
    y: { title: 'share of churners found', from: 0, to: 1 },
    series: [...series, chanceLine('a coin')],
  });
}

/** On the straight line between the two points beside it; null without a curve. */
function foundAt(points: readonly RocPoint[], rate: number): number | null {
  const after = points.findIndex(({ falsePositiveRate }) => falsePositiveRate >= rate);
  const [low, high] = [points[after - 1], points[after]];
  if (low === undefined || high === undefined) return high?.truePositiveRate ?? null;
  const share = (rate - low.falsePositiveRate) / (high.falsePositiveRate - low.falsePositiveRate);
  return low.truePositiveRate + share * (high.truePositiveRate - low.truePositiveRate);
}

export function calibrationFigure(origin: JudgedOrigin, cohort: CohortKey): string {
  const metrics = origin.evaluation.cohorts[cohort];
  const said = whoSaid(origin, cohort, true);
  const table = htmlTable(
    'Log odds as they were = intercept + slope × log odds as said',
    ['scorer', 'slope', 'intercept', 'ECE'],
    said.map(({ scorer }) => [
      SCORER_WORDS[scorer],
      figure(metrics?.[scorer].calibrationSlope ?? null, 2),
      figure(metrics?.[scorer].calibrationIntercept ?? null, 2),
      figure(metrics?.[scorer].ece ?? null),
    ]),
  );
  const series = said.map(({ scorer, groups }) =>
    lineOf(
      scorer,
      decileTable(groups)
        .map(({ meanScore, rate }) => [meanScore, rate] as const)
        .toSorted(([p], [q]) => p - q),
      'dots',
    ),
  );
  const bins = htmlTable(
    'Said → churned, by bin',
    ['bin', ...said.map(({ scorer }) => SCORER_WORDS[scorer])],
    transposed(said.map(({ groups }) => decileTable(groups))).map((row, i) => [
      String(i + 1),
      ...row.map(({ meanScore, rate }) => `${figure(meanScore, 2)} → ${figure(rate, 2)}`),
    ]),
  );
  return block('Calibration, in ten bins of equal mass', table + bins, {
    x: { title: 'mean probability said', from: 0, to: 1 },
    y: { title: 'share that churned', from: 0, to: 1 },
    series: [...series, chanceLine('as said')],
  });
}

function transposed<T>(columns: readonly (readonly T[])[]): T[][] {
  return (columns[0] ?? []).map((_, row) => columns.flatMap((column) => column.slice(row, row + 1)));
}

export function liftFigure(origin: JudgedOrigin, cohort: CohortKey): string {
  const metrics = origin.evaluation.cohorts[cohort];
  const said = whoSaid(origin, cohort, false);
  const { serves } = origin.evaluation.gate;
  const best = said.find(({ scorer }) => scorer === 'model') ?? said.find(({ scorer }) => scorer === serves);
  const baseRate = shareOf(metrics?.baseRate ?? null);
  const lifts = htmlTable(
    `Lift: churners among those with the highest scores, over the base rate of ${baseRate}`,
    ['scorer', 'highest 5 %', '10 %', '20 %'],
    said.map(({ scorer }) => {
      const { liftAt5 = null, liftAt10 = null, liftAt20 = null } = metrics?.[scorer] ?? {};
      return [SCORER_WORDS[scorer], figure(liftAt5, 2), figure(liftAt10, 2), figure(liftAt20, 2)];
    }),
  );
  const series = said.map(({ scorer, groups }) =>
    lineOf(
      scorer,
      decileTable(groups).map(({ rate }, i) => [i, rate] as const),
      'dots',
    ),
  );
  const names = Array.from({ length: 10 }, (_, i) => String(i + 1));
  const base: ChartSeries = {
    ...{ name: 'base rate', colour: 'var(--dim)', kind: 'line', dashed: true },
    points: names.map((_, i) => [i, metrics?.baseRate ?? 0] as const),
  };
  return block('Churned, by tenth of the ranking', lifts + decilesOf(best, metrics?.n ?? 0, baseRate), {
    x: { title: 'tenth; 1 has the highest scores', names },
    y: { title: 'share that churned', from: 0, to: 1 },
    series: [...series, base],
  });
}

function decilesOf(said: Said | undefined, people: number, baseRate: string): string {
  if (said === undefined) return '';
  const rows = decileTable(said.groups).map(({ decile, rows: n, meanScore, rate, lift, captured }) => [
    String(decile),
    ...[formatCount(n), figure(meanScore), formatShare(rate), baseRate, figure(lift, 2), shareOf(captured)],
  ]);
  return htmlTable(
    `Tenths by ${SCORER_WORDS[said.scorer]}`,
    ['tenth', 'people', 'said', 'churned', 'base rate', 'lift', 'found so far'],
    [...rows, ['all', formatCount(people), '', baseRate, baseRate, figure(1, 2), '']],
  );
}

export function histogramFigures(origin: JudgedOrigin, cohort: CohortKey): string {
  const said = whoSaid(origin, cohort, true).map(({ scorer, groups }) => ({
    scorer,
    bins: scoreHistogram(groups, BINS, 0, 1),
  }));
  const charts = said.map(({ scorer, bins }) =>
    figureOf(SCORER_WORDS[scorer], {
      title: `People by probability of churning, ${SCORER_WORDS[scorer]}`,
      width: 340,
      height: 240,
      x: { title: 'probability', names: bins.map(({ from }) => from.toFixed(2)) },
      y: { title: 'people' },
      series: [
        stacked(
          'churned',
          bins.map(({ positives }) => positives),
        ),
        stacked(
          'stayed',
          bins.map(({ rows, positives }) => rows - positives),
        ),
      ],
    }),
  );
  const table = htmlTable(
    'People by probability of churning',
    ['from', ...said.map(({ scorer }) => SCORER_WORDS[scorer])],
    Array.from({ length: BINS }, (_, bin) => [
      (bin / BINS).toFixed(2),
      ...said.map(({ bins }) => formatCount(bins[bin]?.rows ?? 0)),
    ]),
  );
  return `<h3>Scores</h3>\n<div class="three">${charts.join('')}</div>\n${table}`;
}

function stacked(name: 'churned' | 'stayed', counts: readonly number[]): ChartSeries {
  return {
    ...{ name, colour: `var(--${name})`, kind: 'bars', stack: 'people' },
    points: counts.map((count, i) => [i, count] as const),
  };
}

/** AUC over all and among the active by cut-off, oldest first. */
export function originsFigure(judged: readonly JudgedOrigin[]): string {
  const oldestFirst = judged.toReversed();
  const series = SCORER_KEYS.map((scorer) =>
    lineOf(
      scorer,
      oldestFirst.flatMap(({ evaluation }, i) => {
        const auc = evaluation.cohorts.activeLast90Days?.[scorer].auc ?? null;
        return auc === null ? [] : [[i, auc] as const];
      }),
      'dots',
    ),
  );
  return figureOf('AUC of those with an order in the 90 days before, by cut-off', {
    ...{ title: 'AUC among the active, by cut-off', width: WIDTH, height: 320 },
    x: { title: 'cut-off', names: oldestFirst.map(({ history }) => dateOf(history.asOf)) },
    y: { title: 'AUC', from: 0.5, to: 1 },
    series,
  });
}

function block(title: string, tables: string, chart: Omit<Chart, 'title' | 'width' | 'height'>): string {
  const drawn = figureOf('', { ...chart, title, width: WIDTH, height: HEIGHT });
  return `<h3>${escaped(title)}</h3>\n<div class="beside">${drawn}<div>${tables}</div></div>\n`;
}

function figureOf(caption: string, chart: Chart): string {
  const words = caption === '' ? '' : `<figcaption>${escaped(caption)}</figcaption>`;
  return `<figure>${words}${drawChart(chart)}</figure>\n`;
}
