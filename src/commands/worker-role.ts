import { announcementEncoder } from '../adapters/cloudevents/encode-announcement.ts';
import { decodeFacts } from '../adapters/cloudevents/forwarded-facts-codec.ts';
import { KafkaAnnouncements } from '../adapters/kafka/kafka-announcements.ts';
import { openKafkaSource } from '../adapters/kafka/kafka-source.ts';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import { openRedis } from '../adapters/redis/redis-connection.ts';
import { RedisStateStore } from '../adapters/redis/redis-state-store.ts';
import { decodeSegment } from '../adapters/segment/decode-segment.ts';
import { SystemClock } from '../adapters/system/system-clock.ts';
import { listOf } from '../config.ts';
import { rulebookOf } from '../core/tagging/rulebook.ts';
import { isoOf } from '../core/time.ts';
import type { AnnouncementPublisher } from '../ports/announcement-publisher.ts';
import type { Said } from '../ports/forwarded-facts.ts';
import type { HeldPartition } from '../runtime/health/held-partition.ts';
import { KnownProgress } from '../runtime/worker/known-progress.ts';
import { SweepTurns } from '../runtime/worker/sweep-turns.ts';
import { workOnPartition, type WorkerPace } from '../runtime/worker/partition-worker.ts';
import type { WorkerEvent } from '../runtime/worker/worker-event.ts';
import { closeAll } from './close-all.ts';
import type { OpenRole } from './open-role.ts';
import { kafkaConnectionOf, kafkaLogOf, redisSettingsOf } from './run-connections.ts';
import type { RunWatch } from './run-watch.ts';
import { FollowedModels } from './serve-models.ts';
import type { World } from './world.ts';

/** What nobody has had a reason to change. */
const FIXED_PACE = {
  sweepPeople: 64,
  publishEntries: 2000,
  tickMs: 250,
  askAgainMs: 10,
  retryAfterMs: 1000,
} as const;

/**
 * A worker: takes its share of the partitions, keeps their people in Redis and tells Kafka what it decides. Resolves
 * once it has joined the group. Closing finishes what is in hand and hands the partitions over at once.
 */
export async function openWorker(world: World, watch: RunWatch): Promise<OpenRole> {
  const { config, log } = world;
  const policy = await loadPolicy(config.policyFile ?? defaultPolicyPath());
  const rulebook = rulebookOf(policy);
  const closing: (() => Promise<void> | void)[] = [];
  const close = (): Promise<void> => closeAll(closing);
  try {
    const kafka = { connection: kafkaConnectionOf(config), log: kafkaLogOf(world) };
    const models = new FollowedModels(config.modelsFolder, policy, {
      db: undefined,
      warn: (what) => log.warn(what),
    });
    closing.push(() => models.close());
    // Before there are partitions that wait for it; one that is damaged ends it here.
    await models.latest();
    const redis = await openRedis(redisSettingsOf(world));
    closing.push(() => redis.close());
    const announcements = await KafkaAnnouncements.open({
      ...kafka,
      compression: 'lz4',
      encode: announcementEncoder(policy),
      topics: {
        tags: config.tagsTopic,
        triggers: config.triggersTopic,
        deadLetters: config.deadLettersTopic,
        facts: config.factsTopic,
      },
    });
    closing.push(() => announcements.close());
    // Left before the others are closed: the turn in hand still needs them.
    const source = await openKafkaSource<Said>({
      ...kafka,
      groupId: config.kafkaGroup,
      topics: Object.fromEntries(listOf(config.eventTopics).map((topic) => [topic, decodeSegment])),
      factTopics: { [config.factsTopic]: decodeFacts },
    });
    closing.push(() => source.leave());
    const store = await RedisStateStore.open({
      connection: redis,
      prefix: config.redisPrefix,
      partitions: source.partitions,
      counted: rulebook.counted,
    });
    const clock = new SystemClock();
    const pace = paceOf(world);
    // In the strict order everybody waits for what the others say next.
    const reuseMs = pace.maxSkewMs === 0 ? 0 : pace.askAgainMs;
    const known = new KnownProgress(store, () => clock.now(), reuseMs);
    const sweeps = new SweepTurns(clock);
    const publisher = counted(announcements, watch);
    await source.join((assignment) =>
      watch.during('worker', assignment, (watched, held) =>
        workOnPartition(watched, {
          ...{ rulebook, models, known, sweeps, clock, pace, muteTriggers: config.muteTriggers },
          store: held.watchStore(store, (tookMs) => watch.metrics.stored(tookMs)),
          publisher: held.watchPublisher(publisher),
          onEvent: (event) => hear(event, held, watch),
        }),
      ),
    );
    watch.health.joined('worker');
    log.info({ partitions: source.partitions, policy: policy.version }, 'worker joined the group');
    return { ended: source.ended, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

function paceOf({ config }: World): WorkerPace {
  const { turnRecords, cachePeople, lingerMs, settleMs, maxSkewMs } = config;
  return { ...FIXED_PACE, turnRecords, cachePeople, lingerMs, settleMs, maxSkewMs };
}

function counted(publisher: AnnouncementPublisher, { metrics }: RunWatch): AnnouncementPublisher {
  return {
    publish: async (entries) => {
      const beganAt = performance.now();
      await publisher.publish(entries);
      metrics.published(entries, performance.now() - beganAt);
    },
  };
}

function hear(event: WorkerEvent, held: HeldPartition, watch: RunWatch): void {
  const { kind, partition } = event;
  const { metrics, log } = watch;
  switch (kind) {
    case 'claimed':
      held.seen();
      // After an outage as well, every time it is tried.
      log.debug({ partition, clock: isoOf(event.clock) }, 'claimed a partition');
      break;
    case 'fenced':
      held.seen();
      metrics.fenced();
      log.warn({ partition }, 'another worker took the partition over');
      break;
    case 'outage':
      watch.waits(held, 'turn', event.error);
      break;
    case 'committed':
      held.seen();
      metrics.workedOff(event.records, event.events);
      break;
    case 'went_on':
      held.until = event.until;
      held.clock = event.clock;
      watch.goesOn(held, 'turn');
  }
}
