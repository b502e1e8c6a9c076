import { randomUUID } from 'node:crypto';
import { connectKafka } from '../../../src/adapters/kafka/connect-kafka.ts';
import { TAGS, TRIGGERS, type Installation } from './installation.ts';

/** A decision as it reached a subscriber. */
export interface Heard {
  readonly topic: string;
  /** By the subscriber's clock. */
  readonly at: number;
  readonly data: {
    readonly transitionId: string;
    readonly cause: string;
    readonly causeRef?: string;
    readonly effectiveAt: string;
    readonly dimension: string;
  };
}

/** Subscribes to what is decided from now on, as a marketing system does; resolves once it is heard. */
export async function listen(
  { kafka }: Installation,
  hear: (heard: Heard) => void,
): Promise<() => Promise<void>> {
  const consumer = connectKafka({ brokers: [kafka.address], clientId: 'listener' }, () => undefined).consumer(
    { groupId: randomUUID(), maxWaitTimeInMs: 50 },
  );
  await consumer.connect();
  await consumer.subscribe({ topics: [TAGS, TRIGGERS], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    eachBatch: ({ batch: { topic, messages } }) => {
      const at = Date.now();
      for (const { value } of messages) {
        const { data } = JSON.parse(String(value)) as Pick<Heard, 'data'>;
        hear({ topic, at, data });
      }
      return Promise.resolve();
    },
  });
  await joined;
  return () => consumer.disconnect();
}
