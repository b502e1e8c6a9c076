import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { connectKafka } from '../../../src/adapters/kafka/connect-kafka.ts';
import type { KafkaUnderTest } from './start-kafka.ts';

export interface PlacedMessage {
  readonly partition: number;
  readonly message: KafkaMessage;
}

/** The texts of everything in a topic now, in the order of each partition. */
export async function messagesIn(kafka: KafkaUnderTest, topic: string): Promise<readonly string[]> {
  return (await placedMessagesIn(kafka, topic)).map(({ message }) => String(message.value));
}

/** Everything in a topic now, as the brokers have it, in the order of each partition. */
export async function placedMessagesIn(
  kafka: KafkaUnderTest,
  topic: string,
): Promise<readonly PlacedMessage[]> {
  const ends = await kafka.admin.fetchTopicOffsets(topic);
  const missing = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  );
  const messages: PlacedMessage[] = [];
  if (missing.size === 0) return messages;
  const client = connectKafka({ brokers: [kafka.address], clientId: 'reader' }, () => undefined);
  const consumer = client.consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ partition, message }) => {
          const end = missing.get(partition);
          if (end === undefined || Number(message.offset) >= end) return Promise.resolve();
          messages.push({ partition, message });
          if (Number(message.offset) === end - 1) missing.delete(partition);
          if (missing.size === 0) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return messages;
}
