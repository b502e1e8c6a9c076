import type { Command } from 'commander';
import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import { churnTrainer } from '../adapters/tensorflow/churn-trainer.ts';
import { loadChurnNetwork } from '../adapters/tensorflow/load-churn-network.ts';
import { isoOf, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import { HORIZON_DAYS, type LoadChurnNetwork, type NetworkBackend } from '../ports/churn-network.ts';
import { readChurnHistory, type ChurnHistory, type Horizon } from '../runtime/training/churn-history.ts';
import { evaluateChurn } from '../runtime/training/evaluate-churn.ts';
import { trainChurnModel, type ChurnModel, type NoModel } from '../runtime/training/train-churn-model.ts';
import { writeEvaluationPage } from './evaluation-page.ts';
import { addHistoryOptions, openHistoryOf, type HistoryFlags } from './history-options.ts';
import { interrupted } from './interrupted.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { horizonDays, networkBackend, parseInstantOption, wholeNumber } from './terminal/option-values.ts';
import { startProgress, type Progress } from './terminal/progress.ts';
import type { World } from './world.ts';

interface EvaluateFlags extends HistoryFlags {
  readonly asOf: Instant;
  readonly horizon: Horizon;
  readonly seed: number;
  readonly policy?: string;
  readonly backend: NetworkBackend;
  readonly json?: true;
}

/** `evaluate`: what a churn model trained before a date would have been worth after it, beside plain baselines. */
export function addEvaluateCommand(program: Command, world: World): void {
  const command = program
    .command('evaluate')
    .description('train a churn model on a history before a date, and judge it on what came after');
  addHistoryOptions(command);
  demandOption(
    command,
    '--as-of <when>',
    'the cut-off: nothing after it is learnt from; a date is its end',
    parseInstantOption,
  )
    .option(
      '--horizon <days>',
      `churned: no order within so many days, ${HORIZON_DAYS.join(' or ')}`,
      horizonDays,
      90,
    )
    .option('--seed <n>', 'the same seed, data and backend give the same figures', wholeNumber(0), 1)
    .option('--policy <file>', 'for its currency and rates; the default pack without it')
    .option('--backend <name>', 'wasm, tfjs-node (when it is built) or cpu', networkBackend, 'wasm')
    .option('--json', 'print everything as one JSON object')
    .action((flags: EvaluateFlags) => evaluate(flags, world));
  addExamples(command, world, [
    'evaluate --format cdnow --input CDNOW_master.txt --as-of 1997-09-30',
    'evaluate --format csv --map person=customer,time=date,value=amount --input orders.csv --as-of 2025-03-31 --horizon 30 --json',
  ]);
}

async function evaluate(flags: EvaluateFlags, world: World): Promise<void> {
  const startedAt = world.wallClock();
  const progress = startProgress(world, { label: 'evaluate', unit: 'records' });
  const load: LoadChurnNetwork = (stored) => loadChurnNetwork(flags.backend, stored);
  const { history, model } = await train(flags, world, load, progress).finally(() => {
    progress.clear();
  });
  const { evaluation } = await evaluateChurn(history, flags.horizon, model, load, flags.seed);
  const durationMs = world.wallClock() - startedAt;
  const about = {
    asOf: isoOf(flags.asOf),
    horizonDays: flags.horizon,
    observedUntil: isoOf(history.observedUntil),
    seconds: durationMs / 1000,
  };
  if (flags.json === true) {
    writeJsonLine(world.stdout, { ...evaluation, ...about, training: trainingOf(model, flags.seed) });
    return;
  }
  writeEvaluationPage(world, evaluation, { ...about, input: flags.input, durationMs });
}

async function train(
  flags: EvaluateFlags,
  world: World,
  load: LoadChurnNetwork,
  progress: Progress,
): Promise<{ history: ChurnHistory; model: ChurnModel | NoModel }> {
  const { currency, rates } = await loadPolicy(flags.policy ?? defaultPolicyPath());
  const source = await openHistoryOf(flags, world, () => undefined);
  for (const note of source.notes) world.stderr.write(`note: ${note}\n`);
  let records = 0;
  try {
    const history = await readChurnHistory({
      source,
      store: new MemoryStateStore(1, []),
      money: { currency, rates },
      asOf: flags.asOf,
      signal: world.signal,
      onProgress: (done) => {
        records = done;
        progress.report({ done, note: 'read' });
      },
    });
    refuseUnanswerable(history, flags);
    const model = await trainChurnModel(history, {
      trainer: churnTrainer(flags.backend),
      load,
      seed: flags.seed,
      signal: world.signal,
      onEpoch: ({ epoch, validationLoss }) => {
        progress.report({
          done: records,
          note: `training, epoch ${epoch}, loss ${validationLoss.toFixed(4)}`,
        });
      },
    });
    if (world.signal.aborted) throw interrupted('while training');
    return { history, model };
  } catch (error) {
    if (world.signal.aborted && !(error instanceof TidemarkError)) throw interrupted('while reading');
    throw error;
  }
}

function trainingOf(model: ChurnModel | NoModel, seed: number) {
  if ('why' in model) return { seed, model: null, why: model.why };
  const { network, calibration, trainingRows, epochs } = model;
  const { backend, library, settings } = network;
  return { seed, backend, library, settings, rows: trainingRows, epochs, calibration };
}

/** Before anything is trained: there must be somebody to judge, and what they did afterwards. */
function refuseUnanswerable(history: ChurnHistory, { asOf, horizon, input }: EvaluateFlags): void {
  const rows = history.rowsAt(0);
  if (rows.length === 0) {
    throw new TidemarkError(
      'USAGE',
      `${input} knows nobody with an order up to ${isoOf(asOf)}`,
      'give an --as-of that lies well within the history',
    );
  }
  if (rows.every((row) => Number.isNaN(history.label(row, horizon)))) {
    throw new TidemarkError(
      'USAGE',
      `${input} ends at ${isoOf(history.observedUntil)}, before the ${horizon} days after ${isoOf(asOf)} are over`,
      `give an earlier --as-of${horizon > 30 ? ', or --horizon 30' : ''}`,
    );
  }
}
