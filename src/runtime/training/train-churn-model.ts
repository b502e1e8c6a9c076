import type { ChurnCalibration } from '../../core/scoring/churn/churn-calibration.ts';
import { CHURN_INPUTS } from '../../core/scoring/churn/churn-inputs.ts';
import {
  HORIZON_DAYS,
  type ChurnTrainer,
  type EpochLosses,
  type LoadChurnNetwork,
  type TrainedNetwork,
  type TrainingRows,
  type TrainingSettings,
} from '../../ports/churn-network.ts';
import { LEARNABLE_AGE, SNAPSHOTS, SNAPSHOT_DAYS, type ChurnHistory, type Horizon } from './churn-history.ts';
import { labelledRows } from './labelled-rows.ts';
import { recalibrate } from './recalibrate.ts';

export interface ModelTraining {
  readonly trainer: ChurnTrainer;
  readonly load: LoadChurnNetwork;
  readonly seed: number;
  readonly settings?: Partial<TrainingSettings>;
  readonly onEpoch?: (epoch: EpochLosses) => void;
  readonly signal?: AbortSignal;
}

/** A trained network with what turns its output into the score that is served. */
export interface ChurnModel {
  readonly network: TrainedNetwork;
  /** Per horizon; null where recalibrating did not help on people it had not seen. */
  readonly calibration: Readonly<Record<Horizon, ChurnCalibration | null>>;
  readonly trainingRows: number;
  /** After so many epochs the network was best on snapshots later than those it learnt from. */
  readonly epochs: number;
  /** Training was aborted: this is the best of what was complete by then. */
  readonly interrupted: boolean;
}

/** No model, and why: an expected outcome on a short history. */
export interface NoModel {
  /** A clause. */
  readonly why: string;
  readonly interrupted?: true;
}

/** The youngest snapshot whose longest horizon has elapsed; what is later knows the shorter one only. */
const LATEST_AGE = LEARNABLE_AGE - 1;

/**
 * On wasm a step of 1,024 rows costs little more than one of 512. Ten times the port's ridge: on purchase histories what
 * the hidden layers add to the straight line is mostly noise (src/DECISIONS.md, 20).
 */
const DEFAULT_SETTINGS: Partial<TrainingSettings> = { batchRows: 1024, l2: 1e-3 };

/**
 * Trains twice. A first network learns from the snapshots more than {@link LATEST_AGE} steps before the cut-off and is
 * watched on that one and those after it, which are later than all it learns from: that says after how many epochs
 * to stop, and whether a recalibration helps. The network that is kept learns from all labelled snapshots, for so
 * many epochs. Aborted, it gives the first network, which was watched and is whole as far as it came.
 */
export async function trainChurnModel(
  history: ChurnHistory,
  { trainer, load, seed, settings = DEFAULT_SETTINGS, onEpoch, signal }: ModelTraining,
): Promise<ChurnModel | NoModel> {
  const later = agesBetween(1, LATEST_AGE);
  const earlier = agesBetween(LATEST_AGE + 1, SNAPSHOTS);
  const training = trainingRows(history, earlier);
  const validation = trainingRows(history, later);
  const learnable = HORIZON_DAYS.every((horizon) => labelledRows(history, horizon, earlier).length > 0);
  if (!learnable || validation.rows === 0) {
    const days = LEARNABLE_AGE * SNAPSHOT_DAYS;
    return { why: `the history holds no orders ${days} days or more before the cut-off` };
  }
  const options = {
    seed,
    ...settings,
    ...(onEpoch === undefined ? {} : { onEpoch }),
    ...(signal === undefined ? {} : { signal }),
  };
  const judged = await trainer.train(training, validation, options);
  const model = async (
    network: TrainedNetwork,
    { rows }: TrainingRows,
    interrupted: boolean,
  ): Promise<ChurnModel> => ({
    network,
    calibration: await recalibrate(history, judged, network, load),
    trainingRows: rows,
    epochs: judged.bestEpoch,
    interrupted,
  });
  const isAborted = judged.stopped === 'aborted';
  if (isAborted && judged.bestEpoch === 0)
    return { why: 'training was stopped before the network had learnt anything', interrupted: true };
  if (isAborted || judged.stopped === 'diverged' || judged.bestEpoch === 0)
    return model(judged, training, isAborted);
  const everything = trainingRows(history, agesBetween(1, SNAPSHOTS));
  const whole = await trainer.train(everything, validation, {
    ...options,
    maxEpochs: judged.bestEpoch,
    patience: judged.bestEpoch,
  });
  return whole.stopped === 'aborted' ? model(judged, training, true) : model(whole, everything, false);
}

function trainingRows(history: ChurnHistory, ages: readonly number[]): TrainingRows {
  const rows = ages
    .toSorted((a, b) => b - a)
    .flatMap((age) => history.rowsAt(age))
    .filter((row) => HORIZON_DAYS.some((horizon) => !Number.isNaN(history.label(row, horizon))));
  const labels = new Float32Array(rows.length * HORIZON_DAYS.length);
  rows.forEach((row, i) => {
    HORIZON_DAYS.forEach((horizon, h) => {
      labels[i * HORIZON_DAYS.length + h] = history.label(row, horizon);
    });
  });
  return { width: CHURN_INPUTS.length, rows: rows.length, inputs: history.rows.inputsOf(rows), labels };
}

function agesBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
