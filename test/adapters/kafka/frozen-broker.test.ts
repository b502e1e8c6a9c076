import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaSource } from '../../../src/adapters/kafka/kafka-source.ts';
import { decodeText } from '../../contracts/text-decoder.ts';
import { WatchedOwners } from '../../contracts/watched-owners.ts';
import { until } from '../../support/eventually.ts';
import { isJavaThere } from '../../support/kafka/local-broker.ts';
import { KAFKA_START_MS } from '../../support/kafka/start-kafka.ts';
import { startTwoBrokers, type TwoBrokers } from '../../support/kafka/two-brokers.ts';

const TEST_MS = 120_000;
/** Less than a client takes by itself to ask again who leads: a minute. */
const GOES_ON_WITHIN_MS = 50_000;

describe.skipIf(!(await isJavaThere()))('when one of two brokers freezes', () => {
  let kafka: TwoBrokers;
  beforeAll(async () => {
    kafka = await startTwoBrokers();
  }, KAFKA_START_MS);
  afterAll(() => kafka.stop());

  it(
    'goes on from the other, though the coordinator is heard all the time',
    async () => {
      const topic = 'frozen';
      await kafka.createTopicOfSecond(topic);
      const write = async (value: string) => {
        const producer = kafka.client.producer();
        await producer.connect();
        await producer.send({ topic, messages: [{ value, partition: 0 }] });
        await producer.disconnect();
      };
      await write('a');
      const logged: string[] = [];
      const source = await openKafkaSource({
        connection: { brokers: kafka.addresses, clientId: 'tidemark-test' },
        groupId: 'reading-on',
        topics: { [topic]: decodeText },
        log: (level, message) => logged.push(`${level}: ${message}`),
        sessionTimeoutMs: 2_000,
        heartbeatIntervalMs: 200,
      });
      const owners = new WatchedOwners();
      await source.join(owners.reader('a'));
      await owners.readUpTo(`${topic}:0`, 1);

      await kafka.second.pause();
      await until(
        'the client is replaced',
        () => logged.includes('warn: the consumer stands still, and is replaced'),
        GOES_ON_WITHIN_MS,
      );
      await write('b');
      await until('what came since is read', () => owners.offsets(`${topic}:0`).includes(1));
      const isRevoked = owners.assignments.map(({ assignment }) => assignment.revoked.aborted);
      expect(isRevoked.length).toBeGreaterThan(1);
      expect(isRevoked.indexOf(false)).toBe(isRevoked.length - 1);
      expect(owners.offsets(`${topic}:0`).slice(-2)).toEqual([0, 1]);
      await source.leave();
    },
    TEST_MS,
  );
});
