import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { defaultConfig, type Config } from '../../src/config.ts';
import { instant } from '../../src/core/time.ts';
import type { Output, World } from '../../src/commands/world.ts';

export interface TestWorldOptions {
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly colours?: boolean;
  readonly config?: Partial<Config>;
  readonly signal?: AbortSignal;
  /** The clock; stands still at 2026-01-01 unless given. */
  readonly wallClock?: World['wallClock'];
}

/** A world without a process: whole command lines run in it, and what they print can be read. */
export function testWorld(options: TestWorldOptions = {}): {
  readonly world: World;
  readonly stdout: () => string;
  readonly stderr: () => string;
} {
  const stdout = memoryOutput(options);
  const stderr = memoryOutput(options);
  const world: World = {
    stdout: stdout.output,
    stderr: stderr.output,
    config: { ...defaultConfig(), ...options.config },
    log: pino({ level: 'silent' }),
    invocation: 'tidemark',
    wallClock: options.wallClock ?? (() => instant(Date.UTC(2026, 0, 1))),
    signal: options.signal ?? new AbortController().signal,
  };
  return { world, stdout: stdout.text, stderr: stderr.text };
}

function memoryOutput({ isTerminal = false, columns = 80, colours = false }: TestWorldOptions): {
  readonly output: Output;
  readonly text: () => string;
} {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const write = (text: string): void => void stream.write(text);
  return {
    output: { stream, isTerminal, columns, colours, write },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
