import type { Admin, Kafka } from 'kafkajs';
import { TidemarkError } from '../../errors.ts';
import { describeKafkaFailure, isUnknownTopic } from './kafka-failures.ts';

/** The offsets that a partition holds: from `low` on, up to but not including `high`. */
export interface OffsetRange {
  readonly low: number;
  readonly high: number;
}

/** Questions about topics. Connects at the first; every answer is asked for anew. Rejects with `TidemarkError`. */
export class TopicLookup {
  private readonly kafka: Kafka;
  private readonly brokers: readonly string[];
  private admin: Promise<Admin> | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(kafka: Kafka, brokers: readonly string[]) {
    this.kafka = kafka;
    this.brokers = brokers;
  }

  /** The number of partitions that all of the topics have. `KAFKA_TOPICS` when some are missing or have another. */
  async partitionsOf(topics: readonly string[]): Promise<number> {
    const counts = await Promise.all(
      topics.map(async (topic) => ({ topic, partitions: await this.partitionCount(topic) })),
    );
    const missing = counts.filter(({ partitions }) => partitions === 0).map(({ topic }) => topic);
    if (missing.length > 0) {
      throw new TidemarkError(
        'KAFKA_TOPICS',
        `there is no topic ${missing.join(', ')} at ${this.brokers.join(', ')}`,
        'Create it with as many partitions as the other source topics have, or correct the names of the topics.',
      );
    }
    const [first, ...others] = counts;
    if (first === undefined) throw new Error('no topics to read');
    if (others.some(({ partitions }) => partitions !== first.partitions)) {
      throw new TidemarkError(
        'KAFKA_TOPICS',
        `the source topics differ in their number of partitions: ${counts.map(({ topic, partitions }) => `${topic} has ${partitions}`).join(', ')}`,
        'Give them the same number: copy the ones that differ into topics with as many partitions, keyed by person.',
      );
    }
    return first.partitions;
  }

  async range(topic: string, partition: number): Promise<OffsetRange> {
    const offsets = await this.ask(
      `the offsets of ${topic}`,
      (admin) => admin.fetchTopicOffsets(topic),
      topic,
    );
    const found = offsets.find((each) => each.partition === partition);
    if (found === undefined) throw missingPartition(topic, partition);
    return { low: Number(found.low), high: Number(found.high) };
  }

  async close(): Promise<void> {
    // What is still being asked may open another connection.
    await this.turn;
    const admin = this.admin;
    this.admin = undefined;
    const open = await admin?.catch(() => undefined);
    await open?.disconnect();
  }

  /** 0 when there is no such topic. */
  private async partitionCount(topic: string): Promise<number> {
    try {
      const { topics } = await this.ask(`topic ${topic}`, (admin) =>
        admin.fetchTopicMetadata({ topics: [topic] }),
      );
      return topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    } catch (error) {
      if (error instanceof TidemarkError && error.code === 'KAFKA_TOPICS') return 0;
      throw error;
    }
  }

  /** One question at a time: each replaces what the client knows of topics, on which the others rely. */
  private ask<T>(what: string, question: (admin: Admin) => Promise<T>, topic?: string): Promise<T> {
    const answer = this.turn.then(() => this.askNow(what, question, topic));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async askNow<T>(what: string, question: (admin: Admin) => Promise<T>, topic?: string): Promise<T> {
    const admin = (this.admin ??= this.connect());
    try {
      return await question(await admin);
    } catch (error) {
      // A client that failed may have kept what it knew of brokers that are gone.
      if (this.admin === admin) this.admin = undefined;
      void admin.then((failed) => failed.disconnect()).catch(() => undefined);
      if (topic !== undefined && isUnknownTopic(error)) throw missingPartition(topic);
      throw describeKafkaFailure(error, what, this.brokers);
    }
  }

  private async connect(): Promise<Admin> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }
}

function missingPartition(topic: string, partition?: number): TidemarkError {
  return new TidemarkError(
    'KAFKA_TOPICS',
    partition === undefined ? `topic ${topic} is gone` : `topic ${topic} has no partition ${partition}`,
    'Create it again with as many partitions as the other source topics have; what it held is read from the source once more.',
  );
}
