import { expect, it } from 'vitest';
import { describeWithData } from '../support/real-data.ts';
import { runForJson } from '../support/run-command.ts';

interface Figures {
  readonly auc: number;
  readonly brier: number;
  readonly ece: number;
}
interface Evaluation {
  readonly population: number;
  readonly cohorts: Readonly<Record<'all' | 'activeLast90Days', Readonly<Record<string, Figures>>>>;
  readonly gate: { readonly passed: boolean; readonly serves: string };
  readonly origins: readonly { readonly asOf: string; readonly gate: { readonly passed: boolean } }[];
}

/** The targets for 90 days, in the order of the cut-offs. */
const CUT_OFFS = [
  { asOf: '1997-09-30', auc: 0.777, brier: 0.1165, activeAuc: 0.695, origins: 1 },
  { asOf: '1998-03-31', auc: 0.84, brier: 0.0885, activeAuc: 0.725, origins: 3 },
];

describeWithData('cdnow/CDNOW_master.txt', (path) => {
  it.each(CUT_OFFS)(
    'as of $asOf the model is as good as purchase histories allow, and serves',
    async ({ asOf, auc, brier, activeAuc, origins }) => {
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
      const best = Math.max(
        ...['recency', 'decayedCount', 'mbgNbd', 'logisticRfm'].map((key) => cohorts.all[key]?.auc ?? 0),
      );
      expect((model?.auc ?? 0) - best).toBeGreaterThan(-0.005);
      expect(evaluation.origins).toHaveLength(origins);
      for (const origin of evaluation.origins) expect(origin.gate.passed, origin.asOf).toBe(true);
    },
    600_000,
  );
});
