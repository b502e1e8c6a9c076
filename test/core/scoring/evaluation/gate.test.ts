import { describe, expect, it } from 'vitest';
import {
  judgeGate,
  type GateFigures,
  type GateInput,
  type ScorerKey,
} from '../../../../src/core/scoring/evaluation/gate.ts';

type Cohort = Partial<Record<ScorerKey, GateFigures>>;

const figures = (auc: number | null, brier: number | null, ece: number | null): GateFigures => ({
  auc,
  brier,
  ece,
});

const ALL: Cohort = {
  model: figures(0.78, 0.116, 0.02),
  recency: figures(0.763, null, null),
  decayedCount: figures(0.774, 0.119, 0.01),
  mbgNbd: figures(0.768, 0.118, 0.03),
  logisticRfm: figures(0.777, 0.117, 0.02),
};
const ACTIVE: Cohort = {
  model: figures(0.72, 0.18, 0.02),
  recency: figures(0.6, null, null),
  decayedCount: figures(0.705, 0.19, 0.01),
  mbgNbd: figures(0.71, 0.19, 0.03),
  logisticRfm: figures(0.7, 0.19, 0.02),
};

function input(all: Cohort = {}, active: Cohort = {}, others: Partial<GateInput> = {}): GateInput {
  return {
    cohorts: { all: { ...ALL, ...all }, activeLast90Days: { ...ACTIVE, ...active } },
    unusableScores: 0,
    reproducible: true,
    ...others,
  };
}

describe('judgeGate', () => {
  it('lets a model serve that has earned it, and says by what', () => {
    expect(judgeGate(input())).toEqual({
      passed: true,
      serves: 'model',
      reasons: [
        'AUC over all is 0.7800; needed is at least 0.7770 of logistic regression on R, F, M less 0.002.',
        'AUC among those active in the last 90 days is 0.7200; needed is at least 0.7100 of MBG/NBD less 0.002.',
        'Brier score over all is 0.1160; needed is at most 0.1170 of logistic regression on R, F, M.',
        'Calibration error over all is 0.0200; needed is at most 0.0200 of logistic regression on R, F, M plus 0.005.',
        'No score of the model is NaN.',
        'Every score is reproducible from the manifest.',
      ],
    });
  });

  it.each<[string, GateInput]>([
    ['AUC', input({ model: figures(0.775, 0.116, 0.02) }, { model: figures(0.708, null, null) })],
    ['Brier score', input({ model: figures(0.78, 0.117, 0.02) })],
    ['calibration error', input({ model: figures(0.78, 0.116, 0.025) })],
  ])('passes on the limit: %s', (_, onTheLimit) => {
    expect(judgeGate(onTheLimit).passed).toBe(true);
  });

  it.each<[string, GateInput, string]>([
    [
      'an AUC too low over all',
      input({ model: figures(0.7749, 0.116, 0.02) }),
      'AUC over all is 0.7749; needed is at least 0.7770 of logistic regression on R, F, M less 0.002: missed by 0.0001.',
    ],
    [
      'an AUC too low among the active',
      input({}, { model: figures(0.7, 0.18, 0.02) }),
      'AUC among those active in the last 90 days is 0.7000; needed is at least 0.7100 of MBG/NBD less 0.002: missed by 0.0080.',
    ],
    [
      'a ranking that a baseline without probabilities beats',
      input({ recency: figures(0.79, null, null) }),
      'AUC over all is 0.7800; needed is at least 0.7900 of recency less 0.002: missed by 0.0080.',
    ],
    [
      'a Brier score that is worse than any baseline’s, not the best ranker’s only',
      input({ mbgNbd: figures(0.5, 0.115, 0.03) }),
      'Brier score over all is 0.1160; needed is at most 0.1150 of MBG/NBD: missed by 0.0010.',
    ],
    [
      'probabilities that are farther off than the best baseline’s',
      input({ model: figures(0.78, 0.116, 0.0262) }),
      'Calibration error over all is 0.0262; needed is at most 0.0200 of logistic regression on R, F, M plus 0.005: missed by 0.0012.',
    ],
    [
      'scores that are NaN',
      input({}, {}, { unusableScores: 3 }),
      '3 scores of the model are NaN or no probability.',
    ],
    [
      'scores that cannot be reproduced',
      input({}, {}, { reproducible: false }),
      'Scoring again from the manifest gave other scores.',
    ],
    [
      'an active cohort in which nothing can be measured',
      input({}, { model: figures(null, 0.1, 0.02) }),
      'AUC among those active in the last 90 days could not be compared: it was not measurable for the model or for any baseline.',
    ],
  ])('refuses %s, and the best baseline serves', (_, refused, reason) => {
    expect(judgeGate(refused)).toEqual({
      passed: false,
      serves: 'logisticRfm',
      reasons: [
        reason,
        'The best baseline with probabilities is logistic regression on R, F, M (AUC 0.7770, Brier 0.1170).',
      ],
    });
  });

  it('says every rule that failed', () => {
    const { reasons } = judgeGate(
      input({ model: figures(0.5, 0.3, 0.4) }, { model: figures(0.5, 0.3, 0.4) }),
    );
    expect(reasons.map((reason) => reason.split(' is ')[0])).toEqual([
      'AUC over all',
      'AUC among those active in the last 90 days',
      'Brier score over all',
      'Calibration error over all',
      'The best baseline with probabilities',
    ]);
  });

  it.each<[string, Cohort, ScorerKey]>([
    ['with the highest AUC', { decayedCount: figures(0.8, 0.2, 0.1) }, 'decayedCount'],
    ['that has probabilities', { recency: figures(0.9, null, null) }, 'logisticRfm'],
    ['with the lower Brier score of two that rank alike', { mbgNbd: figures(0.777, 0.1, 0.1) }, 'mbgNbd'],
    ['that is named first of two that are alike', { mbgNbd: figures(0.777, 0.117, 0.1) }, 'mbgNbd'],
    ['that could be measured', { logisticRfm: figures(null, null, null) }, 'decayedCount'],
  ])('serves the baseline %s', (_, all, serves) => {
    expect(judgeGate(input(all, {}, { reproducible: false })).serves).toBe(serves);
  });

  it('serves a baseline where there is no model, and the closed form where nothing was measured', () => {
    const { recency, decayedCount, mbgNbd, logisticRfm } = ALL;
    const all = { recency, decayedCount, mbgNbd, logisticRfm } as Cohort;
    const without = judgeGate({ ...input(), cohorts: { all, activeLast90Days: {} } });
    expect(without).toMatchObject({ passed: false, serves: 'logisticRfm' });
    expect(without.reasons[0]).toBe('There is no model to judge.');
    expect(judgeGate({ ...input(), cohorts: { all: {}, activeLast90Days: {} } })).toEqual({
      passed: false,
      serves: 'mbgNbd',
      reasons: [
        'There is no model to judge.',
        'No baseline is the best, for none has an AUC with probabilities: MBG/NBD needs no training.',
      ],
    });
  });
});
