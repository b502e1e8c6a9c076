import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { churnTrainer } from '../adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../adapters/tensorflow/load-churn-network.ts';
import type { MoneyRules } from '../core/events/interpret.ts';
import { DAY_MS, dateOf, isoOf, plus, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { NetworkBackend } from '../ports/churn-network.ts';
import type { EventSource } from '../ports/event-source.ts';
import type { ChurnHistory, ChurnHistoryRequest, Horizon } from '../runtime/training/churn-history.ts';
import { trainChurnModel, type ChurnModel, type NoModel } from '../runtime/training/train-churn-model.ts';
import { interrupted } from './interrupted.ts';
import type { Progress } from './terminal/progress.ts';
import type { World } from './world.ts';

/** What is read, and how: the part of a request that all who train or judge have in common. */
export interface TrainingInput {
  readonly source: EventSource;
  readonly money: MoneyRules;
  readonly asOf: Instant;
}

/** Reads a history with one of the readers of `runtime/training`, and tells how far it came. */
export async function readForTraining<T>(
  { source, money, asOf }: TrainingInput,
  read: (request: ChurnHistoryRequest) => Promise<T>,
  world: World,
  progress: Progress,
): Promise<T> {
  try {
    return await read({
      source,
      store: new MemoryStateStore(1, []),
      money,
      asOf,
      signal: world.signal,
      onProgress: (done) => {
        progress.report({ done, note: 'read' });
      },
    });
  } catch (error) {
    if (world.signal.aborted && !(error instanceof TidemarkError)) throw interrupted('while reading');
    throw error;
  }
}

/**
 * Trains, and tells of every epoch, and for which cut-off: several may be learning. After Ctrl-C it gives the best of
 * what was complete: the caller looks.
 */
export function trainOn(
  history: ChurnHistory,
  { backend, seed }: { readonly backend: NetworkBackend; readonly seed: number },
  world: World,
  progress: Progress,
): Promise<ChurnModel | NoModel> {
  return trainChurnModel(history, {
    trainer: churnTrainer(backend),
    load: (stored) => loadChurnNetwork(backend, stored),
    seed,
    signal: world.signal,
    onEpoch: ({ epoch, validationLoss }) => {
      progress.report({
        done: history.rows.rows,
        note: `rows; training for ${dateOf(history.asOf)}: epoch ${epoch}, loss ${validationLoss.toFixed(4)}`,
      });
    },
  });
}

/** Before anything is trained: there must be somebody to judge, and what they did afterwards. */
export function refuseUnanswerable(
  history: ChurnHistory,
  {
    input,
    horizon,
    shorter = '',
  }: { readonly input: string; readonly horizon: Horizon; readonly shorter?: string },
): void {
  const asOf = isoOf(history.asOf);
  const rows = history.rowsAt(0);
  if (rows.length === 0) {
    throw new TidemarkError(
      'USAGE',
      `${input} knows nobody with an order up to ${asOf}`,
      'give an --as-of that lies well within the history',
    );
  }
  if (rows.every((row) => Number.isNaN(history.label(row, horizon)))) {
    throw new TidemarkError(
      'USAGE',
      `${input} ends at ${isoOf(history.observedUntil)}, before the ${horizon} days after ${asOf} are over`,
      `give an --as-of of ${dateOf(plus(history.observedUntil, -(horizon + 1) * DAY_MS))} or before${shorter}`,
    );
  }
}
