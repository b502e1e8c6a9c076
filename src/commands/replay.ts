import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { TidemarkError } from '../errors.ts';
import { runEmbedded } from './embedded-run.ts';
import { addHistoryOptions, openHistoryOf, type HistoryFlags } from './history-options.ts';
import { interrupted } from './interrupted.ts';
import { writeRunPage } from './run-page.ts';
import { streamDate, summaryOf } from './run-summary.ts';
import { addExamples } from './terminal/add-examples.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatQuantity } from './terminal/numbers.ts';
import { wholeNumber } from './terminal/option-values.ts';
import { startProgress } from './terminal/progress.ts';
import type { World } from './world.ts';

interface ReplayFlags extends HistoryFlags {
  readonly db?: string;
  readonly policy?: string;
  readonly model?: string;
  readonly partitions: number;
  readonly fireTriggers?: true;
  readonly json?: true;
}

const MOST_PARTITIONS = 1024;
/** Smaller inputs are read whole before the first row goes through, so that bytes read say nothing. */
const LARGE_BYTES = 256 * 1024 * 1024;

/** `replay`: a real history through the whole pipeline, with the history's own time as now. */
export function addReplayCommand(program: Command, world: World): void {
  const command = program
    .command('replay')
    .description('run a real history through the pipeline, on the clock of the history itself');
  addHistoryOptions(command)
    .option(
      '--db <folder>',
      'keep the results in this database folder; again into the same one goes on from there',
    )
    .option('--policy <file>', 'the rules; the default pack without it')
    .option(
      '--model <folder>',
      'registry of models: what was promoted there scores people; without it, the closed form MBG/NBD',
    )
    .option(
      '--partitions <n>',
      'partitions of the state; the results are the same',
      wholeNumber(1, MOST_PARTITIONS),
      1,
    )
    .option('--fire-triggers', 'mark triggers as to be sent; otherwise they are recorded as muted')
    .option('--json', 'print the summary as one JSON object')
    .action((flags: ReplayFlags) => replay(flags, world));
  addExamples(command, world, [
    'replay --format cdnow --input CDNOW_master.txt --db DIR',
    'replay --format cdnow --input CDNOW_master.txt --until 1997-06-30 --json',
    'replay --format csv --map person=customer,time=date,value=amount --input orders.csv --db DIR',
  ]);
}

async function replay(flags: ReplayFlags, world: World): Promise<void> {
  if (flags.model !== undefined && !existsSync(flags.model)) {
    throw new TidemarkError(
      'INPUT_NOT_FOUND',
      `there is no folder of models at ${flags.model}`,
      'check the path of --model: it is the folder that was --out for train',
    );
  }
  const startedAt = world.wallClock();
  const progress = startProgress(world, { label: 'replay', unit: 'rows' });
  let share = 0;
  const history = await openHistoryOf(flags, world, ({ bytesRead, bytesTotal }) => {
    share = bytesTotal >= LARGE_BYTES ? bytesRead / bytesTotal : 0;
  });
  for (const note of history.notes) world.stderr.write(`note: ${note}\n`);
  const result = await runEmbedded({
    source: history,
    db: flags.db,
    policy: flags.policy,
    models: flags.model,
    warn: (what) => {
      progress.clear();
      world.stderr.write(`warning: ${what}\n`);
    },
    partitions: flags.partitions,
    muteTriggers: flags.fireTriggers !== true,
    signal: world.signal,
    ...(flags.until === undefined ? {} : { until: flags.until }),
    onTurn: ({ events }, now) => {
      progress.report({ done: events.read, ...(share > 0 ? { share } : {}), note: streamDate(now) });
    },
  }).finally(() => {
    progress.clear();
  });
  const durationMs = world.wallClock() - startedAt;
  if (flags.json === true) writeJsonLine(world.stdout, summaryOf(result, durationMs, flags.db));
  else
    writeRunPage(world, result, {
      ...{ durationMs, db: flags.db, unit: 'row', title: `replay of ${flags.input}` },
      ...(history.statesCurrency ? {} : { withoutCurrency: flags.format }),
    });
  if (result.interrupted) throw stoppedAfter(result.tally.events.read, flags.db);
}

function stoppedAfter(rows: number, db: string | undefined) {
  const done = `after ${formatQuantity(rows, 'row')}`;
  return db === undefined
    ? interrupted(done)
    : interrupted(
        `${done}; what they led to is kept in ${db}`,
        `run the same command again: it goes on from there and completes the work`,
      );
}
