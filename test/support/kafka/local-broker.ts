import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brokerProperties, clusterId, SCRAM_CREDENTIALS, type BrokerPorts } from './broker-settings.ts';
import { kafkaJars } from './kafka-jars.ts';
import type { BrokerProcess } from './broker-process.ts';
import { runWithInput } from './run-with-input.ts';

const JVM = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';

export async function isJavaThere(): Promise<boolean> {
  const answers = (command: string) =>
    promisify(execFile)(command, ['-version']).then(
      () => true,
      () => false,
    );
  return (await answers('java')) && (await answers('mvn'));
}

/** A cluster of one broker, as {@link localBroker} makes it, that another is to join. */
export interface ClusterToJoin {
  readonly id: string;
  readonly controllerPort: number;
}

/** A broker as a child process of this one, run by Java from Kafka's jars: a cluster of its own, or the second of one. */
export async function localBroker(ports: BrokerPorts, cluster?: ClusterToJoin): Promise<BrokerProcess> {
  const classPath = join(await kafkaJars(), '*');
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-kafka-'));
  const properties = join(folder, 'server.properties');
  await writeFile(
    properties,
    brokerProperties(ports, join(folder, 'data'), '127.0.0.1') +
      (cluster === undefined ? '' : secondBroker(ports, cluster)),
  );
  const java = (main: string, args: readonly string[]) => [...JVM, QUIET, '-cp', classPath, main, ...args];
  await promisify(execFile)(
    'java',
    java('kafka.tools.StorageTool', [
      ...['format', '--config', properties],
      ...(cluster === undefined
        ? ['--standalone', '--cluster-id', clusterId()]
        : ['--no-initial-controllers', '--cluster-id', cluster.id]),
      ...SCRAM_CREDENTIALS.flatMap((credential) => ['--add-scram', credential]),
    ]),
  );

  let running: ChildProcess | undefined;
  let said = '';
  const endNow = () => running?.kill('SIGKILL');
  process.once('exit', endNow);
  const kill = async () => {
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  };
  return {
    start: () => {
      running = spawn('java', java('kafka.Kafka', [properties]), { stdio: ['ignore', 'pipe', 'pipe'] });
      const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-10_000));
      running.stdout?.on('data', keep);
      running.stderr?.on('data', keep);
      return Promise.resolve();
    },
    said: () => Promise.resolve(said),
    kill,
    pause: () => Promise.resolve(void running?.kill('SIGSTOP')),
    resume: () => Promise.resolve(void running?.kill('SIGCONT')),
    remove: async () => {
      await kill();
      process.off('exit', endNow);
      await rm(folder, { recursive: true, force: true });
    },
    tool: (main, args, input) => runWithInput('java', java(main, args), input),
  };
}

/** What differs from a broker that is a cluster by itself; of two values of a property the later holds. */
function secondBroker({ open }: BrokerPorts, { controllerPort }: ClusterToJoin): string {
  return [
    'process.roles=broker',
    'node.id=2',
    `controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}`,
    `listeners=OPEN://127.0.0.1:${open}`,
    `advertised.listeners=OPEN://127.0.0.1:${open}`,
    '',
  ].join('\n');
}
