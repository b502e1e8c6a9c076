import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka, Message, Producer } from 'kafkajs';
import { COMPRESSION_TYPES, type CompressionName } from './compression.ts';
import { connectKafka, type KafkaConnection, type KafkaLog } from './connect-kafka.ts';
import { describeKafkaFailure, isOutage } from './kafka-failures.ts';
import { MergedSends } from './merged-sends.ts';
import { OwedAnswers } from './owed-answers.ts';

export interface KafkaPublisherSettings {
  readonly connection: KafkaConnection;
  readonly log: KafkaLog;
  readonly compression?: CompressionName;
  /** How long an outage is waited out before `send` rejects. */
  readonly deliveryTimeoutMs?: number;
}

export interface OutgoingMessage {
  readonly key: string | null;
  readonly value: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: where Kafka's default partitioner puts the key. */
  readonly partition?: number;
}

const DELIVERY_TIMEOUT_MS = 60_000;
const TRY_AGAIN_AFTER_MS = 300;
/** Brokers take 1 MB a batch unless told otherwise, and all of it may be for one partition. */
const MERGED_BYTES_MAX = 800_000;
const MESSAGE_OVERHEAD_BYTES = 200;

interface TopicSend {
  readonly topic: string;
  readonly messages: readonly OutgoingMessage[];
  /** By the process's own clock: an outage is not waited out for longer. */
  readonly deadline: number;
}

/**
 * Writes to topics. `send` resolves once all in-sync replicas have every message, in the order given per partition;
 * attempts that the client repeats by itself are recognised by the broker, and count once. Where an outage outlasts
 * them it begins anew under another producer id, so that over outages a message may come twice, never not at all.
 * Rejects with `KAFKA_REFUSED`, or with `KAFKA_UNAVAILABLE` once the time is over: then some may have been written.
 * Sends may overlap: what comes while another is under way goes together after it. Nothing is kept in memory but what
 * they were given. Connects at the first.
 */
export class KafkaPublisher {
  private readonly settings: KafkaPublisherSettings;
  private readonly kafka: Kafka;
  private readonly merged: MergedSends<TopicSend>;
  private readonly owed = new OwedAnswers();
  private producer: Promise<Producer> | undefined;

  constructor(settings: KafkaPublisherSettings) {
    this.settings = settings;
    // The longer one producer tries, the fewer messages come twice.
    const { connection, log, deliveryTimeoutMs = DELIVERY_TIMEOUT_MS } = settings;
    this.kafka = connectKafka(connection, log, deliveryTimeoutMs);
    this.merged = new MergedSends({
      sendAll: (sends) => this.sendAll(sends),
      bytesOf: ({ messages }) => messages.reduce((sum, message) => sum + bytesOf(message), 0),
      mostBytes: MERGED_BYTES_MAX,
      isOfAll: isOutage,
    });
  }

  async send(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { deliveryTimeoutMs = DELIVERY_TIMEOUT_MS } = this.settings;
    await this.merged.send({ topic, messages, deadline: performance.now() + deliveryTimeoutMs });
  }

  /** To be called once nothing is being sent. */
  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await (await producer)?.disconnect();
  }

  private async sendAll(sends: readonly TopicSend[]): Promise<void> {
    const { compression = 'none', connection } = this.settings;
    const deadline = Math.min(...sends.map((send) => send.deadline));
    const batch = {
      acks: -1,
      compression: COMPRESSION_TYPES[compression],
      topicMessages: sends.map(({ topic, messages }) => ({ topic, messages: messages.map(messageOf) })),
    };
    const what = [...new Set(sends.map(({ topic }) => topic))].join(', ');
    for (; ; await delay(TRY_AGAIN_AFTER_MS)) {
      const producer = (this.producer ??= this.connect());
      try {
        this.owed.begin();
        this.owed.settle(await (await producer).sendBatch(batch));
        return;
      } catch (error) {
        this.discard(producer);
        const failure = describeKafkaFailure(error, `writing to ${what}`, connection.brokers);
        if (!isOutage(failure) || performance.now() > deadline) throw failure;
      }
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      // What a broker answers is not asked for long, unlike brokers that do not answer.
      retry: { initialRetryTime: 100, retries: 4 },
      allowAutoTopicCreation: false,
      createPartitioner: this.owed.partitioner,
    });
    await producer.connect();
    return producer;
  }

  /** After a failure the numbering of a producer may have a hole, which the broker never forgives. */
  private discard(producer: Promise<Producer>): void {
    if (this.producer === producer) this.producer = undefined;
    producer.then((failed) => failed.disconnect()).catch(() => undefined);
  }
}

function messageOf({ value, headers, ...rest }: OutgoingMessage): Message {
  const bytes =
    typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { ...rest, value: bytes, ...(headers === undefined ? {} : { headers: { ...headers } }) };
}

function bytesOf({ value }: OutgoingMessage): number {
  return Buffer.byteLength(value) + MESSAGE_OVERHEAD_BYTES;
}
