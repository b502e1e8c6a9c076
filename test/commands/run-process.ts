import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '../support/source-tree.ts';
import { eventually } from '../support/eventually.ts';

export interface RunProcess {
  /** Where health and metrics are served. */
  readonly url: string;
  /** Of what it wrote to standard error so far. */
  readonly said: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** `tidemark run` as a process of its own; resolves once it serves its health. SIGKILL ends it with the test's process. */
export async function spawnRun(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<RunProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'run', ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', TIDEMARK_LOG_LEVEL: 'debug', TIDEMARK_HTTP_PORT: '0', ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killIt = (): void => void child.kill('SIGKILL');
  process.once('exit', killIt);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => {
    process.removeListener('exit', killIt);
    return code ?? signal ?? '';
  });
  const served = (): string | undefined => /"url":"([^"]+)"/.exec(said)?.[1];
  await eventually(() => served() !== undefined || child.exitCode !== null, { withinMs: 30_000 });
  return { url: served() ?? '', said: () => said, signal: (name) => void child.kill(name), ended };
}
