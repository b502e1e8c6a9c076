import { seededRandom } from '../../core/seeded-random.ts';
import type {
  EpochLosses,
  TrainedNetwork,
  TrainingRows,
  TrainingSettings,
} from '../../ports/churn-network.ts';
import { batchEdges, batchFiller, inOrder, shuffle } from './batches.ts';
import {
  checkTrainingRows,
  checkTrainingSettings,
  labelsOf,
  type LabelCount,
} from './check-training-rows.ts';
import { initialTensors } from './initial-tensors.ts';
import { startLearner, type Learner } from './learner.ts';
import { weightShapes } from './network-layout.ts';
import type { Backend } from './open-backend.ts';
import {
  constantColumns,
  fitStandardiser,
  writeStandardised,
  type WriteStandardised,
} from './standardise.ts';

export interface TrainingJob {
  readonly training: TrainingRows;
  readonly validation: TrainingRows;
  readonly seed: number;
  readonly settings: TrainingSettings;
  readonly onEpoch: (epoch: EpochLosses) => void;
  /** Asked before every batch. */
  readonly isAborted: () => boolean;
}

/** Rows in one call of the library where nothing is learnt. */
const MOST_ROWS = 8192;

/**
 * What {@link ChurnTrainer} promises, in this thread and without pause: for the thread that does nothing else.
 * Leaves no tensor behind, whatever happens.
 */
export function trainNetwork(backend: Backend, job: TrainingJob): TrainedNetwork {
  const { training, validation, seed, settings } = job;
  checkTrainingSettings(seed, settings);
  const counts = checkTrainingRows(training, validation);
  const { width, rows, inputs } = training;
  const standardiser = fitStandardiser(inputs, rows, width);
  const initial = initialTensors({
    width,
    seed,
    // Laplace's rule keeps the rate of a head that only knows one answer off 0 and 1.
    baseRates: counts.training.map((count) => (count.ones + 1) / (labelsOf(count) + 2)),
    silent: constantColumns(inputs, rows, width),
  });
  backend.activate();
  const learner = startLearner(backend, width, initial, settings);
  try {
    const course = followCourse(learner, job, writeStandardised(standardiser), counts);
    return {
      ...course,
      shapes: weightShapes(width),
      standardiser,
      backend: backend.name,
      library: backend.library,
      seed,
      settings,
    };
  } finally {
    learner.dispose();
  }
}

type Course = Pick<TrainedNetwork, 'weights' | 'history' | 'bestEpoch' | 'stopped'>;

function followCourse(
  learner: Learner,
  { training, validation, seed, settings, onEpoch, isAborted }: TrainingJob,
  standardise: WriteStandardised,
  counts: ReturnType<typeof checkTrainingRows>,
): Course {
  const { batchRows, maxEpochs, patience } = settings;
  const random = seededRandom(seed, 'order of rows');
  const order = inOrder(training.rows);
  const edges = batchEdges(training.rows, batchRows);
  const fill = batchFiller(training, standardise, batchRows);
  const validationLoss = lossOver(learner, validation, standardise, totalOf(counts.validation));

  const learnEpoch = (): number | 'aborted' | 'diverged' => {
    shuffle(order, random);
    let sum = 0;
    for (const [batch, from] of edges.slice(0, -1).entries()) {
      if (isAborted()) return 'aborted';
      const loss = learner.step(fill(order, from, edges[batch + 1] ?? from));
      if (!Number.isFinite(loss)) return 'diverged';
      sum += loss;
    }
    return sum / totalOf(counts.training);
  };

  const history: EpochLosses[] = [{ epoch: 0, trainingLoss: null, validationLoss: validationLoss() }];
  let best = { epoch: 0, loss: history[0]?.validationLoss ?? NaN, weights: learner.weights() };
  const end = (stopped: Course['stopped']): Course => ({
    weights: best.weights,
    history,
    bestEpoch: best.epoch,
    stopped,
  });
  for (const first of history) onEpoch(first);
  for (let epoch = 1; epoch <= maxEpochs; epoch++) {
    const trainingLoss = learnEpoch();
    if (typeof trainingLoss === 'string') return end(trainingLoss);
    const losses = { epoch, trainingLoss, validationLoss: validationLoss() };
    if (!Number.isFinite(losses.validationLoss)) return end('diverged');
    history.push(losses);
    onEpoch(losses);
    if (losses.validationLoss < best.loss)
      best = { epoch, loss: losses.validationLoss, weights: learner.weights() };
    if (epoch - best.epoch >= patience) return end('patience');
  }
  return end('epochs');
}

function totalOf(counts: readonly LabelCount[]): number {
  return counts.reduce((sum, count) => sum + labelsOf(count), 0);
}

/** Mean cross-entropy over all known labels of `rows`, of the weights at the time of the call. */
function lossOver(
  learner: Learner,
  rows: TrainingRows,
  standardise: WriteStandardised,
  labels: number,
): () => number {
  const order = inOrder(rows.rows);
  const edges = batchEdges(rows.rows, MOST_ROWS);
  const fill = batchFiller(rows, standardise, Math.min(MOST_ROWS, rows.rows));
  return () => {
    let sum = 0;
    for (const [batch, from] of edges.slice(0, -1).entries())
      sum += learner.loss(fill(order, from, edges[batch + 1] ?? from));
    return sum / labels;
  };
}
