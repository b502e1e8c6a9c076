import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { TidemarkError } from '../../errors.ts';
import { readTopicShapes, type TopicShape } from './topic-shapes.ts';
import { withAdmin, type AdminSettings } from './with-admin.ts';

export interface WantedTopics {
  /** What others write and we read. */
  readonly events: readonly string[];
  /** What we write ourselves; as many partitions as those of events. */
  readonly own: readonly string[];
  /** With it topics of events that are missing are created, too. */
  readonly partitions?: number | undefined;
}

export interface TopicsReport {
  readonly created: readonly {
    readonly topic: string;
    readonly partitions: number;
    readonly replicas: number;
  }[];
  readonly already: readonly string[];
  /** What existing topics have that is not as they would be created, one sentence each. */
  readonly differs: readonly string[];
}

const MOST_REPLICAS = 3;
const READY_WITHIN_MS = 10_000;
const ASK_EVERY_MS = 50;

/**
 * Creates the topics that are missing, with three copies, or as many as there are brokers. What exists is left as it
 * is; running it again, or twice at once, does no harm. Resolves once every new partition has a leader.
 *
 * Rejects before anything is created with `KAFKA_TOPICS` when a topic of events is missing and `partitions` is not
 * given, and when those that exist disagree with one another or with `partitions`; otherwise with `KAFKA_REFUSED` and
 * `KAFKA_UNAVAILABLE`.
 */
export function createTopics(settings: AdminSettings, wanted: WantedTopics): Promise<TopicsReport> {
  return withAdmin(settings, 'the creation of topics', async (admin) => {
    const names = [...wanted.events, ...wanted.own];
    const { brokers } = await admin.describeCluster();
    const found = await readTopicShapes(admin, names);
    const partitions = partitionsFor(wanted, found);
    const replicas = Math.min(MOST_REPLICAS, brokers.length);
    const missing = names.filter((name) => !found.has(name));
    if (missing.length > 0) {
      await admin.createTopics({
        // It would give up on brokers that have not heard of the topics yet.
        waitForLeaders: false,
        topics: missing.map((topic) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries: [
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'min.insync.replicas', value: String(replicas >= MOST_REPLICAS ? 2 : 1) },
          ],
        })),
      });
      await untilServed(admin, missing);
    }
    return {
      created: missing.map((topic) => ({ topic, partitions, replicas })),
      already: names.filter((name) => found.has(name)),
      differs: [...found].flatMap(([topic, shape]) => differences(topic, shape, { partitions, replicas })),
    };
  });
}

function partitionsFor({ events, partitions }: WantedTopics, found: ReadonlyMap<string, TopicShape>): number {
  const counts = events.map((topic) => ({ topic, count: found.get(topic)?.partitions }));
  const missing = counts.filter(({ count }) => count === undefined).map(({ topic }) => topic);
  if (missing.length > 0 && partitions === undefined) {
    throw new TidemarkError(
      'KAFKA_TOPICS',
      `there is no topic ${missing.join(', ')} to read events from`,
      'Give --partitions N to create it here, create it where it is filled, or correct the setting eventTopics.',
    );
  }
  const expected = partitions ?? counts[0]?.count;
  if (expected === undefined) throw new Error('no topics of events');
  const odd = counts.filter(({ count }) => count !== undefined && count !== expected);
  if (odd.length === 0) return expected;
  const said = counts.flatMap(({ topic, count }) => (count === undefined ? [] : [`${topic} has ${count}`]));
  throw new TidemarkError(
    'KAFKA_TOPICS',
    `the topics of events do not all have ${expected} partitions: ${said.join(', ')}`,
    partitions === undefined
      ? 'Give them the same number: copy the ones that differ into topics with as many partitions, keyed by person.'
      : 'Give --partitions the number that they have; an existing topic is not changed.',
  );
}

function differences(
  topic: string,
  shape: TopicShape,
  { partitions, replicas }: { readonly partitions: number; readonly replicas: number },
): string[] {
  const said: string[] = [];
  if (shape.partitions !== partitions) {
    said.push(`${topic} has ${shape.partitions} partitions, the topics of events have ${partitions}`);
  }
  if (shape.replicas < replicas) {
    said.push(`${topic} has a replication factor of ${shape.replicas}; the brokers allow ${replicas}`);
  }
  return said;
}

async function untilServed(admin: Admin, topics: readonly string[]): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    // It fails while one of them has no leader.
    const shapes = await readTopicShapes(admin, topics).catch(() => new Map<string, TopicShape>());
    if (topics.every((topic) => shapes.has(topic))) return;
    if (performance.now() > deadline) {
      throw new TidemarkError(
        'KAFKA_UNAVAILABLE',
        `${topics.join(', ')} were created, and some of their partitions have no leader yet`,
        'Look at the logs of the brokers; run the command again once they are well.',
      );
    }
    await pause(ASK_EVERY_MS);
  }
}
