import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { ROOT } from '../source-tree.ts';
import type { WorkerProcessPlan } from './worker-process.ts';

export interface SpawnedWorker {
  /** How it ended: the signal, or the exit code. */
  readonly ended: Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
}

/** A worker as a process of its own; resolves once it joined the group, or ended before. */
export async function spawnWorker(plan: WorkerProcessPlan): Promise<SpawnedWorker> {
  const script = join(ROOT, 'test/support/faults/worker-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: ROOT,
  });
  const killIt = (): void => void child.kill('SIGKILL');
  process.once('exit', killIt);
  let hasJoined = false;
  child.stdout.once('data', () => (hasJoined = true));
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    process.removeListener('exit', killIt);
    return String(signal ?? code);
  });
  await eventually(() => hasJoined || child.exitCode !== null || child.signalCode !== null, {
    withinMs: 30_000,
  });
  return { ended, signal: (name) => void child.kill(name) };
}
