import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from '../../../src/adapters/kafka/connect-kafka.ts';
import {
  KafkaAnnouncements,
  type AnnouncementTopics,
} from '../../../src/adapters/kafka/kafka-announcements.ts';
import { partitionOf } from '../../../src/core/partition.ts';
import type { Announcement } from '../../../src/ports/state-store.ts';
import { announcedBy } from '../../support/announced-by.ts';
import { KAFKA_START_MS, startKafka, type KafkaUnderTest } from '../../support/kafka/start-kafka.ts';
import { until } from '../../support/eventually.ts';
import { outboxOf } from '../../support/rows-told-of.ts';
import { connectionTo } from './a-kafka-source.ts';

const PARTITIONS = { tags: 3, triggers: 2, deadLetters: 1, facts: 4 };

interface Read {
  readonly partition: number;
  readonly key: string | undefined;
  readonly text: string;
  readonly type: string | undefined;
}

describe('announcements to Kafka', () => {
  let kafka: KafkaUnderTest;
  let announced: readonly Announcement[];
  beforeAll(async () => {
    kafka = await startKafka();
    announced = await announcedBy({ people: 40, days: 40, seed: 3 });
  }, KAFKA_START_MS);
  afterAll(() => kafka.stop());

  const newTopics = async (): Promise<AnnouncementTopics> => {
    const run = randomUUID();
    const names = { tags: '', triggers: '', deadLetters: '', facts: '' };
    for (const role of ['tags', 'triggers', 'deadLetters', 'facts'] as const) {
      names[role] = `${role}-${run}`;
      await kafka.createTopic(names[role], PARTITIONS[role]);
    }
    return names;
  };
  const open = (topics: AnnouncementTopics, encode = tellNumber()) =>
    KafkaAnnouncements.open({ connection: connectionTo(kafka.address), log: () => {}, topics, encode });
  /** Says of an announcement which one it is, and fills it up. */
  const tellNumber = (filling = '') => {
    const numbers = new Map<unknown, number>();
    return (announcement: Announcement) => {
      const number = numbers.get(announcement) ?? numbers.size;
      numbers.set(announcement, number);
      return { text: `${number}${filling}`, contentType: `of/${announcement.kind}` };
    };
  };
  const allIn = async (topic: string): Promise<Read[]> => {
    const ends = await kafka.admin.fetchTopicOffsets(topic);
    const count = ends.reduce((sum, { high }) => sum + Number(high), 0);
    const found: (KafkaMessage & { partition: number })[] = [];
    const consumer = connectKafka(connectionTo(kafka.address), () => {}).consumer({
      groupId: `reader-${randomUUID()}`,
      maxWaitTimeInMs: 50,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message, partition }) => {
        found.push({ ...message, partition });
        return Promise.resolve();
      },
    });
    try {
      await until(`${count} messages of ${topic} are read`, () => found.length >= count);
    } finally {
      await consumer.disconnect();
    }
    return found.map(({ partition, key, value, headers }) => ({
      partition,
      key: key?.toString(),
      text: value?.toString() ?? '',
      type: headers?.['content-type']?.toString(),
    }));
  };
  const facts = (partition: number): Announcement => ({
    kind: 'facts',
    forwarded: { partition } as Extract<Announcement, { kind: 'facts' }>['forwarded'],
  });

  it('lie in order where they belong: people’s by their id, facts where they say, muted triggers with tags', async () => {
    const topics = await newTopics();
    const out = await open(topics);
    const all = [...announced.slice(0, 400), facts(3), facts(0), facts(3)];
    const given = new Map(all.map((each, i) => [String(i), each]));
    await out.publish(outboxOf(all.slice(0, 200)));
    await out.publish(outboxOf(all.slice(200)));
    await out.publish([]);
    await out.close();
    const roleOf = (each: Announcement): keyof AnnouncementTopics =>
      each.kind === 'facts'
        ? 'facts'
        : each.kind === 'dead_letter'
          ? 'deadLetters'
          : each.kind === 'trigger' && !each.muted
            ? 'triggers'
            : 'tags';
    for (const role of ['tags', 'triggers', 'deadLetters', 'facts'] as const) {
      const found = await allIn(topics[role]);
      const expected = [...given].filter(([, each]) => roleOf(each) === role);
      expect(expected.length, role).toBeGreaterThan(1);
      expect(found.map(({ text }) => text).toSorted()).toEqual(expected.map(([text]) => text).toSorted());
      for (let partition = 0; partition < PARTITIONS[role]; partition++) {
        const order = found.flatMap((each) => (each.partition === partition ? [Number(each.text)] : []));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
      for (const { partition, key, text, type } of found) {
        const each = given.get(text);
        expect(type).toBe(`of/${each?.kind}`);
        if (each?.kind === 'facts') expect([partition, key]).toEqual([each.forwarded.partition, undefined]);
        else expect(partition).toBe(partitionOf(key ?? '', PARTITIONS[role]));
        if (each?.kind === 'dead_letter') expect(key).toBe(each.letter.source);
        if (each?.kind === 'transition') expect(key).toBe(each.transition.personId);
        if (each?.kind === 'trigger') expect(key).toBe(each.trigger.transition.personId);
      }
    }
  });

  it('may be more at once than a broker takes in a batch', async () => {
    const topics = await newTopics();
    const out = await open(topics, tellNumber(' '.repeat(300_000)));
    await out.publish(outboxOf(Array.from({ length: 10 }, () => facts(1))));
    await out.close();
    const found = await allIn(topics.facts);
    expect(found.map(({ text }) => Number(text))).toEqual([...Array(10).keys()]);
  });

  it('are refused when a topic is missing, or has no such partition', async () => {
    const topics = await newTopics();
    await expect(open({ ...topics, triggers: 'nobody-made-this' })).rejects.toMatchObject({
      code: 'KAFKA_TOPICS',
    });
    const out = await open(topics);
    await expect(out.publish(outboxOf([facts(4)]))).rejects.toMatchObject({ code: 'KAFKA_TOPICS' });
    await out.close();
  });
});
