import { InvalidArgumentError, type Command } from 'commander';
import type { Instant } from '../core/time.ts';
import { MODEL_KINDS, type ModelKind } from '../ports/model-registry.ts';
import { openHistoryOf } from './history-options.ts';
import { addExamples } from './terminal/add-examples.ts';
import { trainChurn } from './train-churn.ts';
import { addTrainOptions, type TrainFlags } from './train-options.ts';
import { trainSegments } from './train-segments.ts';
import { WatchedSpan } from './watched-span.ts';
import type { World } from './world.ts';

/** Each leaves a candidate in `--out`, says what it is worth, and puts nothing in force. */
const TRAINERS: Readonly<Record<ModelKind, (flags: TrainFlags, world: World) => Promise<void>>> = {
  churn: trainChurn,
  async segments(flags, world) {
    await trainSegments({ ...flags, asOf: flags.asOf ?? (await endOf(flags, world)) }, world);
  },
};

/** `train`: a model from a history, judged and stored as a candidate. */
export function addTrainCommand(program: Command, world: World): void {
  const command = program
    .command('train')
    .description('learn a model from a history, judge it, and store it as a candidate for promote');
  addTrainOptions(command)
    .option('--kind <kind>', `what is learnt: ${MODEL_KINDS.join(' or ')}`, modelKind, 'churn')
    .action((flags: TrainFlags) => TRAINERS[flags.kind](flags, world));
  addExamples(command, world, [
    'train --format cdnow --input CDNOW_master.txt',
    'train --format csv --map person=customer,time=date,value=amount --input orders.csv --as-of 2025-03-31',
    'train --kind segments --format segment --input events.ndjson',
  ]);
}

function modelKind(text: string): ModelKind {
  const kind = MODEL_KINDS.find((one) => one === text);
  if (kind === undefined) throw new InvalidArgumentError(`Give ${MODEL_KINDS.join(' or ')}.`);
  return kind;
}

/** The last arrival: reads the history once. */
async function endOf(flags: TrainFlags, world: World): Promise<Instant> {
  const span = new WatchedSpan(await openHistoryOf(flags, world, () => undefined));
  await span.readWhole(world.signal);
  return span.lastAt;
}
