import { announcementEncoder } from '../../src/adapters/cloudevents/encode-announcement.ts';
import { decodeFacts } from '../../src/adapters/cloudevents/forwarded-facts-codec.ts';
import { KafkaAnnouncements } from '../../src/adapters/kafka/kafka-announcements.ts';
import { KafkaPublisher } from '../../src/adapters/kafka/kafka-publisher.ts';
import { openKafkaSource } from '../../src/adapters/kafka/kafka-source.ts';
import { openRedis } from '../../src/adapters/redis/redis-connection.ts';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.ts';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { encodeSegment } from '../../src/adapters/segment/encode-segment.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import { partitionOf } from '../../src/core/partition.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Said } from '../../src/ports/forwarded-facts.ts';
import { workOnPartition, type WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import { messagesIn } from './kafka/messages-in.ts';
import type { KafkaUnderTest } from './kafka/start-kafka.ts';

export const TOPICS = {
  events: 'events',
  facts: 'tidemark.facts',
  tags: 'tidemark.tags',
  triggers: 'tidemark.triggers',
  deadLetters: 'tidemark.dead-letters',
} as const;

const REDIS_TIMEOUT_MS = 5000;

/** The topics of an installation, and events in them, each where its sender lives. */
export async function feed(
  kafka: KafkaUnderTest,
  records: readonly SourceRecord[],
  partitions: number,
): Promise<void> {
  for (const topic of Object.values(TOPICS)) await kafka.createTopic(topic, partitions);
  const publisher = publisherTo(kafka.address);
  const messages = records.flatMap(({ event, receivedAt }) => {
    if (!event.ok) return [];
    const { personId } = event.value;
    const value = encodeSegment({ receivedAt, event: event.value });
    return [{ key: personId, value, partition: partitionOf(personId, partitions) }];
  });
  for (let from = 0; from < messages.length; from += 1000)
    await publisher.send(TOPICS.events, messages.slice(from, from + 1000));
  await publisher.close();
}

export interface RunWorker {
  /** Hands its partitions over at once. */
  readonly leave: () => Promise<void>;
}

/** One worker of a group, with connections of its own; like `run`, but for the policy, which is given. */
export async function startWorker(
  { kafka, redis }: { readonly kafka: string; readonly redis: string },
  policy: Policy,
  pace: WorkerPace,
): Promise<RunWorker> {
  const rulebook = rulebookOf(policy);
  const connection = await openRedis({
    addresses: [redis],
    isCluster: false,
    timeoutMs: REDIS_TIMEOUT_MS,
  });
  const source = await openKafkaSource<Said>({
    ...connectionTo(kafka),
    groupId: 'tidemark',
    topics: { [TOPICS.events]: decodeSegment },
    factTopics: { [TOPICS.facts]: decodeFacts },
    heartbeatIntervalMs: 100,
  });
  const { partitions } = source;
  const { counted } = rulebook;
  const store = await RedisStateStore.open({ connection, prefix: 'tidemark', partitions, counted });
  const { events, ...topics } = TOPICS;
  const announcements = await KafkaAnnouncements.open({
    ...connectionTo(kafka),
    topics,
    encode: announcementEncoder(policy),
  });
  await source.join((assignment) =>
    workOnPartition(assignment, {
      ...{ store, rulebook, pace, publisher: announcements, muteTriggers: false },
      clock: new SystemClock(),
    }),
  );
  return {
    leave: async () => {
      await source.leave();
      await announcements.close();
      await connection.close();
    },
  };
}

/** Everything that was told: CloudEvents of both topics by id, and how often each came. */
export async function toldIn(kafka: KafkaUnderTest): Promise<ReadonlyMap<string, CloudEventTold>> {
  const told = new Map<string, CloudEventTold>();
  for (const topic of [TOPICS.tags, TOPICS.triggers]) {
    for (const text of await messagesIn(kafka, topic)) {
      const event = JSON.parse(text) as { id: string; type: string; time: string };
      const known = told.get(event.id);
      told.set(event.id, { text, type: event.type, time: event.time, times: (known?.times ?? 0) + 1 });
      if (known !== undefined && known.text !== text) throw new Error(`${event.id} was told in two ways`);
    }
  }
  return told;
}

export interface CloudEventTold {
  readonly text: string;
  readonly type: string;
  readonly time: string;
  readonly times: number;
}

function publisherTo(address: string): KafkaPublisher {
  return new KafkaPublisher(connectionTo(address));
}

function connectionTo(address: string) {
  return { connection: { brokers: [address], clientId: 'tests' }, log: () => undefined };
}
