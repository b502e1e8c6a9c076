import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveHealth, type HealthServer } from '../../src/adapters/http/serve-health.ts';
import { migrate } from '../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { KafkaPublisher } from '../../src/adapters/kafka/kafka-publisher.ts';
import { partitionKeys } from '../../src/adapters/redis/keys.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { partitionOf } from '../../src/core/partition.ts';
import { DAY_MS, instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { LocalClickhouse } from '../support/clickhouse/local-clickhouse.ts';
import { eventually } from '../support/eventually.ts';
import { KAFKA_START_MS, startKafka, type KafkaUnderTest } from '../support/kafka/start-kafka.ts';
import { recordsOf } from '../support/listed-source.ts';
import { startRedis, type TestRedis } from '../support/redis/start-redis.ts';
import { runCommand } from '../support/run-command.ts';
import { feed, topicsOf } from '../support/run-world.ts';
import { spawnRun, type RunProcess } from './run-process.ts';

const PARTITIONS = 2;

let kafka: KafkaUnderTest;
let redis: TestRedis;
beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka(), startRedis({ 'maxmemory-policy': 'noeviction' })]);
}, KAFKA_START_MS);
afterAll(async () => {
  await Promise.all([kafka.stop(), redis.stop()]);
});

function settingsOf(installation: string) {
  const { events, facts, tags, triggers, deadLetters } = topicsOf(installation);
  return {
    TIDEMARK_KAFKA_BROKERS: kafka.address,
    TIDEMARK_KAFKA_GROUP: installation,
    TIDEMARK_REDIS: redis.address,
    TIDEMARK_REDIS_PREFIX: installation,
    TIDEMARK_EVENT_TOPICS: events,
    TIDEMARK_FACTS_TOPIC: facts,
    TIDEMARK_TAGS_TOPIC: tags,
    TIDEMARK_TRIGGERS_TOPIC: triggers,
    TIDEMARK_DEAD_LETTERS_TOPIC: deadLetters,
  };
}

interface Readiness {
  readonly code: number;
  readonly reasons: readonly { readonly reason: string; readonly code?: string }[];
}

async function readinessOf({ url }: RunProcess): Promise<Readiness> {
  const answer = await fetch(`${url}/readyz`);
  const { reasons = [] } = (await answer.json()) as Partial<Readiness>;
  return { code: answer.status, reasons };
}

async function metric({ url }: RunProcess, sample: string): Promise<number> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${sample} `))?.slice(sample.length));
}

interface LogLine {
  readonly msg: string;
  readonly partition?: number;
  readonly code?: string;
}

function logOf(run: RunProcess): readonly LogLine[] {
  return run
    .said()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}

function saidOf(run: RunProcess, words: string): number {
  return logOf(run).filter(({ msg }) => msg === words || msg.startsWith(words)).length;
}

function personsIn(records: readonly SourceRecord[]): ReadonlySet<string> {
  return new Set(records.flatMap(({ event }) => (event.ok ? [event.value.personId] : [])));
}

describe('a worker that runs', () => {
  it('is ready, counts, waits for Redis, names nobody, and ends with the turn in hand', async () => {
    const startAt = instant(Date.now() - 5 * DAY_MS);
    const records = (await recordsOf(simulatedSource({ people: 40, days: 5, seed: 9, startAt }))).slice(
      0,
      400,
    );
    await feed(kafka, 'watched', records, PARTITIONS);
    const run = await spawnRun(['--role', 'worker'], settingsOf('watched'));
    try {
      await eventually(async () => (await readinessOf(run)).code === 200);
      expect((await fetch(`${run.url}/livez`)).status).toBe(200);

      const outcomes = ['accepted', 'duplicate', 'late', 'rejected'];
      const workedOff = async () => {
        const each = outcomes.map((outcome) => metric(run, `tidemark_events_total{outcome="${outcome}"}`));
        return (await Promise.all(each)).reduce((sum, value) => sum + value, 0);
      };
      await eventually(async () => (await workedOff()) === records.length);
      await eventually(async () => (await metric(run, 'tidemark_lag_seconds{partition="1"}')) < 5);
      expect(await metric(run, 'tidemark_partitions_held{role="worker"}')).toBe(PARTITIONS);
      expect(await metric(run, 'tidemark_commit_seconds_count')).toBeGreaterThan(0);
      expect(await metric(run, 'tidemark_outbox_published_total{kind="transition"}')).toBeGreaterThan(0);
      expect(await metric(run, 'tidemark_lag_records{role="worker",source="events",partition="0"}')).toBe(0);

      redis.pause();
      await eventually(async () => (await readinessOf(run)).code === 503);
      const { reasons } = await readinessOf(run);
      expect(reasons[0]).toMatchObject({ reason: 'outage', code: 'REDIS_UNAVAILABLE' });
      expect((await fetch(`${run.url}/livez`)).status).toBe(200);
      redis.resume();
      await eventually(async () => (await readinessOf(run)).code === 200);
      expect(saidOf(run, 'waiting:')).toBeGreaterThan(0);
      expect(saidOf(run, 'waiting:')).toBeLessThanOrEqual(PARTITIONS);
      expect(saidOf(run, 'goes on')).toBe(saidOf(run, 'waiting:'));
      expect(await metric(run, 'tidemark_outages_total{role="worker",code="REDIS_UNAVAILABLE"}')).toBe(
        saidOf(run, 'waiting:'),
      );

      const toldAt = performance.now();
      run.signal('SIGTERM');
      expect(await run.ended).toBe(0);
      expect(performance.now() - toldAt).toBeLessThan(10_000);
      expect(saidOf(run, 'took a partition')).toBe(PARTITIONS);
      expect(saidOf(run, 'gave a partition up')).toBe(PARTITIONS);
      expect(saidOf(run, 'stopped')).toBe(1);
      const { members } = (await kafka.admin.describeGroups(['watched'])).groups[0] ?? {};
      expect(members).toEqual([]);

      const persons = personsIn(records);
      expect(persons.size).toBeGreaterThan(10);
      for (const person of persons) expect(run.said()).not.toContain(person);
    } finally {
      redis.resume();
      run.signal('SIGKILL');
      await run.ended;
    }
  }, 40_000);

  it('fails with what ended it', async () => {
    const startAt = instant(Date.now() - DAY_MS);
    const records = await recordsOf(simulatedSource({ people: 5, days: 1, seed: 9, startAt }));
    await feed(kafka, 'corrupt', records, PARTITIONS);
    for (const person of personsIn(records)) {
      const { people } = partitionKeys('corrupt', partitionOf(person, PARTITIONS));
      await redis.client.rpush(people(0), person, 'no record');
    }
    const run = await spawnRun(['--role', 'worker'], settingsOf('corrupt'));
    try {
      expect(await run.ended).toBe(1);
      expect(run.said()).toContain('[STATE_CORRUPT]');
      expect(run.said()).toMatch(/a record in partition \d+ cannot be decoded: [^\n]* SHA-1 [0-9a-f]{40}/);
      for (const person of personsIn(records)) expect(run.said()).not.toContain(person);
    } finally {
      run.signal('SIGKILL');
    }
  }, 30_000);
});

describe('a worker and a sink in one process', () => {
  it('tell of dead letters, wait for ClickHouse, and end at Ctrl-C', async () => {
    const clickhouse = await LocalClickhouse.start();
    const publisher = new KafkaPublisher({
      connection: { brokers: [kafka.address], clientId: 'tests' },
      log: () => undefined,
    });
    let run: RunProcess | undefined;
    try {
      await feed(kafka, 'both', [], PARTITIONS);
      const { url, user, password } = clickhouse;
      const handle = await openClickhouseServer({ url, user, password });
      await migrate(handle);
      await handle.close();
      run = await spawnRun([], {
        ...settingsOf('both'),
        TIDEMARK_CLICKHOUSE_URL: url,
        TIDEMARK_CLICKHOUSE_USER: user,
        TIDEMARK_CLICKHOUSE_PASSWORD: password,
        TIDEMARK_CLICKHOUSE_DATABASE: 'default',
        TIDEMARK_SINK_LINGER_MS: '50',
      });
      const both = run;
      await eventually(async () => (await readinessOf(both)).code === 200);
      expect(await metric(both, 'tidemark_partitions_held{role="sink"}')).toBe(PARTITIONS);
      expect(await metric(both, 'tidemark_clickhouse_down_since_timestamp_seconds')).toBe(0);

      await clickhouse.goDown();
      const value = '{"userId": "ada@example.org"';
      await publisher.send(topicsOf('both').events, [{ key: null, value, partition: 1 }]);
      await eventually(async () => (await readinessOf(both)).code === 503);
      expect((await readinessOf(both)).reasons[0]).toMatchObject({ reason: 'outage', role: 'sink' });
      const downSince = await metric(both, 'tidemark_clickhouse_down_since_timestamp_seconds');
      expect(Math.abs(downSince - Date.now() / 1000)).toBeLessThan(30);
      expect(await metric(both, 'tidemark_dead_letters_total{reason="malformed"}')).toBe(1);
      await clickhouse.comeUp();
      await eventually(async () => (await readinessOf(both)).code === 200);
      await eventually(async () => (await metric(both, 'tidemark_sink_insert_rows_sum')) === 1);
      expect(await metric(both, 'tidemark_clickhouse_down_since_timestamp_seconds')).toBe(0);
      expect(saidOf(both, 'waiting:')).toBe(1);
      expect(saidOf(both, 'goes on')).toBe(1);

      both.signal('SIGINT');
      expect(await both.ended).toBe(0);
      expect(both.said()).not.toContain('ada@example.org');
    } finally {
      run?.signal('SIGKILL');
      await publisher.close();
      await clickhouse.close();
    }
  }, 40_000);
});

describe('run', () => {
  let taken: HealthServer;
  beforeAll(async () => {
    const metrics = { contentType: 'text/plain', text: () => Promise.resolve('') };
    const nothing = () => [];
    taken = await serveHealth({ host: '127.0.0.1', port: 0, dead: nothing, unready: nothing, metrics });
  });
  afterAll(() => taken.close());

  it('does not begin without its health', async () => {
    const httpPort = Number(new URL(taken.url).port);
    const { code, stderr } = await runCommand(['run', '--role', 'worker'], { config: { httpPort } });
    expect(code).toBe(1);
    expect(stderr).toContain('[HTTP_BIND]');
  });
});
