import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { dockerAnswers } from '../clickhouse/docker-clickhouse.ts';

/** A redis-server that can be started again after a kill. */
export interface RedisProcess {
  /** Resolves when it was told to start, not when it answers. */
  readonly start: (args: readonly string[]) => void;
  /** Told to start, and gone again by itself. */
  readonly hasEnded: () => boolean;
  /** SIGKILL. Resolves when it is gone; nothing when there is none. */
  readonly kill: () => Promise<void>;
  /** As SIGSTOP and SIGCONT do. */
  readonly pause: () => void;
  readonly resume: () => void;
}

const EXECUTABLE = 'redis-server';
const IMAGE = 'redis:7.2-alpine';
const MISSING =
  'There is no Redis to test with. Three ways to have one: set TIDEMARK_TEST_REDIS to the host:port of a server, which ' +
  `is enough for the tests that need not kill it; or start Docker; or install ${EXECUTABLE} (Debian: redis-server, macOS: redis).`;

/** The package where it is installed, since it starts at once; else a container. It keeps its files in `folder`. */
export async function redisProcess(port: number, folder: string): Promise<RedisProcess> {
  if (spawnSync(EXECUTABLE, ['--version']).status === 0) return localProcess();
  if (await dockerAnswers()) return dockerProcess(`tidemark-redis-${process.pid}-${port}`, folder);
  throw new Error(MISSING);
}

function localProcess(): RedisProcess {
  let server: ChildProcess | undefined;
  const killAtExit = (): void => void server?.kill('SIGKILL');
  return {
    start: (args) => {
      server = spawn(EXECUTABLE, args, { stdio: 'ignore' });
      process.once('exit', killAtExit);
    },
    hasEnded: () => isGone(server),
    kill: async () => {
      const ending = server;
      server = undefined;
      process.removeListener('exit', killAtExit);
      if (ending === undefined || isGone(ending)) return;
      const ended = once(ending, 'exit');
      ending.kill('SIGCONT');
      ending.kill('SIGKILL');
      await ended;
    },
    pause: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
  };
}

/** Of a process that a signal ended there is no exit code, and no `exit` to come. */
function isGone(child: ChildProcess | undefined): boolean {
  return child !== undefined && (child.exitCode !== null || child.signalCode !== null);
}

/** On the network of its host, so that the nodes of a cluster find each other at the addresses that a test knows. */
function dockerProcess(name: string, folder: string): RedisProcess {
  let client: ChildProcess | undefined;
  const now = (...args: string[]) => spawnSync('docker', args, { stdio: 'ignore' });
  const killAtExit = (): void => void now('kill', name);
  return {
    start: (args) => {
      const place = ['--rm', '--name', name, '--network', 'host', '--volume', `${folder}:${folder}`];
      client = spawn('docker', ['run', ...place, IMAGE, EXECUTABLE, ...args], { stdio: 'ignore' });
      process.once('exit', killAtExit);
    },
    hasEnded: () => isGone(client),
    kill: async () => {
      const ending = client;
      client = undefined;
      process.removeListener('exit', killAtExit);
      if (ending === undefined) return;
      const ended = isGone(ending) ? undefined : once(ending, 'exit');
      await promisify(execFile)('docker', ['kill', name]).catch(() => undefined);
      await ended;
    },
    pause: () => void now('pause', name),
    resume: () => void now('unpause', name),
  };
}
