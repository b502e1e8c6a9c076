import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createClient } from '@clickhouse/client';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { KafkaPublisher, type OutgoingMessage } from '../../../src/adapters/kafka/kafka-publisher.ts';
import { partitionOf } from '../../../src/core/partition.ts';
import { LocalClickhouse } from '../../support/clickhouse/local-clickhouse.ts';
import { startOwnKafka, type OwnKafka } from '../../support/kafka/start-kafka.ts';
import { startRedis, type TestRedis } from '../../support/redis/start-redis.ts';

/** Servers of our own, and the topics and tables of one installation: what `run` is started on. */
export interface Installation {
  readonly kafka: OwnKafka;
  readonly redis: TestRedis;
  readonly clickhouse: LocalClickhouse;
  readonly partitions: number;
  /** Settings of `run` that lead here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly publisher: KafkaPublisher;
  /** Segment calls, one a line, each to the partition of its sender; resolves with their number once all are stored. */
  readonly feed: (lines: AsyncIterable<string> | Iterable<string>) => Promise<number>;
  /** How much is in a topic. */
  readonly lengthOf: (topic: string) => Promise<number>;
  readonly rowsIn: (table: string) => Promise<number>;
  /** On the disk of ClickHouse, compressed. */
  readonly bytesPerRow: (table: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export const EVENTS = 'events';
export const TAGS = 'tidemark.tags';
export const TRIGGERS = 'tidemark.triggers';

const OTHER_TOPICS = ['tidemark.facts', 'tidemark.dead-letters'];
const DATABASE = 'tidemark';
const FED_AT_ONCE = 5_000;

export async function openInstallation(partitions: number): Promise<Installation> {
  const [kafka, redis, clickhouse] = await Promise.all([
    startOwnKafka(),
    startRedis({ appendonly: 'yes' }),
    LocalClickhouse.start(),
  ]);
  for (const topic of [EVENTS, TAGS, TRIGGERS, ...OTHER_TOPICS]) await kafka.createTopic(topic, partitions);
  const { url, user, password } = clickhouse;
  const client = createClient({ url, username: user, password });
  await client.command({ query: `CREATE DATABASE ${DATABASE}` });
  const tables = await openClickhouseServer({ url, user, password, database: DATABASE });
  await migrate(tables);
  await tables.close();
  const numberOf = async (query: string): Promise<number> => {
    const answer = await client.query({ query, format: 'JSONEachRow' });
    const [found] = await answer.json<{ readonly number: string }>();
    return Number(found?.number);
  };
  const publisher = new KafkaPublisher({
    connection: { brokers: [kafka.address], clientId: 'bench' },
    log: () => undefined,
    compression: 'lz4',
  });
  return {
    ...{ kafka, redis, clickhouse, partitions, publisher },
    environment: {
      TIDEMARK_KAFKA_BROKERS: kafka.address,
      TIDEMARK_REDIS: redis.address,
      TIDEMARK_CLICKHOUSE_URL: url,
      TIDEMARK_CLICKHOUSE_USER: user,
      TIDEMARK_CLICKHOUSE_PASSWORD: password,
      TIDEMARK_MODELS: 'models',
    },
    feed: async (lines) => {
      let count = 0;
      let messages: OutgoingMessage[] = [];
      const send = async (): Promise<void> => {
        await publisher.send(EVENTS, messages);
        count += messages.length;
        messages = [];
      };
      for await (const line of lines) {
        messages.push(messageOf(line, partitions));
        if (messages.length === FED_AT_ONCE) await send();
      }
      await send();
      return count;
    },
    lengthOf: async (topic) => {
      const ends = await kafka.admin.fetchTopicOffsets(topic);
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    },
    rowsIn: (table) => numberOf(`SELECT count() AS number FROM ${DATABASE}.${table}`),
    bytesPerRow: (table) =>
      numberOf(
        `SELECT sum(bytes_on_disk) / sum(rows) AS number FROM system.parts WHERE active AND table = '${table}_rows'`,
      ),
    stop: async () => {
      await publisher.close();
      await client.close();
      await Promise.all([kafka.stop(), redis.stop(), clickhouse.close()]);
    },
  };
}

/** A Segment call as a producer that keys by sender writes it. */
export function messageOf(line: string, partitions: number): OutgoingMessage {
  const { userId, anonymousId } = JSON.parse(line) as { userId?: string; anonymousId?: string };
  const key = userId ?? anonymousId ?? '';
  return { key, value: line, partition: partitionOf(key, partitions) };
}

/** The first so many lines of a file. */
export async function* linesOf(path: string, most = Infinity): AsyncGenerator<string> {
  let count = 0;
  const stream = createReadStream(path);
  try {
    for await (const line of createInterface({ input: stream })) {
      if (count++ >= most) return;
      yield line;
    }
  } finally {
    stream.destroy();
  }
}
