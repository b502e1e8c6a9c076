import { expect, it } from 'vitest';
import { describeWithData } from '../support/real-data.ts';
import { runForJson } from '../support/run-command.ts';

interface Figures {
  readonly auc: number;
  readonly aucHigh: number;
  readonly brier: number;
  readonly ece: number;
}
type Cohort = 'all' | 'repeaters' | 'activeLast90Days' | 'oneOrder';

interface Evaluation {
  readonly population: number;
  readonly cohorts: Readonly<Record<Cohort, Readonly<Record<string, Figures>>>>;
  readonly gate: { readonly passed: boolean; readonly serves: string };
  readonly origins: readonly { readonly asOf: string; readonly gate: { readonly passed: boolean } }[];
}

const BASELINES = ['recency', 'decayedCount', 'mbgNbd', 'logisticRfm'];

/**
 * The targets for 90 days, in the order of the cut-offs. `unsure`: where 365 of 12,275 people with one order come back,
 * chance alone moves an AUC by .03, and the best baseline is only asked to lie within the model's interval.
 */
const CUT_OFFS = [
  { asOf: '1997-09-30', auc: 0.777, brier: 0.1165, activeAuc: 0.695, origins: 1, unsure: [] as Cohort[] },
  {
    ...{ asOf: '1998-03-31', auc: 0.84, brier: 0.0885, activeAuc: 0.725, origins: 3 },
    unsure: ['oneOrder'] as Cohort[],
  },
];

describeWithData('cdnow/CDNOW_master.txt', (path) => {
  it.each(CUT_OFFS)(
    'as of $asOf the model is as good as purchase histories allow, and serves',
    async ({ asOf, auc, brier, activeAuc, origins, unsure }) => {
      const args = ['evaluate', '--format', 'cdnow', '--input', path, '--as-of', asOf, '--horizon', '90'];
      const evaluation = await runForJson<Evaluation>([...args, '--origins', String(origins)]);
      const { population, cohorts, gate } = evaluation;
      const { model } = cohorts.all;
      expect(population).toBe(23_570);
      expect(model?.auc).toBeGreaterThanOrEqual(auc);
      expect(model?.auc).toBeLessThan(auc + 0.02);
      expect(model?.brier).toBeLessThanOrEqual(brier);
      expect(model?.ece).toBeLessThanOrEqual(0.025);
      expect(cohorts.activeLast90Days['model']?.auc).toBeGreaterThanOrEqual(activeAuc);
      expect(gate).toMatchObject({ passed: true, serves: 'model' });
      for (const cohort of ['all', 'repeaters', 'activeLast90Days', 'oneOrder'] as const) {
        const scorers = cohorts[cohort];
        const best = Math.max(...BASELINES.map((key) => scorers[key]?.auc ?? NaN));
        const reached = (unsure.includes(cohort) ? scorers['model']?.aucHigh : scorers['model']?.auc) ?? NaN;
        expect(reached, cohort).toBeGreaterThanOrEqual(best - 0.005);
        const briers = BASELINES.map((key) => scorers[key]?.brier ?? NaN);
        expect(scorers['model']?.brier, cohort).toBeLessThan(Math.min(...briers));
      }
      expect(evaluation.origins).toHaveLength(origins);
      for (const origin of evaluation.origins) expect(origin.gate.passed, origin.asOf).toBe(true);
    },
    600_000,
  );
});
