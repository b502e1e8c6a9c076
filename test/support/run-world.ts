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
import type { Instant } from '../../src/core/time.ts';
import { partitionOf } from '../../src/core/partition.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import type { AnnouncementPublisher } from '../../src/ports/announcement-publisher.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Said } from '../../src/ports/forwarded-facts.ts';
import type { StateStore } from '../../src/ports/state-store.ts';
import type { CloudEvent } from '../../src/core/triggers/trigger.ts';
import type { WallClock } from '../../src/ports/wall-clock.ts';
import { workOnPartition, type WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import type { WorkerEvent } from '../../src/runtime/worker/worker-event.ts';
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
  sweepPeople: 64,
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
export const groupTimes = { heartbeatIntervalMs: 100, sessionTimeoutMs: SESSION_TIMEOUT_MS } as const;

/** The topics of an installation, and events in them, each where its sender lives. */
export async function feed(
  kafka: KafkaUnderTest,
  installation: string,
  records: readonly SourceRecord[],
  partitions: number,
): Promise<void> {
  // However long ago a message says that it was written.
  const settings = { 'retention.ms': '-1' };
  for (const topic of Object.values(topicsOf(installation)))
    await kafka.createTopic(topic, partitions, settings);
  await sendRecords(kafka, installation, records, partitions);
}

/** More events in the topic of an installation. */
export async function sendRecords(
  kafka: KafkaUnderTest,
  installation: string,
  records: readonly SourceRecord[],
  partitions: number,
): Promise<void> {
  const publisher = new KafkaPublisher(connectionTo(kafka.address));
  const messages = records.flatMap(({ event, receivedAt }) => {
    if (!event.ok) return [];
    const { personId } = event.value;
    const value = encodeSegment({ receivedAt, event: event.value });
    return [{ key: personId, value, partition: partitionOf(personId, partitions) }];
  });
  for (let from = 0; from < messages.length; from += 1000)
    await publisher.send(topicsOf(installation).events, messages.slice(from, from + 1000));
  await publisher.close();
}

export interface WorkerPlace {
  readonly kafka: string;
  /** One server, or the nodes of a cluster. */
  readonly redis: string | readonly string[];
  readonly installation: string;
}

/** Of a group: a worker or a sink. */
export interface RunMember {
  /** Hands its partitions over at once; rejects with what ended it before, if anything did. */
  readonly leave: () => Promise<void>;
  /** Resolves when it is no member any more. */
  readonly ended: Promise<void>;
}

/** What comes between a worker and the world, to make it fail or to look at it. */
export interface Between {
  readonly store?: (store: StateStore) => StateStore;
  readonly publisher?: (publisher: AnnouncementPublisher) => AnnouncementPublisher;
  readonly clock?: WallClock;
  /** The present, against which arrivals are held; what the clock shows unless given. */
  readonly present?: () => Instant;
  readonly onEvent?: (event: WorkerEvent) => void;
  readonly readAhead?: ReadAhead;
  /** How soon a changed number of partitions is noticed. */
  readonly topicCheckMs?: number;
}

export interface ReadAhead {
  readonly readAheadBytes: number;
  readonly maxFetchBytes: number;
}

/** One worker of a group, with connections of its own; like `run`, but for the policy, which is given. */
export async function startWorker(
  { kafka, redis, installation }: WorkerPlace,
  policy: Policy,
  pace: WorkerPace,
  between: Between = {},
): Promise<RunMember> {
  const rulebook = rulebookOf(policy);
  const clock = between.clock ?? new SystemClock();
  const connection = await connectionToRedis(redis);
  const { events, ...topics } = topicsOf(installation);
  const source = await openKafkaSource<Said>({
    ...connectionTo(kafka),
    groupId: installation,
    topics: { [events]: decodeSegment },
    factTopics: { [topics.facts]: decodeFacts },
    ...groupTimes,
    ...between.readAhead,
    ...(between.topicCheckMs === undefined ? {} : { topicCheckMs: between.topicCheckMs }),
    now: between.present ?? (() => clock.now()),
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
      clock,
      onEvent: between.onEvent,
    }),
  );
  return {
    ended: source.ended,
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

/** The texts of everything that was told, CloudEvents of both topics by id. Throws if one was told in two ways. */
export async function toldIn(
  kafka: KafkaUnderTest,
  installation: string,
): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>();
  const { tags, triggers } = topicsOf(installation);
  for (const topic of [tags, triggers]) {
    for (const text of await messagesIn(kafka, topic)) {
      const { id } = JSON.parse(text) as CloudEvent;
      if (told.has(id) && told.get(id) !== text) throw new Error(`${id} was told in two ways`);
      told.set(id, text);
    }
  }
  return told;
}

export function connectionToRedis(redis: WorkerPlace['redis']): Promise<RedisConnection> {
  const isCluster = typeof redis !== 'string';
  return openRedis({ addresses: isCluster ? redis : [redis], isCluster, timeoutMs: REDIS_TIMEOUT_MS });
}

export function connectionTo(address: string) {
  return { connection: { brokers: [address], clientId: 'tests' }, log: () => undefined };
}
