import { randomUUID } from 'node:crypto';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import {
  openClickhouseServer,
  type ClickhouseServerOptions,
} from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import type { RedisConnection } from '../../../src/adapters/redis/redis-connection.ts';
import { RedisSinkOffsets } from '../../../src/adapters/redis/redis-sink-offsets.ts';
import type { LocalClickhouse } from '../clickhouse/local-clickhouse.ts';
import type { KafkaUnderTest } from '../kafka/start-kafka.ts';
import { topicsOf } from '../run-world.ts';
import type { Verdict } from './verdict.ts';

const VIEWS = ['tag_transitions', 'trigger_events', 'dead_letters'] as const;

/** An empty database with the tables of `migrate`. */
export async function newDatabase(server: LocalClickhouse): Promise<ClickhouseServerOptions> {
  const { url, user, password } = server;
  const database = `faults_${randomUUID().replaceAll('-', '')}`;
  const creating = await openClickhouseServer({ url, user, password });
  await creating.client.command({ query: `CREATE DATABASE ${database}` });
  await creating.close();
  const options = { url, user, password, database };
  const handle = await openClickhouseServer(options);
  await migrate(handle);
  await handle.close();
  return options;
}

/** Whether the sink noted everything that is in the topics now as stored. */
export async function isStored(
  kafka: KafkaUnderTest,
  connection: RedisConnection,
  installation: string,
): Promise<boolean> {
  const { tags, triggers, deadLetters } = topicsOf(installation);
  const offsets = new RedisSinkOffsets(connection, installation);
  for (const topic of [tags, triggers, deadLetters])
    for (const { partition, high } of await kafka.admin.fetchTopicOffsets(topic))
      if (((await offsets.read(partition))[`${topic}:${partition}`] ?? 0) < Number(high)) return false;
  return true;
}

export interface StoredVerdict {
  readonly rows: number;
  readonly violations: readonly string[];
}

/** Compares what analysts see with the rows that one process would have written: each is there once, and no others. */
export async function judgeStored(
  server: LocalClickhouse,
  stored: ClickhouseServerOptions,
  { tag_transitions, trigger_events, dead_letters }: Verdict['alone'],
): Promise<StoredVerdict> {
  const alone = await newDatabase(server);
  const handle = await openClickhouseServer(alone);
  await new ClickhouseAnalytics(handle).write('alone', { tag_transitions, trigger_events, dead_letters });
  await handle.close();
  const [expected, found] = [await rowsIn(alone), await rowsIn(stored)];
  const times = (rows: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
    return counts;
  };
  const [wanted, seen] = [times(expected), times(found)];
  return {
    rows: found.length,
    violations: [...new Set([...expected, ...found])]
      .filter((row) => wanted.get(row) !== seen.get(row))
      .map((row) => `row ${row}: ${seen.get(row) ?? 0} times; by one process ${wanted.get(row) ?? 0} times`),
  };
}

async function rowsIn(options: ClickhouseServerOptions): Promise<readonly string[]> {
  const handle = await openClickhouseServer(options);
  const analytics = new ClickhouseAnalytics(handle);
  const rows: string[] = [];
  for (const view of VIEWS)
    for (const { detail: _words, ...row } of await analytics.query(`SELECT * FROM ${view}`))
      rows.push(`${view} ${JSON.stringify(row)}`);
  await handle.close();
  return rows;
}
