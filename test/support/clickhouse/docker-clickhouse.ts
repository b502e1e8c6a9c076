import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ClickhouseAddress } from './start-clickhouse.ts';

const run = promisify(execFile);
const IMAGE = 'clickhouse/clickhouse-server:25.8-alpine';
/** Pulling the image is in it. */
const START_MS = 300_000;
const POLL_MS = 200;

/** Whether a Docker engine answers at all; a client without an engine does not count. */
export async function dockerAnswers(): Promise<boolean> {
  return run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 10_000 }).then(
    ({ stdout }) => stdout.trim() !== '',
    () => false,
  );
}

/** A ClickHouse server in a container that is removed by `close`. */
export async function startDockerClickhouse(): Promise<ClickhouseAddress & { close(): Promise<void> }> {
  const password = randomUUID();
  const { stdout } = await run(
    'docker',
    [
      ...['run', '--detach', '--rm', '--publish', '127.0.0.1::8123', '--ulimit', 'nofile=262144:262144'],
      ...['--env', 'CLICKHOUSE_USER=tidemark', '--env', `CLICKHOUSE_PASSWORD=${password}`],
      ...['--env', 'CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT=1', IMAGE],
    ],
    { timeout: START_MS },
  );
  const container = stdout.trim();
  const close = async () => void (await run('docker', ['rm', '--force', '--volumes', container]));
  try {
    const port = (await run('docker', ['port', container, '8123/tcp'])).stdout.trim().split('\n')[0];
    const url = `http://${port ?? ''}`;
    await answersPing(url, AbortSignal.timeout(START_MS));
    return { url, user: 'tidemark', password, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function answersPing(url: string, deadline: AbortSignal): Promise<void> {
  const answers = () =>
    fetch(`${url}/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) await delay(POLL_MS, undefined, { signal: deadline });
}
