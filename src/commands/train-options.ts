import type { Command } from 'commander';
import type { Instant } from '../core/time.ts';
import type { NetworkBackend } from '../ports/churn-network.ts';
import type { ModelKind } from '../ports/model-registry.ts';
import { addHistoryOptions, type HistoryFlags } from './history-options.ts';
import { networkBackend, parseInstantOption, wholeNumber } from './terminal/option-values.ts';

/** What every kind of model is trained with; a kind ignores what does not concern it. */
export interface TrainFlags extends HistoryFlags {
  readonly kind: ModelKind;
  /** Nothing after it is learnt from; each kind has a default of its own. */
  readonly asOf?: Instant;
  readonly seed: number;
  readonly backend: NetworkBackend;
  readonly policy?: string;
  /** One sentence for the manifest and the card. */
  readonly purpose?: string;
  /** Arrow file of what a churn model learns from. */
  readonly rows?: string;
  /** The registry's folder. */
  readonly out: string;
  readonly json?: true;
}

export const DEFAULT_MODELS = 'models';

export function addTrainOptions(command: Command): Command {
  return addHistoryOptions(command)
    .option(
      '--as-of <when>',
      'the cut-off: nothing after it is learnt from, and what comes after it judges; a date is its end; without it ' +
        'the last day that leaves 90 to judge by, and for segments the end of the history',
      parseInstantOption,
    )
    .option('--seed <n>', 'the same seed, data and backend give the same model', wholeNumber(0), 1)
    .option('--backend <name>', 'wasm, tfjs-node (when it is built) or cpu', networkBackend, 'wasm')
    .option('--policy <file>', 'for its currency and rates; the default pack without it')
    .option('--purpose <sentence>', 'what the model is for, to stand in its manifest and on its card')
    .option('--rows <file>', 'write what a churn model learns from as an Apache Arrow file, for other tools')
    .option('--out <folder>', 'where models are kept, candidates and those in force', DEFAULT_MODELS)
    .option('--json', 'print everything as one JSON object');
}
