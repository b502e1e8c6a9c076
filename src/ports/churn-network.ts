/**
 * The network that learns who will not buy again: training it, and asking it.
 *
 * Inputs are features in the order of a manifest, one row a person and instant, row after row in one array
 * (element `row · width + column`), finite, in their own units: the network standardises them itself. What is
 * missing must have been filled in. Outputs are P(churned) for two horizons: column 0 is 30 days, column 1 is 90.
 */

export const HORIZON_DAYS = [30, 90] as const;

/**
 * What computes. `wasm` is everywhere and the default; `tfjs-node` only where its addon was built; `cpu` is plain
 * JavaScript and slow. Weights trained on one give the same probabilities on any other within 1e-5, and not the
 * same bits: a manifest records the one it was trained on.
 */
export type NetworkBackend = 'wasm' | 'tfjs-node' | 'cpu';

/**
 * Rows to learn from or to be judged by. `labels` has two columns: 1 churned, 0 not, NaN where the horizon had
 * not elapsed, and such a label counts nowhere. A row may lack both labels.
 */
export interface TrainingRows {
  /** Inputs of a row, at least 1. */
  readonly width: number;
  readonly rows: number;
  readonly inputs: Float32Array;
  readonly labels: Float32Array;
}

/** Everything that decides which weights come out, but for data, seed and backend. */
export interface TrainingSettings {
  /** Adam's step; its other numbers are the usual β₁ .9, β₂ .999, ε 1e-7. */
  readonly learningRate: number;
  /** `l2` · Σ w² over all kernels, not the biases, is added to the loss of a row (both heads' together). */
  readonly l2: number;
  /** At most so many rows before each step; an epoch is cut into batches of like size. */
  readonly batchRows: number;
  readonly maxEpochs: number;
  /** Training ends after so many epochs in a row that were not better than the best one. */
  readonly patience: number;
}

export const TRAINING_DEFAULTS: TrainingSettings = {
  learningRate: 1e-3,
  l2: 1e-4,
  batchRows: 512,
  maxEpochs: 60,
  patience: 6,
};

export interface TrainingOptions extends Partial<TrainingSettings> {
  /** A whole number in [0, 2^53): the first weights and the order of the rows come from it. */
  readonly seed: number;
  /** Called after each epoch, in order, and first with epoch 0, before any learning. */
  readonly onEpoch?: (epoch: EpochLosses) => void;
  /** Ends the training within one batch. */
  readonly signal?: AbortSignal;
}

/** Mean binary cross-entropy over the labels there are, without the L2 part; log 2 is a coin's. */
export interface EpochLosses {
  /** 1, 2 …; epoch 0 is the network before its first step, which knows the two base rates and nothing else. */
  readonly epoch: number;
  /** Over the epoch's batches, each before its step; null for epoch 0. */
  readonly trainingLoss: number | null;
  /** After the epoch, over the validation rows. */
  readonly validationLoss: number;
}

/** An input x enters the network as (x − `mean`) / `scale`, computed in doubles, then rounded to a float. */
export interface Standardiser {
  readonly mean: readonly number[];
  /** Standard deviation over the training rows, not below a floor; positive. */
  readonly scale: readonly number[];
}

export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** All that it takes to ask a network, as plain data: `weights` is a file, the rest belongs in its manifest. */
export interface StoredNetwork {
  /** The tensors of `shapes` one after the other, row-major, as 32-bit little-endian floats; nothing else. */
  readonly weights: Uint8Array;
  readonly shapes: readonly WeightShape[];
  readonly standardiser: Standardiser;
}

export interface TrainedNetwork extends StoredNetwork {
  readonly backend: NetworkBackend;
  /** Name and version of the library that computed. */
  readonly library: string;
  readonly seed: number;
  readonly settings: TrainingSettings;
  /** Ascending, beginning with epoch 0. */
  readonly history: readonly EpochLosses[];
  /** The epoch the weights are of: the first with the lowest validation loss. 0: nothing was learnt. */
  readonly bestEpoch: number;
  /** `patience` and `epochs` are the ordinary ends; `diverged`: a loss was no longer a number. */
  readonly stopped: 'patience' | 'epochs' | 'aborted' | 'diverged';
}

/**
 * Learns from `training` and keeps the weights of the epoch that does best on `validation`, which must be a later
 * snapshot: rows of the same days would reward knowing those days.
 *
 * - The same rows, seed, settings, backend and library give the same weights, byte for byte.
 * - The classes are not weighted and no row is drawn twice in an epoch: probabilities stay calibrated.
 * - The standardiser is that of the training rows. An input that is the same in all of them gets weight 0, so that
 *   it cannot speak when it one day varies.
 * - The caller's event loop stays free, its arrays stay its own (they are copied once) and unchanged.
 * - An aborted training resolves like any other, with the best epoch that was complete and `stopped: 'aborted'`;
 *   no weights of a half epoch are ever given, because they could not be had again.
 *
 * Rejects with `TidemarkError` `MODEL_BACKEND` when the backend cannot be used, and with a RangeError when the
 * rows break their contract: lengths that do not fit, two widths, an input that is not finite, a label that is
 * not 0, 1 or NaN, a head without any label to learn from, validation rows without any label.
 */
export interface ChurnTrainer {
  train(training: TrainingRows, validation: TrainingRows, options: TrainingOptions): Promise<TrainedNetwork>;
}

/** Why a row's logit differs from the baseline's, input by input. */
export interface Attribution {
  /** Row-major, of the given width: what each input added to the 90-day logit, ln(p / (1 − p)). */
  readonly contributions: Float32Array;
  /**
   * Per row: (logit of the row − logit of the baseline) − Σ contributions. What the numerical integration
   * missed; 0 if the network were linear between the two.
   */
  readonly residuals: Float32Array;
}

/**
 * A network ready to be asked. Synchronous: asking is what a turn of the pipeline waits for anyway. A wrong
 * length, an input that is not finite and a call after `dispose` are bugs and throw.
 */
export interface ChurnNetwork {
  readonly width: number;
  readonly backend: NetworkBackend;
  /**
   * Two probabilities a row, row-major. A row's do not depend on the rows beside it, nor on how many there are:
   * to the bit. Costs about the same for 1 row as for 30, so ask once per batch of people.
   */
  predict(inputs: Float32Array, rows: number): Float32Array;
  /**
   * Integrated gradients (Sundararajan, Taly, Yan 2017) of the 90-day logit along the straight line from
   * `baseline`, one row in the inputs' own units, by the midpoint rule in `steps` steps, 32 unless told otherwise.
   * An input equal to the baseline's contributes 0. Costs `steps` gradients a row.
   */
  attribute(inputs: Float32Array, rows: number, baseline: Float32Array, steps?: number): Attribution;
  /** Gives the memory of the weights back; again is nothing. */
  dispose(): void;
}

/**
 * Makes stored weights answer. Rejects with `TidemarkError` `MODEL_INVALID` when they are not those of this
 * network's shape: tensors missing or of other sizes, too many bytes or too few, weights that are not finite, a
 * standardiser of another width. That they are the weights meant is the manifest's hash to say.
 */
export type LoadChurnNetwork = (stored: StoredNetwork) => Promise<ChurnNetwork>;
