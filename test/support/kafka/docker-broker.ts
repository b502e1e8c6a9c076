import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brokerProperties, clusterId, SCRAM_CREDENTIALS, type BrokerPorts } from './broker-settings.ts';
import type { BrokerProcess } from './broker-process.ts';
import { runWithInput } from './run-with-input.ts';

const IMAGE = 'apache/kafka:4.0.0';
const DATA = '/tmp/tidemark-data';
const SETTINGS = '/tidemark/server.properties';

export async function isDockerThere(): Promise<boolean> {
  return promisify(execFile)('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5000 }).then(
    () => true,
    () => false,
  );
}

/** The same broker in a container: formatted at its first start, its data kept in the container until it is removed. */
export async function dockerBroker(ports: BrokerPorts): Promise<BrokerProcess> {
  const name = `tidemark-kafka-${process.pid}-${ports.open}`;
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-kafka-'));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'server.properties'), brokerProperties(ports, DATA, '0.0.0.0'));
  const quoted = SCRAM_CREDENTIALS.map((credential) => `--add-scram '${credential}'`).join(' ');
  await writeFile(
    join(folder, 'start.sh'),
    [
      `[ -d ${DATA} ] || /opt/kafka/bin/kafka-storage.sh format --standalone --config ${SETTINGS} \\`,
      `  --cluster-id ${clusterId()} ${quoted} || exit 1`,
      `exec /opt/kafka/bin/kafka-server-start.sh ${SETTINGS}`,
      '',
    ].join('\n'),
  );
  const docker = (...args: string[]) => promisify(execFile)('docker', args);
  const publish = (port: number) => ['--publish', `127.0.0.1:${port}:${port}`];
  await docker(
    ...['create', '--name', name, ...publish(ports.open), ...publish(ports.sasl), ...publish(ports.behind)],
    ...['--volume', `${folder}:/tidemark:ro`, '--env', 'KAFKA_HEAP_OPTS=-Xmx512m'],
    ...['--entrypoint', 'sh', IMAGE, '/tidemark/start.sh'],
  );
  const removeNow = () => void execFileSync('docker', ['rm', '--force', name], { stdio: 'ignore' });
  process.once('exit', removeNow);
  return {
    start: async () => void (await docker('start', name)),
    said: async () => (await docker('logs', '--tail', '50', name)).stdout,
    kill: () =>
      docker('kill', name).then(
        () => undefined,
        () => undefined,
      ),
    pause: async () => void (await docker('pause', name)),
    resume: async () => void (await docker('unpause', name)),
    remove: async () => {
      await docker('rm', '--force', name);
      process.off('exit', removeNow);
      await rm(folder, { recursive: true, force: true });
    },
    tool: (main, args, input) =>
      runWithInput(
        'docker',
        ['exec', '--interactive', name, '/opt/kafka/bin/kafka-run-class.sh', main, ...args],
        input,
      ),
  };
}
