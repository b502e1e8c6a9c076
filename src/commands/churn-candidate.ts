import type { ChurnManifest } from '../adapters/models/churn-manifest.ts';
import { WEIGHTS_FILE } from '../adapters/models/served-churn.ts';
import { CHURN_INPUTS, CHURN_INPUTS_HASH } from '../core/scoring/churn/churn-inputs.ts';
import { SCORER_NAMES, rankBaselines } from '../core/scoring/evaluation/gate.ts';
import { isoOf, type Instant } from '../core/time.ts';
import type { ModelToSave } from '../ports/model-registry.ts';
import type { ChurnHistory, Horizon } from '../runtime/training/churn-history.ts';
import type { ChurnEvaluation } from '../runtime/training/evaluate-churn.ts';
import type { ChurnModel, NoModel } from '../runtime/training/train-churn-model.ts';
import { fitServableBaseline, type ServableBaseline } from '../runtime/training/fit-baselines.ts';
import { typicalInputs } from '../runtime/training/typical-inputs.ts';
import { churnCard } from './churn-card.ts';

export interface JudgedChurn {
  readonly history: ChurnHistory;
  readonly model: ChurnModel | NoModel;
  readonly evaluation: Readonly<Record<Horizon, ChurnEvaluation>>;
  /** Format and name of the input. */
  readonly source: string;
  readonly firstAt: Instant;
  readonly currency: string;
  readonly seed: number;
  readonly purpose: string;
}

export interface ChurnCandidate extends ModelToSave {
  readonly manifest: ChurnManifest;
}

/** The very model that was judged, as what a registry keeps. */
export function churnCandidate(judged: JudgedChurn): ChurnCandidate {
  const { history, model, evaluation, source, firstAt, currency, seed, purpose } = judged;
  const { asOf, observedUntil, closedForm } = history;
  if (closedForm === undefined) throw new Error('a candidate was made of a history without orders');
  const found = 'why' in model ? undefined : model;
  const ranked = rankBaselines(evaluation[90].cohorts.all ?? {});
  const baseline = fitServableBaseline(history, ranked);
  const gate = gateOver(evaluation, model, baseline);
  const manifest: ChurnManifest = {
    purpose,
    interrupted: model.interrupted ?? false,
    inputs: CHURN_INPUTS.map(({ name }) => name),
    inputsHash: CHURN_INPUTS_HASH,
    ofOrders: [...history.rows.ofOrders],
    network: found === undefined ? null : networkOf(found),
    withoutNetwork: 'why' in model ? model.why : null,
    calibration: found?.calibration ?? { 30: null, 90: null },
    closedForm,
    plain: baseline.plain ?? null,
    baseline: [...typicalInputs(history)],
    data: {
      source,
      from: isoOf(firstAt),
      until: isoOf(observedUntil),
      people: history.rowsAt(0).length,
      rows: found?.trainingRows ?? 0,
      currency,
    },
    seed,
    evaluation,
    gate,
    serves: gate.passed ? 'network' : (baseline.plain?.key ?? 'closed_form'),
  };
  const files = found === undefined ? {} : { [WEIGHTS_FILE]: found.network.weights };
  return { kind: 'churn', asOf, manifest, files, card: churnCard(manifest, asOf) };
}

function networkOf({ network, epochs }: ChurnModel): ChurnManifest['network'] {
  const { shapes, standardiser, backend, library, settings, stopped } = network;
  return { shapes, standardiser, backend, library, settings, epochs, stopped };
}

/**
 * The longer horizon decides: the score, its reasons and the tags rest on it. One network answers for both, so what the
 * shorter one was refused for is told, too; and of a best baseline that cannot serve, which one does.
 */
function gateOver(
  evaluation: JudgedChurn['evaluation'],
  model: ChurnModel | NoModel,
  baseline: ServableBaseline,
): ChurnManifest['gate'] {
  const { 30: shorter, 90: longer } = evaluation;
  const { passed, serves: best } = longer.gate;
  const instead =
    passed || best === baseline.key || best === 'model'
      ? []
      : [
          `Fitted to the labels there are, ${SCORER_NAMES[best]} does not rank people as it did here: ` +
            `${SCORER_NAMES[baseline.key]} is what can serve.`,
        ];
  if ('why' in model)
    return { passed: false, reasons: [`No model could be trained: ${model.why}.`, ...instead] };
  const told = (horizon: Horizon, { gate }: ChurnEvaluation): string[] =>
    gate.reasons.map((reason) => `${horizon} days: ${reason}`);
  const reasons = [...told(90, longer), ...instead, ...(shorter.gate.passed ? [] : told(30, shorter))];
  return { passed, reasons };
}
