import { expect, it } from 'vitest';
import { openKafkaSource } from '../../../src/adapters/kafka/kafka-source.ts';
import { decodeText } from '../../contracts/text-decoder.ts';

it('a source of several topics that nobody serves is an outage, whichever topic was asked for first', async () => {
  const opening = openKafkaSource({
    connection: { brokers: ['127.0.0.1:1'], clientId: 'tests' },
    groupId: 'nobody',
    topics: { events: decodeText },
    factTopics: { facts: decodeText },
    log: () => undefined,
  });
  await expect(opening).rejects.toMatchObject({
    code: 'KAFKA_UNAVAILABLE',
    message: expect.stringContaining('127.0.0.1:1') as string,
  });
});
