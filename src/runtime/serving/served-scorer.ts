import type { FeatureEnvironment } from '../../core/features/feature.ts';
import { calibrated, isByClosedForm } from '../../core/scoring/churn/churn-calibration.ts';
import {
  CHURN_INPUTS,
  INPUT_FEATURES,
  mbgLogitOf,
  purchaseHistory,
  readChurnInputs,
} from '../../core/scoring/churn/churn-inputs.ts';
import { orderProbability } from '../../core/scoring/churn/mbg-nbd.ts';
import { churnReasons, type ChurnReason } from '../../core/scoring/churn/churn-reasons.ts';
import { plainMeasures } from '../../core/scoring/churn/plain-measures.ts';
import { plainProbability } from '../../core/scoring/churn/plain-scorer.ts';
import type { Models, ScoreEvidence, ScoreQuestion } from '../../core/scoring/models.ts';
import type { SegmentModel } from '../../core/scoring/segments/segment-model.ts';
import { HORIZON_DAYS, type ChurnNetwork, type LoadChurnNetwork } from '../../ports/churn-network.ts';
import type { ServedChurnModel, ServedModels } from '../../ports/served-models.ts';

const WIDTH = CHURN_INPUTS.length;
const HORIZONS = HORIZON_DAYS.length;
/** The port's figure where a row costs least. */
const REASON_BATCH = 512;

/**
 * The models in force, ready to be asked: the network once per call, whatever the number of questions; without a
 * network a baseline. Holds the memory of one network until it is disposed of.
 */
export class ServedScorer implements Models {
  readonly version: string;
  readonly valueSegments: SegmentModel | undefined;
  readonly styles: SegmentModel | undefined;
  readonly served: ServedChurnModel;
  readonly network: ChurnNetwork | undefined;
  private readonly environment: FeatureEnvironment;
  /** Grown to the largest batch so far. */
  private inputs = new Float32Array(512 * WIDTH);

  /** `environment` is that of the policy: only its currency matters here. */
  constructor(
    churn: ServedChurnModel,
    { segmentsVersion, valueSegments, styles }: Omit<ServedModels, 'churn'>,
    network: ChurnNetwork | undefined,
    environment: FeatureEnvironment,
  ) {
    this.served = churn;
    this.valueSegments = valueSegments;
    this.styles = styles;
    this.network = network;
    this.environment = environment;
    // Not the names of the parts: a date stands in these, and two models may be of one day.
    this.version = [churn.version, segmentsVersion].filter((part) => part !== undefined).join('+');
  }

  churn(questions: readonly ScoreQuestion[]): Float32Array {
    const answers = new Float32Array(questions.length * HORIZONS).fill(NaN);
    return this.network === undefined
      ? this.byBaseline(questions, answers)
      : this.byNetwork(this.network, questions, answers);
  }

  /** Undefined where the network did not answer: of a baseline there are no reasons. */
  evidence(question: ScoreQuestion): ScoreEvidence | undefined {
    const inputs = new Float32Array(WIDTH);
    if (this.network === undefined || !this.readInputs(question, inputs, 0)) return undefined;
    if (isByClosedForm(this.served.calibration[90], inputs, 0)) return undefined;
    const windows = { ...question.windows, clock: question.at };
    const words = new Map(
      INPUT_FEATURES.map((feature) => [
        feature.name,
        feature.words(
          feature.read(question.windows, question.at, this.environment),
          windows,
          this.environment,
        ),
      ]),
    );
    return { inputs, words };
  }

  /** Why the scores are what they are, one list for each; integrated gradients, so ask for many at once. */
  reasons(evidence: readonly ScoreEvidence[]): ChurnReason[][] {
    const { network } = this;
    if (network === undefined) return evidence.map(() => []);
    return batchesOf(evidence, REASON_BATCH).flatMap((batch) => {
      const inputs = new Float32Array(batch.length * WIDTH);
      batch.forEach((one, i) => {
        inputs.set(one.inputs, i * WIDTH);
      });
      const { baseline, ofOrders } = this.served;
      const { contributions, residuals } = network.attribute(inputs, batch.length, baseline);
      return batch.map(({ words }, i) =>
        churnReasons(
          contributions.subarray(i * WIDTH, (i + 1) * WIDTH),
          residuals[i] ?? NaN,
          (feature) => words.get(feature) ?? feature,
          ofOrders,
        ),
      );
    });
  }

  dispose(): void {
    this.network?.dispose();
  }

  private byBaseline(questions: readonly ScoreQuestion[], answers: Float32Array): Float32Array {
    const { plain, closedForm } = this.served;
    questions.forEach(({ windows, at }, i) => {
      const history = purchaseHistory(windows, at);
      if (history === undefined) return;
      const measures = plain && plainMeasures(windows, at, this.environment);
      HORIZON_DAYS.forEach((days, h) => {
        answers[i * HORIZONS + h] =
          measures === undefined || plain === undefined
            ? 1 - orderProbability(history, closedForm, days)
            : plainProbability(plain, measures, days);
      });
    });
    return answers;
  }

  private byNetwork(
    network: ChurnNetwork,
    questions: readonly ScoreQuestion[],
    answers: Float32Array,
  ): Float32Array {
    if (this.inputs.length < questions.length * WIDTH)
      this.inputs = new Float32Array(2 * questions.length * WIDTH);
    const asked: number[] = [];
    questions.forEach((question, i) => {
      if (this.readInputs(question, this.inputs, asked.length * WIDTH)) asked.push(i);
    });
    if (asked.length === 0) return answers;
    const raw = network.predict(this.inputs.subarray(0, asked.length * WIDTH), asked.length);
    asked.forEach((i, row) => {
      HORIZON_DAYS.forEach((days, h) => {
        const answer = raw[row * HORIZONS + h] ?? NaN;
        const calibration = this.served.calibration[days];
        answers[i * HORIZONS + h] = calibrated(answer, calibration, this.inputs, row * WIDTH);
      });
    });
    return answers;
  }

  private readInputs({ windows, at }: ScoreQuestion, into: Float32Array, offset: number): boolean {
    const history = purchaseHistory(windows, at);
    if (history === undefined) return false;
    const logit = mbgLogitOf(history, this.served.closedForm);
    readChurnInputs(windows, at, this.environment, logit, into, offset);
    return true;
  }
}

function batchesOf<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** Loads what is in force; without a churn model, `fallback` serves. */
export async function openScorer(
  models: ServedModels,
  fallback: ServedChurnModel,
  load: LoadChurnNetwork,
  environment: FeatureEnvironment,
): Promise<ServedScorer> {
  const churn = models.churn ?? fallback;
  const network = churn.network === undefined ? undefined : await load(churn.network);
  return new ServedScorer(churn, models, network, environment);
}
