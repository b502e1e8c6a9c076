import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../support/eventually.ts';
import { ROOT } from '../../support/source-tree.ts';
import { productFlags } from '../product-flags.ts';

/** Ticks of the kernel's clock in a second, as /proc counts them on Linux. */
const TICKS_PER_SECOND = 100;
const START_DEADLINE_MS = 60_000;
const LOG_TAIL = 50_000;

/** `tidemark run` under measurement. */
export interface MeasuredRun {
  /** What the process has had of the processors so far, all its threads. */
  readonly cpuSeconds: () => number;
  readonly residentMb: () => number;
  /** A metric's value, summed over its labels but those that are given. */
  readonly metric: (name: string, labels?: string) => Promise<number>;
  /** The end of its log. */
  readonly log: () => readonly LogLine[];
  /** SIGTERM; resolves with how long it took to end. */
  readonly stopMs: () => Promise<number>;
}

export interface LogLine {
  readonly time: string;
  readonly msg: string;
  readonly partition?: number;
}

/** `tidemark run` as a user starts it, under the product's own flags; resolves once it is ready. */
export async function startRun(
  role: 'worker' | 'sink',
  environment: Readonly<Record<string, string>>,
  nodeOptions: readonly string[] = [],
): Promise<MeasuredRun> {
  const args = [...(await productFlags()), ...nodeOptions, '--import', 'tsx', 'src/main.ts'];
  const child = spawn(process.execPath, [...args, 'run', '--role', role], {
    cwd: ROOT,
    env: { ...process.env, ...environment, TIDEMARK_HTTP_PORT: '0', TIDEMARK_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const killIt = (): void => void child.kill('SIGKILL');
  process.once('exit', killIt);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-LOG_TAIL)));
  const ended = once(child, 'exit');
  let url: string | undefined;
  await eventually(
    async () => {
      if (child.exitCode !== null) return true;
      url ??= /"url":"([^"]+)"/.exec(said)?.[1];
      return url !== undefined && (await fetch(`${url}/readyz`)).ok;
    },
    { withinMs: START_DEADLINE_MS, what: `run --role ${role} is ready` },
  );
  if (child.exitCode !== null) throw new Error(`run --role ${role} ended with ${child.exitCode}: ${said}`);
  const statOf = (file: string): string => readFileSync(join('/proc', String(child.pid), file), 'utf8');
  return {
    cpuSeconds: () => {
      const [user, system] = statOf('stat').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
      return (Number(user) + Number(system)) / TICKS_PER_SECOND;
    },
    residentMb: () => Math.round(Number(/VmRSS:\s+(\d+)/.exec(statOf('status'))?.[1]) / 1000),
    metric: async (name, labels = '') => {
      const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
      const ours = lines.filter((line) => line.startsWith(name) && line.includes(labels));
      return ours.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    log: () =>
      said.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : [])),
    stopMs: async () => {
      const since = performance.now();
      child.kill('SIGTERM');
      await ended;
      process.removeListener('exit', killIt);
      return Math.round(performance.now() - since);
    },
  };
}
