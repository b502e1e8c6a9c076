import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { instant } from '../../src/core/time.ts';
import { until } from '../support/eventually.ts';
import { clusterId, freePorts } from '../support/kafka/broker-settings.ts';
import { kafkaJars } from '../support/kafka/kafka-jars.ts';
import { isJavaThere } from '../support/kafka/local-broker.ts';
import { KAFKA_START_MS } from '../support/kafka/start-kafka.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import { ROOT } from '../support/source-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readComposeFile } from './compose-file.ts';

const { services } = readComposeFile();
const run = promisify(execFile);
const hasJava = await isJavaThere();

/** Ends with the test, and says what it said where it ended before. */
function startServer(command: string, args: readonly string[]): ChildProcess {
  const server = spawn(command, args, { stdio: 'ignore' });
  onTestFinished(async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  });
  return server;
}

const exitCodeOf = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  run(command, [...args], { env }).then(
    () => 0,
    (error: { code?: unknown }) => error.code,
  );

describe('the Redis of docker-compose.yml', () => {
  it('comes up with its settings, which are what Tidemark asks for, and answers its health check', async () => {
    const { command: [program = '', ...args] = [], healthcheck: { test = [] } = {} } =
      services['redis'] ?? {};
    const { open: port } = await freePorts();
    startServer(program, [...args, '--bind', '127.0.0.1', '--port', `${port}`, '--dir', temporaryFolder()]);
    const [, client = '', ...asked] = test;
    const check = () => exitCodeOf(client, ['-p', `${port}`, ...asked]);
    await until('Redis answers its health check', async () => (await check()) === 0);
    const nowhere = { kafkaBrokers: '127.0.0.1:1', clickhouseUrl: 'http://127.0.0.1:1' };
    const config = { ...nowhere, redisAddresses: `127.0.0.1:${port}` };
    const { stdout } = await runCommand(['doctor'], { config, wallClock: () => instant(Date.now()) });
    const said = stdout.split('\n').filter((line) => / redis /.test(line));
    expect(said.join('\n')).toMatch(/noeviction[^]*appendonly/);
    expect(said.filter((line) => !line.startsWith('ok '))).toEqual([]);
  });

  it('fails its health check when it is not there', async () => {
    const { open: port } = await freePorts();
    const [, client = '', ...asked] = services['redis']?.healthcheck.test ?? [];
    expect(await exitCodeOf(client, ['-p', `${port}`, ...asked])).toBe(1);
  });
});

/** As the image makes the properties from the environment: `_` is a dot, `__` is `_`, `___` is a dash. */
function propertiesOf(environment: Readonly<Record<string, string | number>>): [string, string][] {
  return Object.entries(environment)
    .filter(([name]) => name.startsWith('KAFKA_'))
    .map(([name, value]) => {
      const key = name.slice('KAFKA_'.length).toLowerCase();
      const spelt = { _: '.', __: '_', ___: '-' } as Readonly<Record<string, string>>;
      return [key.replaceAll(/_+/g, (dashes) => spelt[dashes] ?? dashes), String(value)];
    });
}

describe('the Kafka of docker-compose.yml', () => {
  it.skipIf(!hasJava)(
    'comes up with its settings, answers its health check, and takes the topics of migrate',
    async () => {
      const folder = temporaryFolder();
      const ports = await freePorts();
      const here = (value: string) =>
        value
          .replaceAll('kafka:', '127.0.0.1:')
          .replaceAll('localhost:', '127.0.0.1:')
          .replaceAll('://:', '://127.0.0.1:')
          .replaceAll(':19092', `:${ports.open}`)
          .replaceAll(':9092', `:${ports.sasl}`)
          .replaceAll(':9093', `:${ports.controller}`)
          .replace('/var/lib/kafka/data', join(folder, 'data'));
      const properties = join(folder, 'server.properties');
      const lines = propertiesOf(services['kafka']?.environment ?? {});
      writeFileSync(properties, lines.map(([key, value]) => `${key}=${here(value)}\n`).join(''));
      mkdirSync(join(folder, 'data'));
      const jars = join(await kafkaJars(), '*');
      const java = (...args: string[]) => ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-cp', jars, ...args];
      await run('java', java('kafka.tools.StorageTool', 'format', '-c', properties, '-t', clusterId()));
      startServer('java', java('kafka.Kafka', properties));

      const [, script = '', ...asked] = services['kafka']?.healthcheck.test ?? [];
      expect(script).toBe('/opt/kafka/bin/kafka-broker-api-versions.sh');
      const main = 'org.apache.kafka.tools.BrokerApiVersionsCommand';
      const check = () => exitCodeOf('java', java(main, ...asked.map(here)));
      await until('Kafka answers its health check', async () => (await check()) === 0, 60_000);

      const config = { kafkaBrokers: `127.0.0.1:${ports.open}` };
      const command = services['migrate']?.command ?? [];
      const { kafka } = await runForJson<{ kafka: { created: { topic: string; partitions: number }[] } }>(
        [...command, '--only', 'kafka'],
        { config },
      );
      expect(kafka.created.map(({ topic }) => topic)).toContain('events');
      expect(new Set(kafka.created.map(({ partitions }) => partitions))).toEqual(new Set([4]));
      expect(kafka.created).toHaveLength(5);
      const traffic = ['simulate', '--to-kafka', 'events', '--people', '20', '--days', '2'];
      expect(
        await runForJson(traffic, { config: { kafkaBrokers: `127.0.0.1:${ports.sasl}` } }),
      ).toMatchObject({
        toKafka: 'events',
      });
    },
    KAFKA_START_MS,
  );
});

describe('the health checks of Tidemark', () => {
  const compose = services['worker']?.healthcheck.test ?? [];
  const [, image = ''] =
    /^HEALTHCHECK [^]*?CMD (\[.*\])$/m.exec(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')) ?? [];

  it.each([
    ['of docker-compose.yml', compose.slice(1), '/readyz'],
    ['of the image', JSON.parse(image) as string[], '/livez'],
  ])('%s say what is answered', async (_, [program = '', ...args], path) => {
    const answer = { code: 200 };
    const server = createServer(({ url }, response) =>
      response.writeHead(url === path ? answer.code : 404).end(),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    const here = args.map((arg) => arg.replace(':9464', `:${port}`));
    const check = () => exitCodeOf(program, here, { ...process.env, TIDEMARK_HTTP_PORT: port });
    expect(await check()).toBe(0);
    answer.code = 503;
    expect(await check()).toBe(1);
    server.close();
    await once(server, 'close');
    expect(await check()).toBe(1);
  });
});
