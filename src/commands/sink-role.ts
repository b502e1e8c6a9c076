import { ClickhouseAnalytics } from '../adapters/clickhouse/clickhouse-analytics.ts';
import { openClickhouseServer } from '../adapters/clickhouse/open-clickhouse-server.ts';
import { RetryingWriter } from '../adapters/clickhouse/retrying-writer.ts';
import { decodeDeadLetter, decodeDecision } from '../adapters/cloudevents/decode-sink-row.ts';
import { openKafkaSource } from '../adapters/kafka/kafka-source.ts';
import { openRedis } from '../adapters/redis/redis-connection.ts';
import { RedisSinkOffsets } from '../adapters/redis/redis-sink-offsets.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import type { SinkOffsets } from '../ports/sink-offsets.ts';
import type { SinkRow } from '../ports/sink-row.ts';
import type { HeldPartition } from '../runtime/health/held-partition.ts';
import { sinkPartition, type SinkEvent } from '../runtime/sink/sink-partition.ts';
import { closeAll } from './close-all.ts';
import type { OpenRole } from './open-role.ts';
import { clickhouseOptionsOf, kafkaConnectionOf, kafkaLogOf, redisSettingsOf } from './run-connections.ts';
import type { RunWatch } from './run-watch.ts';
import type { World } from './world.ts';

const MOST_CHARS = 8 * 1024 * 1024;
const RETRY_AFTER_MS = 1000;

/**
 * The sink: takes what workers published to ClickHouse, whose tables must be there (`migrate`). Resolves once it has
 * joined its group. Closing lets go of what is not stored yet: the next sink reads it again.
 */
export async function openSink(world: World, watch: RunWatch): Promise<OpenRole> {
  const { config, log } = world;
  const clock = new SystemClock();
  const closing: (() => Promise<void>)[] = [];
  const close = (): Promise<void> => closeAll(closing);
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
    const writerFor = (held: HeldPartition) => (signal: AbortSignal) =>
      new RetryingWriter(analytics, {
        now: () => clock.now(),
        sleep: (delayMs, over) => clock.wait(delayMs, over),
        random: Math.random,
        signal,
        observer: {
          down: (_since, why) => watch.waits(held, 'clickhouse', why),
          up: () => watch.goesOn(held, 'clickhouse'),
        },
      });
    const pace = {
      rows: config.sinkRows,
      chars: MOST_CHARS,
      lingerMs: config.sinkLingerMs,
      retryAfterMs: RETRY_AFTER_MS,
    };
    await source.join((assignment) =>
      watch.during('sink', assignment, (watched, held) =>
        sinkPartition(watched, {
          ...{ clock, pace },
          offsets: answering(offsets, () => watch.goesOn(held, 'offsets')),
          openWriter: writerFor(held),
          onEvent: (event) => hear(event, held, watch),
        }),
      ),
    );
    watch.health.joined('sink');
    log.info({ partitions: source.partitions }, 'sink joined its group');
    return { ended: source.ended, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

/** The same offsets; every answer is heard of. */
function answering(offsets: SinkOffsets, onAnswer: () => void): SinkOffsets {
  return {
    read: async (partition) => {
      const read = await offsets.read(partition);
      onAnswer();
      return read;
    },
    advance: async (partition, source, next) => {
      await offsets.advance(partition, source, next);
      onAnswer();
    },
  };
}

function hear(event: SinkEvent, held: HeldPartition, watch: RunWatch): void {
  const { kind, partition } = event;
  const { metrics, log } = watch;
  switch (kind) {
    case 'stored': {
      const { source, rows, next, tookMs } = event;
      metrics.inserted(rows, tookMs);
      log.debug({ partition, source, rows, next, tookMs }, 'stored');
      break;
    }
    case 'unreadable': {
      const { place, event: said } = event.record;
      metrics.unreadable();
      const reason = said.ok ? '' : said.error.reason;
      log.warn({ partition, place, reason }, 'passed over what is none of ours');
      break;
    }
    case 'outage':
      watch.waits(held, 'offsets', event.error);
  }
}
