import { ClickhouseAnalytics } from '../../src/adapters/clickhouse/clickhouse-analytics.ts';
import {
  openClickhouseServer,
  type ClickhouseServerOptions,
} from '../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { RetryingWriter } from '../../src/adapters/clickhouse/retrying-writer.ts';
import { decodeDeadLetter, decodeDecision } from '../../src/adapters/cloudevents/decode-sink-row.ts';
import { openKafkaSource } from '../../src/adapters/kafka/kafka-source.ts';
import { RedisSinkOffsets } from '../../src/adapters/redis/redis-sink-offsets.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import type { AnalyticsWriter } from '../../src/ports/analytics.ts';
import type { SinkOffsets } from '../../src/ports/sink-offsets.ts';
import type { SinkRow } from '../../src/ports/sink-row.ts';
import type { WallClock } from '../../src/ports/wall-clock.ts';
import { sinkPartition, type SinkEvent, type SinkPace } from '../../src/runtime/sink/sink-partition.ts';
import {
  connectionTo,
  connectionToRedis,
  groupTimes,
  topicsOf,
  type ReadAhead,
  type RunMember,
  type WorkerPlace,
} from './run-world.ts';

export interface SinkPlace extends WorkerPlace {
  readonly clickhouse: ClickhouseServerOptions;
}

export const SINK_PACE: SinkPace = { rows: 500, chars: 1_000_000, lingerMs: 50, retryAfterMs: 100 };

/** What comes between a sink and the world, to make it fail or to look at it. */
export interface BetweenSink {
  readonly writer?: (writer: AnalyticsWriter) => AnalyticsWriter;
  readonly offsets?: (offsets: SinkOffsets) => SinkOffsets;
  readonly clock?: WallClock;
  readonly onEvent?: (event: SinkEvent) => void;
  /** After each try at ClickHouse that failed. */
  readonly onOutage?: () => void;
  readonly readAhead?: ReadAhead;
}

const REQUEST_TIMEOUT_MS = 5000;

/** One sink of a group, with connections of its own; like `run`. */
export async function startSink(
  place: SinkPlace,
  pace: SinkPace,
  between: BetweenSink = {},
): Promise<RunMember> {
  const { installation, clickhouse } = place;
  const clock = between.clock ?? new SystemClock();
  const connection = await connectionToRedis(place.redis);
  const handle = await openClickhouseServer({ requestTimeoutMs: REQUEST_TIMEOUT_MS, ...clickhouse });
  const { tags, triggers, deadLetters } = topicsOf(installation);
  const source = await openKafkaSource<SinkRow>({
    ...connectionTo(place.kafka),
    ...groupTimes,
    ...between.readAhead,
    groupId: `${installation}-sink`,
    topics: { [tags]: decodeDecision, [triggers]: decodeDecision, [deadLetters]: decodeDeadLetter },
  });
  const offsets = new RedisSinkOffsets(connection, installation);
  const analytics = new ClickhouseAnalytics(handle);
  const openWriter = (signal: AbortSignal) =>
    new RetryingWriter(between.writer?.(analytics) ?? analytics, {
      now: () => clock.now(),
      sleep: (ms, over) => clock.wait(ms, over),
      random: Math.random,
      signal,
      observer: { down: () => between.onOutage?.(), up: () => undefined },
    });
  await source.join((assignment) =>
    sinkPartition(assignment, {
      ...{ openWriter, clock, pace },
      offsets: between.offsets?.(offsets) ?? offsets,
      onEvent: between.onEvent,
    }),
  );
  return {
    ended: source.ended,
    leave: async () => {
      await source.leave();
      await handle.close();
      await connection.close();
    },
  };
}
