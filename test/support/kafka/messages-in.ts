import { randomUUID } from 'node:crypto';
import { connectKafka } from '../../../src/adapters/kafka/connect-kafka.ts';
import type { KafkaUnderTest } from './start-kafka.ts';

/** The texts of everything in a topic now, in the order of each partition. */
export async function messagesIn(kafka: KafkaUnderTest, topic: string): Promise<readonly string[]> {
  const ends = await kafka.admin.fetchTopicOffsets(topic);
  const missing = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  );
  const texts: string[] = [];
  if (missing.size === 0) return texts;
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
          texts.push(String(message.value));
          if (Number(message.offset) === end - 1) missing.delete(partition);
          if (missing.size === 0) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return texts;
}
