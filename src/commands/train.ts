import { InvalidArgumentError, type Command } from 'commander';
import { MODEL_KINDS, type ModelKind } from '../ports/model-registry.ts';
import { addExamples } from './terminal/add-examples.ts';
import { trainChurn } from './train-churn.ts';
import { addTrainOptions, type TrainFlags } from './train-options.ts';
import { trainSegments } from './train-segments.ts';
import type { World } from './world.ts';

/** Each leaves a candidate in `--out`, says what it is worth, and puts nothing in force. */
const TRAINERS: Readonly<Record<ModelKind, (flags: TrainFlags, world: World) => Promise<void>>> = {
  churn: trainChurn,
  segments: trainSegments,
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
    'train --kind segments --format cdnow --input CDNOW_master.txt --as-of 1997-12-31',
    'train --format csv --map person=customer,time=date,value=amount --input orders.csv --as-of 2025-03-31',
  ]);
}

function modelKind(text: string): ModelKind {
  const kind = MODEL_KINDS.find((one) => one === text);
  if (kind === undefined) throw new InvalidArgumentError(`Give ${MODEL_KINDS.join(' or ')}.`);
  return kind;
}
