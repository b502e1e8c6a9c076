import { randomUUID } from 'node:crypto';
import kafkajs, { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { openKafkaSource, type KafkaSourceSettings } from '../../../src/adapters/kafka/kafka-source.ts';
import type { KafkaConnection } from '../../../src/adapters/kafka/connect-kafka.ts';
import type { PartitionedSource } from '../../../src/ports/partitioned-source.ts';
import { decodeText } from '../../contracts/text-decoder.ts';
import type { KafkaUnderTest } from '../../support/kafka/start-kafka.ts';

export const SESSION_TIMEOUT_MS = 6_000;

export function connectionTo(address: string): KafkaConnection {
  return { brokers: [address], clientId: 'tidemark-test' };
}

/** Topics of one broker, written by a plain client and read by the adapter. */
export class KafkaWorld {
  readonly kafka: KafkaUnderTest;
  readonly client: Kafka;
  /** What the adapter logged, newest last. */
  readonly logged: string[] = [];
  private readonly producer: Producer;

  private constructor(kafka: KafkaUnderTest, client: Kafka, producer: Producer) {
    this.kafka = kafka;
    this.client = client;
    this.producer = producer;
  }

  static async at(kafka: KafkaUnderTest): Promise<KafkaWorld> {
    const client = new Kafka({
      clientId: 'tidemark-test',
      brokers: [kafka.address],
      logLevel: logLevel.NOTHING,
    });
    const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    return new KafkaWorld(kafka, client, producer);
  }

  async createTopic(partitions: number, settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = `test-${randomUUID()}`;
    await this.kafka.createTopic(topic, partitions, settings);
    return topic;
  }

  async write(topic: string, partition: number, texts: readonly string[]): Promise<void> {
    await this.send(
      topic,
      texts.map((value) => ({ value, partition })),
    );
  }

  async send(topic: string, messages: Message[]): Promise<void> {
    await this.producer.send({ topic, messages });
  }

  open(
    groupId: string,
    topics: readonly string[],
    settings: Partial<KafkaSourceSettings> = {},
  ): Promise<PartitionedSource> {
    return openKafkaSource({
      groupId,
      topics: Object.fromEntries(topics.map((topic) => [topic, decodeText])),
      connection: connectionTo(this.kafka.address),
      log: (level, message) => this.logged.push(`${level}: ${message}`),
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatIntervalMs: 200,
      ...settings,
    });
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
    await this.kafka.stop();
  }
}
