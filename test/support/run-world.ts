import { announcementEncoder } from '../../src/adapters/cloudevents/encode-announcement.ts';
import { decodeFacts } from '../../src/adapters/cloudevents/forwarded-facts-codec.ts';
import { KafkaAnnouncements } from '../../src/adapters/kafka/kafka-announcements.ts';
import { KafkaPublisher } from '../../src/adapters/kafka/kafka-publisher.ts';
import { openKafkaSource } from '../../src/adapters/kafka/kafka-source.ts';
import { openRedis, type RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.ts';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { encodeSegment } from '../../src/adapters/segment/encode-segment.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import { partitionOf } from '../../src/core/partition.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import type { AnnouncementPublisher } from '../../src/ports/announcement-publisher.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Said } from '../../src/ports/forwarded-facts.ts';
import type { StateStore } from '../../src/ports/state-store.ts';
import { workOnPartition, type WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import { messagesIn } from './kafka/messages-in.ts';
import type { KafkaUnderTest } from './kafka/start-kafka.ts';

/** The topics of one installation; several may share a cluster. */
export function topicsOf(installation: string) {
  return {
    events: `${installation}.events`,
    facts: `${installation}.facts`,
    tags: `${installation}.tags`,
    triggers: `${installation}.triggers`,
    deadLetters: `${installation}.dead-letters`,
  } as const;
}

/** In the order of arrival over all partitions: then what is decided is what one process decides. */
export const IN_ORDER: WorkerPace = {
  turnRecords: 500,
  cachePeople: 100,
  publishEntries: 500,
  lingerMs: 5,
  tickMs: 20,
  settleMs: 100,
  maxSkewMs: 0,
  askAgainMs: 2,
  retryAfterMs: 100,
};

const REDIS_TIMEOUT_MS = 5000;
/** Shorter than brokers allow unless told otherwise: the dead are missed soon. */
export const SESSION_TIMEOUT_MS = 2500;

/** The topics of an installation, and events in them, each where its sender lives. */
export async function feed(
  kafka: KafkaUnderTest,
  installation: string,
  records: readonly SourceRecord[],
  partitions: number,
): Promise<void> {
  const topics = topicsOf(installation);
  for (const topic of Object.values(topics)) await kafka.createTopic(topic, partitions);
  const publisher = publisherTo(kafka.address);
  const messages = records.flatMap(({ event, receivedAt }) => {
    if (!event.ok) return [];
    const { personId } = event.value;
    const value = encodeSegment({ receivedAt, event: event.value });
    return [{ key: personId, value, partition: partitionOf(personId, partitions) }];
  });
  for (let from = 0; from < messages.length; from += 1000)
    await publisher.send(topics.events, messages.slice(from, from + 1000));
  await publisher.close();
}

export interface WorkerPlace {
  readonly kafka: string;
  readonly redis: string;
  readonly installation: string;
}

export interface RunWorker {
  /** Hands its partitions over at once. */
  readonly leave: () => Promise<void>;
}

/** What comes between a worker and the world, to make it fail. */
export interface Between {
  readonly store?: (store: StateStore) => StateStore;
  readonly publisher?: (publisher: AnnouncementPublisher) => AnnouncementPublisher;
}

/** One worker of a group, with connections of its own; like `run`, but for the policy, which is given. */
export async function startWorker(
  { kafka, redis, installation }: WorkerPlace,
  policy: Policy,
  pace: WorkerPace,
  between: Between = {},
): Promise<RunWorker> {
  const rulebook = rulebookOf(policy);
  const connection = await openRedis({ addresses: [redis], isCluster: false, timeoutMs: REDIS_TIMEOUT_MS });
  const { events, ...topics } = topicsOf(installation);
  const source = await openKafkaSource<Said>({
    ...connectionTo(kafka),
    groupId: installation,
    topics: { [events]: decodeSegment },
    factTopics: { [topics.facts]: decodeFacts },
    heartbeatIntervalMs: 100,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  const store = await storeIn(connection, installation, source.partitions, policy);
  const announcements = await KafkaAnnouncements.open({
    ...connectionTo(kafka),
    topics,
    encode: announcementEncoder(policy),
  });
  await source.join((assignment) =>
    workOnPartition(assignment, {
      ...{ rulebook, pace, muteTriggers: false },
      store: between.store?.(store) ?? store,
      publisher: between.publisher?.(announcements) ?? announcements,
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

/** The state of an installation, to look at. */
export function storeIn(
  connection: RedisConnection,
  installation: string,
  partitions: number,
  policy: Policy,
): Promise<RedisStateStore> {
  const { counted } = rulebookOf(policy);
  return RedisStateStore.open({ connection, prefix: installation, partitions, counted });
}

/** Everything that was told: CloudEvents of both topics by id, and how often each came. */
export async function toldIn(
  kafka: KafkaUnderTest,
  installation: string,
): Promise<ReadonlyMap<string, CloudEventTold>> {
  const told = new Map<string, CloudEventTold>();
  const { tags, triggers } = topicsOf(installation);
  for (const topic of [tags, triggers]) {
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
