import { setTimeout as pause } from 'node:timers/promises';
import { logLevel, Kafka, type Producer } from 'kafkajs';
import type { Instant } from '../../../src/core/time.ts';

/** A message as a producer of somebody else's may write it, whatever its bytes and its stamp are. */
export interface StampedMessage {
  readonly partition: number;
  readonly value: Buffer | null;
  readonly stampedAt: Instant;
}

const AT_ONCE = 200;
const AGAIN_AFTER_MS = 200;

/** Writes messages in order; where brokers are away it tries until they are back, and may then have written some twice. */
export class StampedProducer {
  private readonly kafka: Kafka;
  private producer: Producer | undefined;

  constructor(address: string) {
    this.kafka = new Kafka({ clientId: 'producer', brokers: [address], logLevel: logLevel.NOTHING });
  }

  /** Resolves once all are written; gives up once the signal is aborted. */
  async send(topic: string, messages: readonly StampedMessage[], signal?: AbortSignal): Promise<void> {
    for (let from = 0; from < messages.length; from += AT_ONCE) {
      const some = messages.slice(from, from + AT_ONCE).map(({ partition, value, stampedAt }) => ({
        ...{ partition, value },
        timestamp: String(stampedAt),
      }));
      while (signal?.aborted !== true) {
        try {
          this.producer ??= await this.connect();
          await this.producer.send({ topic, acks: -1, messages: some });
          break;
        } catch {
          const failed = this.producer;
          this.producer = undefined;
          failed?.disconnect().catch(() => undefined);
          await pause(AGAIN_AFTER_MS);
        }
      }
    }
  }

  async close(): Promise<void> {
    await this.producer?.disconnect();
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({ idempotent: true, allowAutoTopicCreation: false });
    await producer.connect();
    return producer;
  }
}
