import type { Admin } from 'kafkajs';

/** How a topic is laid out, by the partition that is worst off. */
export interface TopicShape {
  readonly partitions: number;
  /** Copies that the partition with the fewest is meant to have. */
  readonly replicas: number;
  /** Copies of it that are up to date. */
  readonly inSync: number;
}

/**
 * The topics of these names that exist, or that we may see. Never makes a broker create one. Rejects with the client's
 * LEADER_NOT_AVAILABLE while a partition has no leader.
 */
export async function readTopicShapes(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicShape>> {
  // Asking for one that is not there would create it where brokers are set to.
  const known = new Set(await admin.listTopics());
  const topics = names.filter((name) => known.has(name));
  if (topics.length === 0) return new Map();
  const found = await admin.fetchTopicMetadata({ topics });
  return new Map(
    found.topics.map(({ name, partitions }) => [
      name,
      {
        partitions: partitions.length,
        replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        inSync: Math.min(...partitions.map(({ isr }) => isr.length)),
      },
    ]),
  );
}
