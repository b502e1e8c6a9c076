#!/usr/bin/env -S node --single-threaded-gc --min-semi-space-size=64 --max-semi-space-size=64 --no-allocation-site-pretenuring
import { pino } from 'pino';
import { abortOnSignals } from './commands/abort-on-signals.ts';
import { runCommandLine } from './commands/command-line.ts';
import { reportFailure } from './commands/report-failure.ts';
import type { Output, World } from './commands/world.ts';
import { defaultConfig, readConfig, redact, type Config } from './config.ts';
import { instant } from './core/time.ts';
import { ERROR_CODES } from './errors.ts';

const DEFAULT_COLUMNS = 80;
const EXIT_INTERRUPTED = ERROR_CODES.INTERRUPTED.exit;

function openOutput(stream: NodeJS.WriteStream, config: Config): Output {
  const isTerminal = stream.isTTY && config.terminal !== 'dumb';
  return {
    stream,
    isTerminal,
    colours: isTerminal && config.noColor === '',
    get columns() {
      return (isTerminal ? stream.columns : undefined) || config.columns || DEFAULT_COLUMNS;
    },
    write: (text) => void stream.write(text),
  };
}

function openWorld(config: Config, signal: AbortSignal): World {
  const stderr = openOutput(process.stderr, config);
  return {
    stdout: openOutput(process.stdout, config),
    stderr,
    config,
    log: pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr),
    invocation: config.npmScript === '' ? 'tidemark' : 'npm run -s tidemark --',
    wallClock: () => instant(Date.now()),
    signal,
  };
}

/** A reader that has seen enough (`| head`) is no failure: there is nobody left to tell anything. */
function leaveWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }
}

async function main(): Promise<number> {
  leaveWhenNobodyReads();
  const interruption = abortOnSignals(process, {
    announce: (words) => void process.stderr.write(words),
    leave: (code) => process.exit(code),
  });
  const code = await runIn((config) => openWorld(config, interruption.signal));
  return code === EXIT_INTERRUPTED ? (interruption.exitCode() ?? code) : code;
}

async function runIn(openWorldWith: (config: Config) => World): Promise<number> {
  try {
    const world = openWorldWith(readConfig());
    world.log.debug({ config: redact(world.config) }, 'configuration');
    return await runCommandLine(process.argv.slice(2), world);
  } catch (error) {
    return reportFailure(error, openWorldWith(defaultConfig()));
  }
}

process.exitCode = await main();
