import { Command } from 'commander';
import { createColors } from 'picocolors';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { addDriftCommand } from './drift.ts';
import { addEvaluateCommand } from './evaluate.ts';
import { addExplainCommand } from './explain.ts';
import { addMigrateCommand } from './migrate.ts';
import { addPromoteCommand } from './promote.ts';
import { readProductVersion } from './product-version.ts';
import { addQueryCommand } from './query.ts';
import { addReplayCommand } from './replay.ts';
import { addRunCommand } from './run.ts';
import { reportFailure } from './report-failure.ts';
import { addSchemasCommand } from './schemas.ts';
import { addSimulateCommand } from './simulate.ts';
import { addTrainCommand } from './train.ts';
import type { World } from './world.ts';

const WIDEST_HELP = 100;

/** Every command, in the order in which help lists them. */
const ADD_COMMANDS: readonly ((program: Command, world: World) => void)[] = [
  addDemoCommand,
  addReplayCommand,
  addSimulateCommand,
  addQueryCommand,
  addExplainCommand,
  addEvaluateCommand,
  addTrainCommand,
  addPromoteCommand,
  addDriftCommand,
  addRunCommand,
  addMigrateCommand,
  addDoctorCommand,
  addSchemasCommand,
];

/**
 * Runs one command line, `args` without the names of node and the script, and resolves to the exit code:
 * 0 done, 1 failed, 2 wrong usage, 130 interrupted. Never rejects: what went wrong is on `world.stderr`.
 */
export async function runCommandLine(args: readonly string[], world: World): Promise<number> {
  try {
    await buildProgram(world).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    return reportFailure(error, world, args);
  }
}

/** The commands and options themselves, for running and for the test that compares them with the README. */
export function buildProgram(world: World): Command {
  const { bold } = createColors(true);
  const program = new Command('tidemark')
    .usage('<command> [options]')
    .description('Keeps every buyer’s and seller’s tags true at every instant, and says why.')
    .version(readProductVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ styleTitle: bold, minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(world.stdout.columns, WIDEST_HELP),
      getErrHelpWidth: () => Math.min(world.stderr.columns, WIDEST_HELP),
      getOutHasColors: () => world.stdout.colours,
      getErrHasColors: () => world.stderr.colours,
    })
    .exitOverride();
  program.addHelpText(
    'after',
    () => `\nA command's own help has an example: ${world.invocation} query --help`,
  );
  for (const add of ADD_COMMANDS) add(program, world);
  return program;
}
