import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/commands/doctor-finding.ts';
import type { Config } from '../../src/config.ts';
import { LAYOUT_VERSION } from '../../src/adapters/redis/keys.ts';
import { instant } from '../../src/core/time.ts';
import { startClickhouse, type StartedClickhouse } from '../support/clickhouse/start-clickhouse.ts';
import { SASL_USER } from '../support/kafka/broker-settings.ts';
import { KAFKA_START_MS, startOwnKafka, type OwnKafka } from '../support/kafka/start-kafka.ts';
import { startRedis, startRedisCluster, type TestRedis } from '../support/redis/start-redis.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { TestWorldOptions } from '../support/test-world.ts';

interface Report {
  readonly ok: boolean;
  readonly problems: number;
  readonly warnings: number;
  readonly findings: readonly Finding[];
}

const realClock = () => instant(Date.now());

async function examine(
  config: Partial<Config>,
  options: TestWorldOptions = {},
): Promise<Report & { readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await runCommand(['doctor', '--json'], {
    wallClock: realClock,
    ...options,
    config,
  });
  return { ...(JSON.parse(stdout) as Report), code, text: stdout + stderr };
}

const said = ({ findings }: Report, verdict: Finding['verdict']) =>
  findings.filter((one) => one.verdict === verdict).map(({ about, says }) => `${about}: ${says}`);

describe('doctor', () => {
  let kafka: OwnKafka;
  let redis: TestRedis;
  let clickhouse: StartedClickhouse;
  let healthy: Partial<Config>;
  beforeAll(async () => {
    [kafka, redis, clickhouse] = await Promise.all([
      startOwnKafka(),
      startRedis({ appendonly: 'yes' }),
      startClickhouse(),
    ]);
    healthy = configOf('healthy');
    await runForJson(['migrate', '--partitions', '2'], { config: healthy });
  }, KAFKA_START_MS);
  afterAll(async () => {
    await Promise.all([kafka.stop(), redis.stop(), clickhouse.close()]);
  });

  function configOf(id: string): Partial<Config> {
    return {
      kafkaBrokers: kafka.address,
      eventTopics: `${id}.events,${id}.orders`,
      factsTopic: `${id}.facts`,
      tagsTopic: `${id}.tags`,
      triggersTopic: `${id}.triggers`,
      deadLettersTopic: `${id}.dead`,
      redisAddresses: redis.address,
      redisPrefix: id,
      clickhouseUrl: clickhouse.url,
      clickhouseUser: clickhouse.user,
      clickhousePassword: clickhouse.password,
      clickhouseDatabase: clickhouse.database,
    };
  }

  it('finds nothing wrong after migrate but that one broker keeps one copy', async () => {
    const report = await examine(healthy);
    expect(said(report, 'problem')).toEqual([]);
    expect(report).toMatchObject({ ok: true, code: 0, problems: 0, warnings: 1 });
    expect(said(report, 'warning')[0]).toContain('kafka: replication factor 1');
    const fine = said(report, 'ok');
    for (const words of [
      /^kafka: 1 broker at .*, version \d/,
      /^kafka: a producer may write/,
      /^kafka: all 6 topics are there/,
      /^kafka: the topics that workers read have 2 partitions each/,
      /^kafka: healthy.facts keeps facts for 7 d/,
      /^redis: .* answers, version \d/,
      /^redis: .*noeviction/,
      /^redis: .* is also on disk \(appendonly\)/,
      /^redis: .* uses \d+ MiB/,
      /^redis: there is no state "healthy" yet/,
      /^redis: the clock/,
      /^clickhouse: .* answers, version \d/,
      /^clickhouse: its tables are up to date/,
      /^clickhouse: rows may be inserted/,
      /^clickhouse: the clock/,
      /^policy: marketplace@/,
      /^models: /,
    ])
      expect(fine).toContainEqual(expect.stringMatching(words));
  });

  it('gives each finding one line, and its mend', async () => {
    const options = { config: healthy, wallClock: realClock };
    const { code, stdout, stderr } = await runCommand(['doctor'], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('0 problems, 1 warning');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^(ok {5}|warning|problem) {2}\w+ +\S/);
    expect(stdout).toMatch(/^warning {2}kafka .*; mend: Have three copies/m);
    const shown = await runCommand(['doctor'], { ...options, isTerminal: true, columns: 100 });
    for (const line of shown.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(shown.stdout).toMatch(/^ {21}mend: Have three copies/m);
  });

  it('misses topics and tables that were not created', async () => {
    const report = await examine({ ...configOf('absent'), clickhouseDatabase: 'default' });
    expect(report.code).toBe(1);
    expect(said(report, 'problem')).toEqual([
      expect.stringContaining('there is no topic absent.events, absent.orders to read events from'),
      expect.stringContaining('there is no topic absent.facts, absent.tags, absent.triggers, absent.dead'),
      expect.stringContaining('has not seen 0001_tag_transitions.sql'),
    ]);
    for (const { verdict, mend } of report.findings) if (verdict !== 'ok') expect(mend).toMatch(/\w{3}/);
  });

  it('compares partitions: among the topics, and with the state in Redis', async () => {
    const config = configOf('odd');
    await kafka.createTopic('odd.facts', 1);
    await kafka.createTopic('odd.dead', 3);
    await runForJson(['migrate', '--only', 'kafka', '--partitions', '2'], { config });
    await redis.client.hset('odd:layout', { partitions: 7, version: LAYOUT_VERSION });
    const report = await examine(config);
    expect(said(report, 'problem')).toEqual([
      'kafka: the topics that workers read differ in their number of partitions: odd.events has 2, odd.orders has 2, odd.facts has 1',
      'kafka: the topics that the sink reads differ in their number of partitions: odd.tags has 2, odd.triggers has 2, odd.dead has 3',
      'redis: the state "odd" is for 7 partitions, the topics of events have 2',
    ]);
    await redis.client.hset('odd:layout', { partitions: 2 });
    expect(said(await examine(config), 'ok')).toContain(
      'redis: the state "odd" is for the 2 partitions of the topics',
    );
    await redis.client.hset('odd:layout', { version: 1 });
    expect(said(await examine(config), 'problem')).toContain(
      `redis: the state "odd" has layout 1, this version of Tidemark has ${LAYOUT_VERSION}`,
    );
  });

  it('looks at how long facts are kept', async () => {
    await kafka.createTopic('short', 2, { 'retention.ms': '3600000' });
    await kafka.createTopic('compact', 2, { 'cleanup.policy': 'compact' });
    await kafka.createTopic('small', 2, { 'retention.bytes': '1000000' });
    const all = (report: Report) => report.findings.map(({ says }) => says).join('\n');
    expect(all(await examine({ ...healthy, factsTopic: 'short' }))).toContain('short keeps facts for 1 h');
    expect(all(await examine({ ...healthy, factsTopic: 'compact' }))).toContain('compact is compacted');
    expect(all(await examine({ ...healthy, factsTopic: 'small' }))).toContain('up to a size');
  });

  it('warns of a Redis that keeps nothing and has little room, and refuses one that evicts', async () => {
    const lax = await startRedis();
    try {
      const config = { ...healthy, redisAddresses: lax.address };
      expect(said(await examine(config), 'warning')).toContainEqual(
        expect.stringContaining('neither appendonly nor a replica'),
      );
      const used = Number(/^used_memory:(\d+)/m.exec(await lax.client.info('memory'))?.[1]);
      await lax.client.config('SET', 'maxmemory', Math.round(used * 1.2));
      expect(said(await examine(config), 'warning')).toContainEqual(expect.stringMatching(/% of maxmemory/));
      await lax.client.config('SET', 'maxmemory', Math.round(used / 2));
      expect(said(await examine(config), 'problem')).toContainEqual(expect.stringMatching(/% of maxmemory/));
      await lax.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      expect(said(await examine(config), 'problem')).toContainEqual(
        expect.stringContaining('[REDIS_EVICTS]'),
      );
    } finally {
      await lax.stop();
    }
  });

  it('knows a cluster', async () => {
    const cluster = await startRedisCluster();
    try {
      const config = { ...healthy, redisAddresses: cluster.addresses.join(',') };
      const report = await examine({ ...config, redisCluster: true });
      expect(said(report, 'ok')).toContain('redis: the cluster of 3 nodes serves all slots');
      expect(said(report, 'ok').filter((one) => one.includes('noeviction'))).toHaveLength(3);
      const alone = await examine({ ...config, redisAddresses: cluster.addresses[0] ?? '' });
      expect(said(alone, 'problem')).toContainEqual(expect.stringMatching(/is a node of a cluster|MOVED/));
    } finally {
      await cluster.stop();
    }
  });

  it.each([5000, -5000])('warns of clocks that are %i ms away', async (skewMs) => {
    const report = await examine(healthy, { wallClock: () => instant(Date.now() - skewMs) });
    const words = skewMs > 0 ? 'ahead of' : 'behind';
    expect(said(report, 'warning').filter((one) => one.includes(words))).toEqual([
      expect.stringMatching(/^redis: the clock/),
      expect.stringMatching(/^clickhouse: the clock/),
    ]);
    expect(report.code).toBe(0);
  });

  it('says who is refused, and never with what', async () => {
    const secret = `secret-${randomUUID()}`;
    await redis.client.config('SET', 'requirepass', 'another-secret');
    try {
      const report = await examine({
        ...healthy,
        kafkaBrokers: kafka.saslAddress,
        kafkaSasl: 'plain',
        kafkaUsername: SASL_USER.username,
        kafkaPassword: secret,
        redisPassword: secret,
        clickhouseUrl: clickhouse.url.replace('//', `//somebody:${secret}@`),
        clickhouseUser: 'nobody',
        clickhousePassword: secret,
      });
      expect(said(report, 'problem')).toEqual([
        expect.stringContaining('[KAFKA_REFUSED]'),
        expect.stringContaining('[REDIS_REFUSED]'),
        expect.stringContaining('[DATABASE_UNAVAILABLE]'),
      ]);
      expect(report.text).not.toContain(secret);
    } finally {
      await redis.client.config('SET', 'requirepass', '');
    }
  });

  it('needs no more rights in Redis than a worker has', async () => {
    const rights = ['+@read', '+@write', '+@scripting', '+info', '+ping'];
    await redis.client.acl('SETUSER', 'worker', 'on', '>its-secret', '~healthy:*', ...rights);
    const report = await examine({ ...healthy, redisUsername: 'worker', redisPassword: 'its-secret' });
    expect(said(report, 'problem')).toEqual([]);
    expect(said(report, 'ok')).toContain('redis: there is no state "healthy" yet');
    expect(report.text).not.toContain('its-secret');
  });

  it('hides nothing behind a server that is down', async () => {
    const nobody = await unusedPort();
    const report = await examine({ ...healthy, kafkaBrokers: `127.0.0.1:${nobody}` });
    expect(said(report, 'problem')).toEqual([expect.stringContaining('[KAFKA_UNAVAILABLE]')]);
    expect(said(report, 'ok')).toContainEqual(expect.stringMatching(/^redis: .* answers/));
    expect(said(report, 'ok')).toContainEqual(expect.stringMatching(/^clickhouse: .* answers/));
  });

  it('is done in seconds when servers are silent', async () => {
    await kafka.pause();
    redis.pause();
    try {
      const startedAt = performance.now();
      const report = await examine(healthy);
      expect(performance.now() - startedAt).toBeLessThan(9_000);
      expect(said(report, 'problem')).toEqual([
        expect.stringMatching(/^kafka: .*no answer within/),
        expect.stringContaining('[REDIS_UNAVAILABLE]'),
      ]);
    } finally {
      await kafka.resume();
      redis.resume();
    }
  }, 15_000);
});

describe('doctor with nobody there', () => {
  it('says so of each, and looks at policy and models all the same', async () => {
    const port = await unusedPort();
    const folder = temporaryFolder();
    const policyFile = join(folder, 'policy.yaml');
    writeFileSync(policyFile, 'name: [\n');
    const report = await examine({
      kafkaBrokers: `127.0.0.1:${port}`,
      redisAddresses: `127.0.0.1:${port}`,
      clickhouseUrl: `http://127.0.0.1:${port}`,
      policyFile,
      modelsFolder: join(folder, 'absent'),
    });
    expect(report).toMatchObject({ ok: false, code: 1, problems: 5, warnings: 0 });
    expect(report.findings.map(({ about }) => about)).toEqual([
      ...['kafka', 'redis', 'clickhouse', 'policy', 'models'],
    ]);
    const empty = await examine({
      kafkaBrokers: `127.0.0.1:${port}`,
      redisAddresses: `127.0.0.1:${port}`,
      clickhouseUrl: `http://127.0.0.1:${port}`,
      modelsFolder: folder,
    });
    expect(said(empty, 'warning')).toEqual([expect.stringContaining('models: nothing is in force')]);
  }, 15_000);

  it('finds the models that ship', async () => {
    const port = await unusedPort();
    const { findings } = await examine({
      kafkaBrokers: `127.0.0.1:${port}`,
      redisAddresses: `127.0.0.1:${port}`,
      clickhouseUrl: `http://127.0.0.1:${port}`,
      modelsFolder: 'models',
    });
    expect(findings.at(-1)).toMatchObject({ about: 'models', verdict: 'ok' });
  });
});

async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
