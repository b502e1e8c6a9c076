import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../eventually.ts';

const POM = join(import.meta.dirname, 'pom.xml');
const FETCH_DEADLINE_MS = 170_000;

/**
 * The folder with Kafka's jars, fetched by Maven at the first call on a machine and kept in the system's temporary
 * folder, one per version of the pom. Test files that start at once wait for the one that came first.
 */
export async function kafkaJars(): Promise<string> {
  const version = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 12);
  const folder = join(tmpdir(), 'tidemark-test-kafka');
  const jars = join(folder, `jars-${version}`);
  const lock = join(folder, `jars-${version}.lock`);
  await mkdir(folder, { recursive: true });
  await until(
    'the jars of Kafka are there',
    async () => existsSync(jars) || (await fetchAlone(lock, jars)),
    FETCH_DEADLINE_MS,
  );
  return jars;
}

/** False when another process is at it. A lock left by a process that died is taken away. */
async function fetchAlone(lock: string, jars: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
  const partial = `${jars}.${process.pid}`;
  try {
    if (existsSync(jars)) return true;
    await promisify(execFile)('mvn', [
      ...['-B', '-q', '-f', POM, 'dependency:copy-dependencies'],
      ...[`-DoutputDirectory=${partial}`, '-DincludeScope=runtime'],
    ]);
    await rename(partial, jars);
    return true;
  } finally {
    await rm(partial, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
