import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClickhouseServer } from '../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { selectTable } from '../../src/adapters/clickhouse/select-table.ts';
import type { Config } from '../../src/config.ts';
import { startClickhouse, type StartedClickhouse } from '../support/clickhouse/start-clickhouse.ts';
import { KAFKA_START_MS, startKafka, type KafkaUnderTest } from '../support/kafka/start-kafka.ts';
import { runCommand, runForJson } from '../support/run-command.ts';

interface Made {
  readonly clickhouse?: { readonly applied: string[]; readonly already: string[] };
  readonly kafka?: {
    readonly created: { readonly topic: string; readonly partitions: number }[];
    readonly already: string[];
    readonly differs: string[];
  };
}

describe('migrate on servers', () => {
  let kafka: KafkaUnderTest;
  let clickhouse: StartedClickhouse;
  beforeAll(async () => {
    [kafka, clickhouse] = await Promise.all([startKafka(), startClickhouse()]);
  }, KAFKA_START_MS);
  afterAll(async () => {
    await Promise.all([kafka.stop(), clickhouse.close()]);
  });

  function freshConfig(): Partial<Config> & { readonly eventTopics: string; readonly factsTopic: string } {
    const id = randomUUID().slice(0, 8);
    return {
      kafkaBrokers: kafka.address,
      eventTopics: `events-${id}, orders-${id}`,
      factsTopic: `facts-${id}`,
      tagsTopic: `tags-${id}`,
      triggersTopic: `triggers-${id}`,
      deadLettersTopic: `dead-${id}`,
      clickhouseUrl: clickhouse.url,
      clickhouseUser: clickhouse.user,
      clickhousePassword: clickhouse.password,
      clickhouseDatabase: clickhouse.database,
      retentionDays: 90,
    };
  }

  const partitionsOf = async (topic: string) =>
    (await kafka.admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length;

  it('creates tables and topics once', async () => {
    const config = freshConfig();
    const first = await runForJson<Made>(['migrate', '--partitions', '3'], { config });
    expect(first.clickhouse?.applied).toContain('0001_tag_transitions.sql');
    expect(first.kafka?.created).toHaveLength(6);
    expect(await partitionsOf(config.factsTopic)).toBe(3);
    const again = await runForJson<Made>(['migrate'], { config });
    expect(again.clickhouse?.applied).toEqual([]);
    expect(again.kafka).toMatchObject({ created: [], differs: [] });
    expect(again.kafka?.already).toHaveLength(6);
    const { stdout } = await runCommand(['migrate'], { config });
    expect(stdout).toMatch(
      /^clickhouse: nothing to do, \d applied before\nkafka: nothing to do, 6 there before\n$/,
    );
  });

  it('asks for topics of events that are missing, and creates nothing meanwhile', async () => {
    const config = freshConfig();
    const { code, stderr } = await runCommand(['migrate', '--only', 'kafka'], { config });
    expect(code).toBe(2);
    expect(stderr).toContain(`there is no topic ${config.eventTopics}`);
    expect(stderr).toContain('--partitions N');
    expect(await kafka.admin.listTopics()).not.toContain(config.factsTopic);
  });

  it('takes the number of partitions from the topics of events', async () => {
    const config = freshConfig();
    for (const topic of config.eventTopics.split(', ')) await kafka.createTopic(topic, 2);
    const { kafka: made, clickhouse: tables } = await runForJson<Made>(['migrate', '--only', 'kafka'], {
      config,
    });
    expect(tables).toBeUndefined();
    expect(made?.created.map(({ partitions }) => partitions)).toEqual([2, 2, 2, 2]);
  });

  it('changes no topic that exists, and says what differs', async () => {
    const config = freshConfig();
    await kafka.createTopic(config.factsTopic, 1);
    const { stdout } = await runCommand(['migrate', '--only', 'kafka', '--partitions', '2'], { config });
    expect(stdout).toContain(
      `left as it is: ${config.factsTopic} has 1 partitions, the topics of events have 2`,
    );
    expect(await partitionsOf(config.factsTopic)).toBe(1);
    const other = await runCommand(['migrate', '--only', 'kafka', '--partitions', '4'], { config });
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('do not all have 4 partitions');
  });

  it('may run twice at once', async () => {
    const config = freshConfig();
    const args = ['migrate', '--only', 'kafka', '--partitions', '2'];
    const both = await Promise.all([runCommand(args, { config }), runCommand(args, { config })]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
  });

  it('keeps rows as long as the settings say', async () => {
    const handle = await openClickhouseServer(clickhouse);
    try {
      for (const [retentionDays, words] of [
        [30, 'TTL toDateTime(effective_at) + toIntervalDay(30)'],
        [0, ''],
      ] as const) {
        const made = await runForJson<Made>(['migrate', '--only', 'clickhouse'], {
          config: { ...freshConfig(), retentionDays },
        });
        expect(made.kafka).toBeUndefined();
        const { rows } = await selectTable(
          handle,
          "SELECT extract(engine_full, 'TTL .*Day\\\\(\\\\d+\\\\)') FROM system.tables WHERE database = currentDatabase() AND name = 'tag_transitions_rows'",
        );
        expect(rows).toEqual([[words]]);
      }
    } finally {
      await handle.close();
    }
  });
});

describe('migrate', () => {
  it.each([
    [['--db', 'x', '--only', 'kafka'], '--db names a folder'],
    [['--db', 'x', '--partitions', '3'], '--db names a folder'],
    [['--only', 'clickhouse', '--partitions', '3'], '--partitions is about Kafka'],
    [['--only', 'redis'], 'Give clickhouse or kafka.'],
  ])('refuses %j', async (args, words) => {
    const { code, stderr } = await runCommand(['migrate', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
