import kafkajs, { type Admin, type ConfigEntries, type ConfigResourceTypes } from 'kafkajs';
import type { TidemarkError } from '../../errors.ts';
import { connectKafka } from './connect-kafka.ts';
import { describeKafkaFailure } from './kafka-failures.ts';
import { readTopicShapes, type TopicShape } from './topic-shapes.ts';
import { withAdmin, type AdminSettings } from './with-admin.ts';

export interface InspectedTopic extends TopicShape {
  /** By Kafka's names, as `min.insync.replicas`; empty where we may not read them. */
  readonly settings: ReadonlyMap<string, string>;
}

export interface KafkaInspection {
  readonly brokers: number;
  /** As far as brokers tell it; undefined where we may not ask. */
  readonly version: string | undefined;
  /** Those of the names that exist, or that we may see. */
  readonly topics: ReadonlyMap<string, InspectedTopic>;
  /** Why we may not produce; undefined when we may. */
  readonly writeRefused: TidemarkError | undefined;
}

/** Gone with 4.0, which does not tell its version to clients at all. */
const VERSION_SETTING = 'inter.broker.protocol.version';

/**
 * What a cluster tells of itself and of the topics. Changes nothing there: the right to produce is tried by asking for
 * the number of an idempotent producer, as workers do. Rejects with `KAFKA_UNAVAILABLE` and `KAFKA_REFUSED`.
 */
export function inspectKafka(settings: AdminSettings, names: readonly string[]): Promise<KafkaInspection> {
  return withAdmin(settings, 'what it is', async (admin) => {
    const { brokers, controller } = await admin.describeCluster();
    const shapes = await readTopicShapes(admin, names);
    const topics = new Map<string, InspectedTopic>();
    for (const [name, shape] of shapes) {
      const entries = await configOf(admin, kafkajs.ConfigResourceTypes.TOPIC, name);
      const settings = new Map(entries?.map(({ configName, configValue }) => [configName, configValue]));
      topics.set(name, { ...shape, settings });
    }
    const one = controller ?? brokers[0]?.nodeId;
    const said = one === undefined ? undefined : await versionOf(admin, String(one));
    return { brokers: brokers.length, version: said, topics, writeRefused: await tryProducing(settings) };
  });
}

async function versionOf(admin: Admin, broker: string): Promise<string | undefined> {
  const entries = await configOf(admin, kafkajs.ConfigResourceTypes.BROKER, broker);
  if (entries === undefined) return undefined;
  return entries.find(({ configName }) => configName === VERSION_SETTING)?.configValue ?? '4.0 or later';
}

/** Undefined where we may not read it: settings are no need of ours, only of this inspection. */
async function configOf(
  admin: Admin,
  type: ConfigResourceTypes,
  name: string,
): Promise<ConfigEntries[] | undefined> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name }],
    });
    return resources[0]?.configEntries;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'type' in error && String(error.type).endsWith('AUTHORIZATION_FAILED');
}

async function tryProducing({ connection, log, signal }: AdminSettings): Promise<TidemarkError | undefined> {
  const producer = connectKafka(connection, log).producer({ idempotent: true, retry: { retries: 2 } });
  const leave = (): void => void producer.disconnect().catch(() => undefined);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    await producer.connect();
    return undefined;
  } catch (error) {
    return describeKafkaFailure(error, 'a producer', connection.brokers);
  } finally {
    signal?.removeEventListener('abort', leave);
    await producer.disconnect().catch(() => undefined);
  }
}
