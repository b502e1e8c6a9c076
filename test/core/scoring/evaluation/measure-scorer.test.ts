import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liftAt } from '../../../../src/core/scoring/evaluation/lift.ts';
import { measureScorer } from '../../../../src/core/scoring/evaluation/measure-scorer.ts';
import { brierScore } from '../../../../src/core/scoring/evaluation/probability-metrics.ts';
import { rocAuc } from '../../../../src/core/scoring/evaluation/ranking-metrics.ts';
import { groupScores } from '../../../../src/core/scoring/evaluation/score-groups.ts';

const OPTIONS = { seed: 1, replicates: 50 };
const OF_PROBABILITIES = [
  'brier',
  'brierSkill',
  'logLoss',
  'ece',
  'calibrationSlope',
  'calibrationIntercept',
] as const;

const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 20 }), label: fc.constantFrom(0, 1) }), {
  maxLength: 40,
  size: 'max',
});

function columns(some: readonly { score: number; label: number }[]) {
  return {
    scores: Float64Array.from(some, ({ score }) => score),
    labels: Uint8Array.from(some, ({ label }) => label),
    customers: some.map((_, i) => i),
  };
}

describe('measureScorer', () => {
  it('gives a number or null, never NaN, for any rows and for none', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const { scores, labels, customers } = columns(some);
        const probabilities = scores.map((score) => score / 20);
        const metrics = measureScorer({ scores, probabilities, labels, customers }, OPTIONS);
        const figures = Object.values(metrics) as (number | null)[];
        expect(figures.filter((figure) => figure !== null && !Number.isFinite(figure))).toEqual([]);
        const classes = new Set(some.map(({ label }) => label)).size;
        expect(metrics.auc === null).toBe(classes < 2);
        expect(metrics.liftAt10 === null).toBe(classes < 2);
        expect(metrics.brier === null).toBe(some.length === 0);
      }),
    );
  });

  it('ranks by the scores and judges the probabilities', () => {
    const { scores, labels, customers } = columns([
      { score: 10, label: 0 },
      { score: 20, label: 1 },
      { score: 30, label: 0 },
      { score: 40, label: 1 },
    ]);
    const probabilities = Float64Array.of(0.9, 0.4, 0.2, 0.6);
    const metrics = measureScorer({ scores, probabilities, labels, customers }, OPTIONS);
    const ranking = groupScores(scores, labels);
    expect(metrics.auc).toBe(rocAuc(ranking));
    expect(metrics.liftAt20).toBe(liftAt(ranking, 0.2)?.lift);
    expect(metrics.brier).toBe(brierScore(groupScores(probabilities, labels)));
    expect(metrics.unusableScores).toBe(0);
  });

  it('leaves out what needs probabilities for who has none', () => {
    const metrics = measureScorer(
      columns([
        { score: 1, label: 0 },
        { score: 2, label: 1 },
      ]),
      OPTIONS,
    );
    expect(metrics.auc).toBe(1);
    expect(OF_PROBABILITIES.map((name) => metrics[name])).toEqual(OF_PROBABILITIES.map(() => null));
  });

  it.each([
    ['a score that is NaN', [NaN, 1, 2], [0.1, 0.2, 0.3]],
    ['a score that is infinite', [0, 1, Infinity], [0.1, 0.2, 0.3]],
    ['a probability that is NaN', [0, 1, 2], [0.1, NaN, 0.3]],
    ['a probability above 1', [0, 1, 2], [0.1, 0.2, 1.3]],
    ['a probability below 0', [0, 1, 2], [-0.1, 0.2, 0.3]],
  ])('counts %s, and measures nothing', (_, scores, probabilities) => {
    const { unusableScores, ...figures } = measureScorer(
      {
        scores: Float64Array.from(scores),
        probabilities: Float64Array.from(probabilities),
        labels: Uint8Array.of(0, 1, 1),
        customers: ['a', 'b', 'c'],
      },
      OPTIONS,
    );
    expect(unusableScores).toBe(1);
    expect(new Set(Object.values(figures))).toEqual(new Set([null]));
  });
});
