import { beforeAll, describe, expect, it } from 'vitest';
import { churnTrainer } from '../../src/adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../../src/adapters/tensorflow/load-churn-network.ts';
import { readBackChurn } from '../../src/commands/read-back-churn.ts';
import {
  BASELINE_KEYS,
  judgeGate,
  type BaselineKey,
  type GateResult,
} from '../../src/core/scoring/evaluation/gate.ts';
import { liftAt } from '../../src/core/scoring/evaluation/lift.ts';
import { measureScorer, type ScorerMetrics } from '../../src/core/scoring/evaluation/measure-scorer.ts';
import { groupScores } from '../../src/core/scoring/evaluation/score-groups.ts';
import type { LoadChurnNetwork } from '../../src/ports/churn-network.ts';
import type { ChurnHistory } from '../../src/runtime/training/churn-history.ts';
import {
  evaluateChurn,
  type ChurnEvaluation,
  type CohortEvaluation,
  type ScoredCutoff,
} from '../../src/runtime/training/evaluate-churn.ts';
import { trainChurnModel } from '../../src/runtime/training/train-churn-model.ts';
import { simulatedHistory } from '../support/simulated-history.ts';

/*
 * Chapter 4. How a model earns its place
 *
 * A network is more to run, to explain and to mistrust than a line of arithmetic. So each evaluation judges it beside
 * four plain baselines, on people and days that none of them learnt from, and a gate decides which of the five serves.
 * Here all five are trained on a small simulated marketplace, for a horizon of 30 days.
 */

let history: ChurnHistory;
let evaluation: ChurnEvaluation;
let scored: ScoredCutoff;

beforeAll(async () => {
  history = await simulatedHistory(1000, 1);
  const load: LoadChurnNetwork = (stored) => loadChurnNetwork('wasm', stored);
  const judging = { load, readBack: readBackChurn, seed: 1 };
  const model = await trainChurnModel(history, { trainer: churnTrainer('wasm'), load, seed: 1 });
  ({ evaluation, scored } = await evaluateChurn(history, 30, model, judging));
}, 180_000);

/** What some probabilities of leaving are worth, on everybody at the cut-off or on some of them. */
function measured(probabilities: Float64Array, who: readonly number[] = everybody()): ScorerMetrics {
  const said = Float64Array.from(who, (i) => probabilities[i] ?? NaN);
  const labels = Uint8Array.from(who, (i) => scored.labels[i] ?? NaN);
  const bootstrap = { seed: 1, replicates: 200 };
  return measureScorer({ scores: said, probabilities: said, labels, customers: who }, bootstrap);
}
const everybody = (): number[] => scored.rows.map((_, i) => i);
const activeOnes = (): number[] =>
  everybody().filter((i) => (history.rows.measures[scored.rows[i] ?? -1]?.recencyDays ?? NaN) < 90);

describe('calibration', () => {
  // Ranking is not all. An offer is worth its price to a person who leaves with probability .8 and not to one of .4, so
  // the number itself must be right. Cubing a probability leaves every rank where it was …
  it('is what a ranking cannot see', () => {
    const honest = scored.probabilities.mbgNbd ?? new Float64Array();
    const before = measured(honest);
    const after = measured(honest.map((p) => p ** 3));
    expect(after.auc).toBe(before.auc);
    expect(after.liftAt10).toBe(before.liftAt10);
    // … and the number is now too low by more than a tenth, for people on average. Calibration error and Brier say so.
    expect(after.ece).toBeGreaterThan((before.ece ?? NaN) + 0.1);
    expect(after.brier).toBeGreaterThan((before.brier ?? NaN) + 0.02);
  });
});

describe('lift', () => {
  // "Three times better than chance" sounds well, and is impossible where half of all people leave: whoever knew
  // the future would find nothing but leavers at the top, and that is 1 / base rate times the usual.
  it('says nothing without the base rate', () => {
    const knowsTheFuture = Float64Array.from(scored.labels);
    const perfect = liftAt(groupScores(knowsTheFuture, scored.labels), 0.1);
    expect(perfect?.baseRate).toBe(evaluation.baseRate);
    expect(perfect?.lift).toBeCloseTo(1 / (evaluation.baseRate ?? NaN), 12);
    expect(perfect?.lift).toBeLessThan(1.5);
    for (const key of BASELINE_KEYS) {
      const lift = liftAt(groupScores(scored.scores[key], scored.labels), 0.1)?.lift;
      expect(lift).toBeGreaterThan(1);
      expect(lift).toBeLessThanOrEqual((perfect?.lift ?? NaN) + 1e-12);
    }
  });
});

describe('the gate', () => {
  const cohort = (key: 'all' | 'activeLast90Days'): CohortEvaluation => {
    const found = evaluation.cohorts[key];
    if (found === undefined) throw new Error(`nobody in ${key}`);
    return found;
  };
  const best = (key: 'all' | 'activeLast90Days', figure: 'auc' | 'brier', sign: 1 | -1): number =>
    sign * Math.max(...BASELINE_KEYS.map((scorer) => sign * (cohort(key)[scorer][figure] ?? NaN)));

  const strongest = (): BaselineKey =>
    BASELINE_KEYS.find((key) => cohort('all')[key].auc === best('all', 'auc', 1)) ?? 'mbgNbd';

  /** The gate's verdict on a model that says this of everybody at the cut-off. */
  function verdictOn(probabilities: Float64Array): GateResult {
    const model = measured(probabilities);
    return judgeGate({
      cohorts: {
        all: { ...cohort('all'), model },
        activeLast90Days: { ...cohort('activeLast90Days'), model: measured(probabilities, activeOnes()) },
      },
      unusableScores: model.unusableScores,
      reproducible: true,
    });
  }

  // The rules, with the figures of the network that was just trained. It must rank as well as the best baseline, over
  // all and among those who can still be kept; its probabilities must be no worse; and it serves if and only if all of
  // that holds. That it ranks best is not enough.
  it('lets the network serve exactly if it is no worse than the best baseline in any of these', () => {
    const { model } = cohort('all');
    const holds = [
      (model.auc ?? NaN) >= best('all', 'auc', 1) - 0.002,
      (cohort('activeLast90Days').model.auc ?? NaN) >= best('activeLast90Days', 'auc', 1) - 0.002,
      (model.brier ?? NaN) <= best('all', 'brier', -1),
      (model.ece ?? NaN) <= (cohort('all')[strongest()].ece ?? NaN) + 0.005,
    ];
    expect(evaluation.gate.passed).toBe(holds.every(Boolean));
    expect(evaluation.gate.serves).toBe(evaluation.gate.passed ? 'model' : strongest());
    // Judged again from its scores alone, it gets the same answer.
    expect(verdictOn(scored.scores.model)).toEqual(evaluation.gate);
  });

  // Who ranks like the best baseline and shouts does not get through …
  it('refuses a scorer whose numbers are wrong, however it ranks', () => {
    const shouting = (scored.probabilities[strongest()] ?? new Float64Array()).map((p) => p ** 3);
    expect(measured(shouting).auc).toBe(best('all', 'auc', 1));
    expect(verdictOn(shouting)).toMatchObject({ passed: false, serves: strongest() });
  });

  // … nor who is silent about a single person, although nobody else could be ranked better.
  it('refuses a scorer that has no number for somebody', () => {
    const silentOnce = Float64Array.from(scored.labels);
    silentOnce[0] = NaN;
    expect(verdictOn(silentOnce).passed).toBe(false);
  });

  // One thing it cannot see. Whoever has been told the future passes every rule: a gate measures how good a score is,
  // not where it came from. An AUC far above every baseline is a leak until shown otherwise, and showing it is
  // what the third chapter is for.
  it('cannot tell a leak from a good model', () => {
    const toldTheFuture = Float64Array.from(scored.labels);
    expect(verdictOn(toldTheFuture)).toMatchObject({ passed: true, serves: 'model' });
    expect(best('all', 'auc', 1)).toBeLessThan(0.85);
  });
});
