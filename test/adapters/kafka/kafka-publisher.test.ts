import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompressionName } from '../../../src/adapters/kafka/compression.ts';
import {
  connectKafka,
  type KafkaConnection,
  type KafkaCredentials,
} from '../../../src/adapters/kafka/connect-kafka.ts';
import { KafkaPublisher } from '../../../src/adapters/kafka/kafka-publisher.ts';
import { SASL_USER } from '../../support/kafka/broker-settings.ts';
import { KAFKA_START_MS, startOwnKafka, type OwnKafka } from '../../support/kafka/start-kafka.ts';
import { until } from '../../support/eventually.ts';
import { connectionTo } from './a-kafka-source.ts';

const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** Larger than one block of any codec's framing, and easy to compress. */
const LARGE = 'a line of a log that says the same over and over again. '.repeat(3_000);

describe('writing to Kafka', () => {
  let kafka: OwnKafka;
  beforeAll(async () => {
    kafka = await startOwnKafka();
  }, KAFKA_START_MS);
  afterAll(() => kafka.stop());

  const newTopic = async (partitions = 1) => {
    const topic = `test-${randomUUID()}`;
    await kafka.createTopic(topic, partitions);
    return topic;
  };
  const publisher = (compression: CompressionName = 'none', connection = connectionTo(kafka.address)) =>
    new KafkaPublisher({ connection, compression, log: () => {} });

  /** Reads so many messages of a topic, whatever they are compressed with. */
  const read = async (topic: string, count: number): Promise<(KafkaMessage & { partition: number })[]> => {
    const messages: (KafkaMessage & { partition: number })[] = [];
    const consumer = connectKafka(connectionTo(kafka.address), () => {}).consumer({
      groupId: `reader-${randomUUID()}`,
      maxWaitTimeInMs: 50,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message, partition }) => {
        messages.push({ ...message, partition });
        return Promise.resolve();
      },
    });
    try {
      await until(`${count} messages of ${topic} are read`, () => messages.length >= count);
    } finally {
      await consumer.disconnect();
    }
    return messages;
  };
  const texts = (messages: readonly KafkaMessage[]) => messages.map(({ value }) => value?.toString());

  it('resolves once the broker has the messages, with their key, headers and partition', async () => {
    const topic = await newTopic(3);
    const out = publisher();
    await out.send(topic, [
      { key: 'ann', value: 'a', headers: { 'ce-type': 'tag' }, partition: 2 },
      { key: null, value: new TextEncoder().encode('b'), partition: 2 },
    ]);
    await out.send(topic, []);
    const offsets = await kafka.admin.fetchTopicOffsets(topic);
    expect(offsets.find(({ partition }) => partition === 2)?.high).toBe('2');
    await out.close();
    const [a, b] = await read(topic, 2);
    expect([a?.partition, a?.key?.toString(), a?.value?.toString()]).toEqual([2, 'ann', 'a']);
    expect(a?.headers?.['ce-type']?.toString()).toBe('tag');
    expect([b?.partition, b?.key, b?.value?.toString()]).toEqual([2, null, 'b']);
  });

  it('writes each message of sends that overlap once', async () => {
    const topic = await newTopic();
    const out = publisher();
    const values = [...Array(50).keys()].map(String);
    await Promise.all(values.map((value) => out.send(topic, [{ key: null, value, partition: 0 }])));
    await out.close();
    expect(texts(await read(topic, values.length)).sort()).toEqual([...values].sort());
  });

  it('refuses a topic that is not there, and makes none', async () => {
    const out = publisher();
    await expect(out.send('nobody-made-this', [{ key: null, value: 'a' }])).rejects.toMatchObject({
      code: 'KAFKA_TOPICS',
    });
    await out.close();
    expect(await kafka.admin.listTopics()).not.toContain('nobody-made-this');
  });

  describe.each(CODECS)('compressed by %s', (codec) => {
    it('writes what it reads', async () => {
      const topic = await newTopic();
      const out = publisher(codec);
      const values = ['short', LARGE, '', 'ünïcödé'];
      await out.send(
        topic,
        values.map((value) => ({ key: null, value, partition: 0 })),
      );
      await out.close();
      expect(texts(await read(topic, values.length))).toEqual(values);
    });

    it('reads what Java’s client writes, and writes what that reads', async () => {
      const topic = await newTopic();
      const values = ['short', LARGE, 'ünïcödé'];
      await kafka.tool(
        'org.apache.kafka.tools.ConsoleProducer',
        [
          ...['--bootstrap-server', kafka.address, '--topic', topic, '--compression-codec', codec],
          ...['--producer-property', 'batch.size=500000', '--producer-property', 'linger.ms=300'],
        ],
        values.map((value) => `${value}\n`).join(''),
      );
      expect(texts(await read(topic, values.length))).toEqual(values);

      const out = publisher(codec);
      await out.send(topic, [{ key: null, value: `${LARGE}and back`, partition: 0 }]);
      await out.close();
      const printed = await kafka.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
        ...['--bootstrap-server', kafka.address, '--topic', topic, '--partition', '0', '--offset', '3'],
        ...['--max-messages', '1', '--timeout-ms', '30000'],
      ]);
      expect(printed).toContain(`${LARGE}and back`);
    });
  });

  describe('with SASL', () => {
    const token = () => {
      const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
      const nowS = Math.floor(Date.now() / 1000);
      return Promise.resolve(
        `${part({ alg: 'none' })}.${part({ sub: SASL_USER.username, iat: nowS, exp: nowS + 600 })}.`,
      );
    };
    const credentials: readonly KafkaCredentials[] = [
      { mechanism: 'plain', ...SASL_USER },
      { mechanism: 'scram-sha-256', ...SASL_USER },
      { mechanism: 'scram-sha-512', ...SASL_USER },
      { mechanism: 'oauthbearer', token },
    ];
    const connection = (sasl: KafkaCredentials): KafkaConnection => ({
      ...connectionTo(kafka.saslAddress),
      sasl,
    });

    it.each(credentials)('logs in by $mechanism', async (sasl) => {
      const topic = await newTopic();
      const out = publisher('none', connection(sasl));
      await out.send(topic, [{ key: null, value: 'a', partition: 0 }]);
      await out.close();
      expect(texts(await read(topic, 1))).toEqual(['a']);
    });

    it.each(['plain', 'scram-sha-256'] as const)('says so when %s is refused', async (mechanism) => {
      const out = publisher(
        'none',
        connection({ mechanism, username: SASL_USER.username, password: 'wrong' }),
      );
      await expect(out.send('any', [{ key: null, value: 'a' }])).rejects.toMatchObject({
        code: 'KAFKA_REFUSED',
      });
      await out.close();
    });
  });

  it('tells its log, and rejects, when nobody is there', async () => {
    const said: string[] = [];
    const unreachable = { brokers: ['127.0.0.1:1'], clientId: 'tidemark-test' };
    const out = new KafkaPublisher({
      connection: unreachable,
      log: (level, message) => said.push(`${level} ${message}`),
      deliveryTimeoutMs: 1,
    });
    await expect(out.send('any', [{ key: null, value: 'a' }])).rejects.toMatchObject({
      code: 'KAFKA_UNAVAILABLE',
    });
    await out.close();
    expect(said.join('\n')).toContain('ECONNREFUSED');
  });
});
