import { CommanderError } from 'commander';
import { createColors } from 'picocolors';
import stringWidth from 'string-width';
import { TidemarkError } from '../errors.ts';
import { printable, wrap } from './terminal/printable.ts';
import type { World } from './world.ts';

const EXIT_FAILED = 1;

/**
 * Says on standard error why a command ended and returns the exit code. An expected failure reads as what and
 * where, why, and what to do; anything else is a bug of ours and keeps its stack.
 */
export function reportFailure(error: unknown, world: World, args: readonly string[] = []): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : reportFailure(usageErrorOf(error, world, args), world);
  }
  if (error instanceof TidemarkError) {
    world.stderr.write(describeFailure(error, world));
    return error.exitCode;
  }
  if (world.signal.aborted && isAbort(error)) {
    const mend = 'run the same command again: it completes the work';
    return reportFailure(
      new TidemarkError('INTERRUPTED', 'stopped before the work was complete', mend),
      world,
    );
  }
  world.stderr.write(describeBug(error, world));
  return EXIT_FAILED;
}

function describeFailure(error: TidemarkError, world: World): string {
  const { bold, red, yellow } = createColors(world.stderr.colours);
  const isStop = error.code === 'INTERRUPTED';
  const label = isStop ? yellow(bold('stopped:')) : red(bold('error:'));
  const message = isStop ? error.message.replace(/^stopped /, '') : error.message;
  const why = causeOf(error);
  return [
    hanging(label, `${message} [${error.code}]`, world),
    why === '' ? '' : hanging(`  ${bold('why:')} `, why, world),
    hanging(`  ${bold('mend:')}`, error.mend, world),
  ].join('');
}

/** The label, then the text beside it: wrapped on a terminal, with its own line breaks kept everywhere. */
function hanging(label: string, text: string, { stderr }: World): string {
  const indent = ' '.repeat(stringWidth(label) + 1);
  const room = Math.max(20, stderr.columns - indent.length);
  const lines = text
    .split('\n')
    .map(printable)
    .flatMap((line) => (stderr.isTerminal ? wrap(line, room) : [line]));
  return lines.map((line, i) => `${i === 0 ? `${label} ` : indent}${line}\n`).join('');
}

function causeOf(error: TidemarkError): string {
  const { cause } = error;
  if (cause === undefined) return '';
  const text =
    cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : JSON.stringify(cause);
  return error.message.includes(text.trim()) ? '' : text.trim();
}

function describeBug(error: unknown, world: World): string {
  const { bold, red } = createColors(world.stderr.colours);
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const inner =
    error instanceof Error && error.cause !== undefined ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return (
    `${red(bold('bug:'))} Tidemark did something it should not. This is not your input's fault.\n` +
    `  mend: please report the lines below together with the command you ran\n${trace}${inner}\n`
  );
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Commander's own words for wrong usage, in the shape of all our errors. */
function usageErrorOf(error: CommanderError, world: World, args: readonly string[]): TidemarkError {
  const [, message = error.message, guess] =
    /^(?:error: )?([^]*?)(?:\n?\(Did you mean (?:one of )?([^?)]*)\?\))?$/.exec(error.message.trim()) ?? [];
  const command = args.find((arg) => !arg.startsWith('-'));
  const isCommand = command !== undefined && error.code !== 'commander.unknownCommand';
  const help = `${world.invocation}${isCommand ? ` ${command}` : ''} --help`;
  if (error.code === 'commander.help') {
    return new TidemarkError('USAGE', 'no command was given', 'name one of the commands above');
  }
  const hint = guess === undefined ? '' : `did you mean ${guess}? `;
  return new TidemarkError('USAGE', message.trim(), `${hint}\`${help}\` shows what is possible`);
}
