import type {
  EpochLosses,
  NetworkBackend,
  TrainedNetwork,
  TrainingRows,
  TrainingSettings,
} from '../../ports/churn-network.ts';
import type { ErrorCode } from '../../errors.ts';

/** What the training thread is started with. */
export interface TrainingOrder {
  readonly backend: NetworkBackend;
  readonly training: TrainingRows;
  readonly validation: TrainingRows;
  readonly seed: number;
  readonly settings: TrainingSettings;
  /** One 32-bit integer in shared memory: not 0 asks the thread to stop, also while it computes. */
  readonly abortFlag: Int32Array;
}

/** What it reports: each epoch, then once how it ended. */
export type TrainingReport =
  | { readonly kind: 'epoch'; readonly losses: EpochLosses }
  | { readonly kind: 'trained'; readonly network: TrainedNetwork }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly mend: string };
