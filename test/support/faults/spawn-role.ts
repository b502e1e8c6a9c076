import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Instant } from '../../../src/core/time.ts';
import { eventually } from '../eventually.ts';
import { ROOT } from '../source-tree.ts';
import type { RolePlan } from './role-process.ts';
import type { ToldTime } from './told-clock.ts';

export interface SpawnedRole {
  /** How it ended: the signal, or the exit code. */
  readonly ended: Promise<string>;
  /** SIGUSR2 lets one go on that is held. */
  readonly signal: (name: NodeJS.Signals) => void;
  readonly hasJoined: () => boolean;
  readonly isHeld: () => boolean;
  /** What time it is, to one whose plan says that it is told. */
  readonly tell: (now: Instant) => void;
}

const JOIN_DEADLINE_MS = 60_000;

/**
 * A worker or a sink as a process of its own; resolves once it joined its group or is held, or ended before. What it says
 * of why it ended goes to standard error, or to `onError`.
 */
export async function spawnRole(plan: RolePlan, onError?: (text: string) => void): Promise<SpawnedRole> {
  const script = join(ROOT, 'test/support/faults/role-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', onError === undefined ? 'inherit' : 'pipe', 'ipc'],
    cwd: ROOT,
  });
  const killIt = (): void => void child.kill('SIGKILL');
  process.once('exit', killIt);
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => onError?.(text));
  // Of the channel, once nobody is at the other end.
  child.on('error', () => undefined);
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    process.removeListener('exit', killIt);
    return String(signal ?? code);
  });
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  await eventually(() => said !== '' || isOver(), { withinMs: JOIN_DEADLINE_MS });
  return {
    ended,
    signal: (name) => void child.kill(name),
    hasJoined: () => said.includes('joined'),
    isHeld: () => said.includes('held'),
    tell: (now) => {
      const time: ToldTime = { now, saidAtMs: Date.now() };
      if (child.connected) child.send(time, () => undefined);
    },
  };
}
