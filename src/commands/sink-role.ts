import { ClickhouseAnalytics } from '../adapters/clickhouse/clickhouse-analytics.ts';
import { openClickhouseServer } from '../adapters/clickhouse/open-clickhouse-server.ts';
import { RetryingWriter } from '../adapters/clickhouse/retrying-writer.ts';
import { decodeDeadLetter, decodeDecision } from '../adapters/cloudevents/decode-sink-row.ts';
import { openKafkaSource } from '../adapters/kafka/kafka-source.ts';
import { openRedis } from '../adapters/redis/redis-connection.ts';
import { RedisSinkOffsets } from '../adapters/redis/redis-sink-offsets.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import type { SinkRow } from '../ports/sink-row.ts';
import { sinkPartition, type SinkEvent } from '../runtime/sink/sink-partition.ts';
import type { OpenRole } from './open-role.ts';
import { clickhouseOptionsOf, kafkaConnectionOf, kafkaLogOf, redisSettingsOf } from './run-connections.ts';
import type { World } from './world.ts';

const MOST_CHARS = 8 * 1024 * 1024;
const RETRY_AFTER_MS = 1000;

/**
 * The sink: takes what workers published to ClickHouse, whose tables must be there (`migrate`). Resolves once it has
 * joined its group. Closing lets go of what is not stored yet: the next sink reads it again.
 */
export async function openSink(world: World): Promise<OpenRole> {
  const { config, log } = world;
  const clock = new SystemClock();
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one();
  };
  try {
    const clickhouse = await openClickhouseServer(clickhouseOptionsOf(config));
    closing.push(() => clickhouse.close());
    const redis = await openRedis(redisSettingsOf(world));
    closing.push(() => redis.close());
    const source = await openKafkaSource<SinkRow>({
      connection: kafkaConnectionOf(config),
      log: kafkaLogOf(world),
      groupId: `${config.kafkaGroup}-sink`,
      topics: {
        [config.tagsTopic]: decodeDecision,
        [config.triggersTopic]: decodeDecision,
        [config.deadLettersTopic]: decodeDeadLetter,
      },
    });
    closing.push(() => source.leave());
    const offsets = new RedisSinkOffsets(redis, config.redisPrefix);
    const analytics = new ClickhouseAnalytics(clickhouse);
    await source.join((assignment) =>
      sinkPartition(assignment, {
        ...{ offsets, clock },
        openWriter: (signal) =>
          new RetryingWriter(analytics, {
            now: () => clock.now(),
            sleep: (delayMs, over) => clock.wait(delayMs, over),
            random: Math.random,
            signal,
            observer: {
              down: (since, why) => log.warn({ since, code: why.code }, `clickhouse is down: ${why.message}`),
              up: (downMs) => log.info({ downMs }, 'clickhouse is back'),
            },
          }),
        pace: {
          rows: config.sinkRows,
          chars: MOST_CHARS,
          lingerMs: config.sinkLingerMs,
          retryAfterMs: RETRY_AFTER_MS,
        },
        onEvent: (event) => logEvent(world, event),
      }),
    );
    log.info({ partitions: source.partitions }, 'sink joined its group');
    return { ended: source.ended, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

function logEvent({ log }: World, event: SinkEvent): void {
  const { kind, partition } = event;
  if (kind === 'stored') {
    const { source, rows, next, tookMs } = event;
    log.debug({ partition, source, rows, next, tookMs }, 'stored');
  } else if (kind === 'unreadable') {
    const { place, event: said } = event.record;
    log.warn(
      { partition, place, reason: said.ok ? '' : said.error.reason },
      'passed over what is none of ours',
    );
  } else log.warn({ partition, code: event.error.code }, `waiting: ${event.error.message}`);
}
