import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import { loadChurnNetwork } from '../adapters/tensorflow/load-churn-network.ts';
import { openBackend } from '../adapters/tensorflow/open-backend.ts';
import type { Instant } from '../core/time.ts';
import { HORIZON_DAYS, type LoadChurnNetwork, type NetworkBackend } from '../ports/churn-network.ts';
import { readRollingHistory, type Horizon, type RollingHistory } from '../runtime/training/churn-history.ts';
import { judgeOrigins } from '../runtime/training/judge-origins.ts';
import { readForTraining, refuseUnanswerable, trainOn } from './churn-training.ts';
import { demandFilePlaces } from './demand-places.ts';
import { evaluationHtml } from './evaluation-html.ts';
import { evaluationJson } from './evaluation-json.ts';
import { writeEvaluationPage } from './evaluation-page.ts';
import { addHistoryOptions, openHistoryOf, type HistoryFlags } from './history-options.ts';
import { interrupted } from './interrupted.ts';
import { keepApart } from './keep-apart.ts';
import { readBackChurn } from './read-back-churn.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { horizonDays, networkBackend, parseInstantOption, wholeNumber } from './terminal/option-values.ts';
import { startProgress, type Progress } from './terminal/progress.ts';
import { writeTrainingRows } from './training-rows-file.ts';
import type { World } from './world.ts';
import { writeFileWhole } from './write-chunks.ts';

interface EvaluateFlags extends HistoryFlags {
  readonly asOf: Instant;
  readonly horizon: Horizon;
  readonly origins: number;
  readonly seed: number;
  readonly policy?: string;
  readonly backend: NetworkBackend;
  readonly html?: string;
  readonly rows?: string;
  readonly json?: true;
}

const MOST_ORIGINS = 24;

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
    .option(
      '--origins <n>',
      'judge at so many cut-offs: --as-of and earlier ones, each trained strictly before its own',
      wholeNumber(1, MOST_ORIGINS),
      3,
    )
    .option('--seed <n>', 'the same seed, data and backend give the same figures', wholeNumber(0), 1)
    .option('--policy <file>', 'for its currency and rates; the default pack without it')
    .option('--backend <name>', 'wasm, tfjs-node (when it is built) or cpu', networkBackend, 'wasm')
    .option('--html <file>', 'write it all with curves and charts as one page that needs no network')
    .option('--rows <file>', 'write what the model learns from as an Apache Arrow file')
    .option('--json', 'print everything as one JSON object')
    .action((flags: EvaluateFlags) => evaluate(flags, world));
  addExamples(command, world, [
    'evaluate --format cdnow --input CDNOW_master.txt --as-of 1997-09-30',
    'evaluate --format csv --map person=customer,time=date,value=amount --input orders.csv --as-of 2025-03-31 --horizon 30 --json',
  ]);
}

async function evaluate(flags: EvaluateFlags, world: World): Promise<void> {
  const outputs = { '--html': flags.html, '--rows': flags.rows };
  await keepApart(flags.input, outputs);
  await demandFilePlaces(outputs);
  await openBackend(flags.backend);
  const startedAt = world.wallClock();
  const progress = startProgress(world, { label: 'evaluate', unit: 'records' });
  try {
    const { origins, stepDays } = await read(flags, world, progress);
    const shorter = flags.horizon > 30 ? ', or --horizon 30' : '';
    refuseUnanswerable(origins[0], { input: flags.input, horizon: flags.horizon, shorter });
    if (flags.rows !== undefined) await writeTrainingRows(flags.rows, origins[0]);
    const load: LoadChurnNetwork = (stored) => loadChurnNetwork(flags.backend, stored);
    const judged = await judgeOrigins(origins, {
      horizon: flags.horizon,
      seed: flags.seed,
      load,
      readBack: readBackChurn,
      atOnce: availableParallelism(),
      async train(history) {
        const model = await trainOn(history, flags, world, progress);
        if (world.signal.aborted) throw interrupted('while training');
        return model;
      },
    });
    progress.clear();
    const durationMs = world.wallClock() - startedAt;
    const about = { input: flags.input, horizonDays: flags.horizon, seed: flags.seed, stepDays, durationMs };
    if (flags.json === true) writeJsonLine(world.stdout, evaluationJson(judged, about));
    else writeEvaluationPage(world, judged, about);
    // Last: an answer that took minutes is not lost with a disk that is full.
    if (flags.html !== undefined) await writeFileWhole(flags.html, evaluationHtml(judged, about));
  } finally {
    progress.clear();
  }
}

async function read(flags: EvaluateFlags, world: World, progress: Progress): Promise<RollingHistory> {
  const { currency, rates } = await loadPolicy(flags.policy ?? defaultPolicyPath());
  const source = await openHistoryOf(flags, world, () => undefined);
  for (const note of source.notes) world.stderr.write(`note: ${note}\n`);
  const { asOf, origins, horizon } = flags;
  const input = { source, money: { currency, rates }, asOf };
  return readForTraining(
    input,
    (request) => readRollingHistory({ ...request, origins, horizon }),
    world,
    progress,
  );
}
