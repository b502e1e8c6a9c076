import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from '../../src/adapters/kafka/connect-kafka.ts';
import { simulateMarketplace } from '../../src/adapters/simulator/simulate-marketplace.ts';
import { partitionOf } from '../../src/core/partition.ts';
import { instant } from '../../src/core/time.ts';
import { eventually } from '../support/eventually.ts';
import { KAFKA_START_MS, startKafka, type KafkaUnderTest } from '../support/kafka/start-kafka.ts';
import { runCommand, runForJson } from '../support/run-command.ts';
import type { TestWorldOptions } from '../support/test-world.ts';

const PARTITIONS = 3;
const SMALL = ['simulate', '--people', '40', '--days', '10', '--seed', '7'];

interface Message {
  readonly partition: number;
  readonly key: string;
  readonly text: string;
}

describe('simulate --to-kafka', () => {
  let kafka: KafkaUnderTest;
  beforeAll(async () => {
    kafka = await startKafka();
  }, KAFKA_START_MS);
  afterAll(() => kafka.stop());

  async function newTopic(): Promise<string> {
    const topic = `simulated-${randomUUID()}`;
    await kafka.createTopic(topic, PARTITIONS);
    return topic;
  }
  const world = (options: TestWorldOptions = {}): TestWorldOptions => ({
    ...options,
    config: { kafkaBrokers: kafka.address },
  });
  async function countIn(topic: string): Promise<number> {
    const ends = await kafka.admin.fetchTopicOffsets(topic);
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  }
  async function read(topic: string): Promise<readonly Message[]> {
    const count = await countIn(topic);
    const messages: Message[] = [];
    const consumer = connectKafka({ brokers: [kafka.address], clientId: 'reader' }, () => {}).consumer({
      groupId: randomUUID(),
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message: { key, value } }) =>
        Promise.resolve(void messages.push({ partition, key: String(key), text: String(value) })),
    });
    try {
      await eventually(() => messages.length >= count);
    } finally {
      await consumer.disconnect();
    }
    return messages;
  }

  it('writes what it writes to a file, keyed by person, each partition in order of arrival', async () => {
    const topic = await newTopic();
    const file = await runCommand([...SMALL, '--out', '-']);
    const lines = file.stdout.trimEnd().split('\n');
    const { code, stdout } = await runCommand([...SMALL, '--to-kafka', topic], world());
    expect(code).toBe(0);
    expect(stdout).toBe(
      `wrote ${lines.length} events of 40 accounts over 10 days to topic ${topic} (0 ms)\n`,
    );
    const messages = await read(topic);
    expect(messages.map(({ text }) => text).sort()).toEqual([...lines].sort());
    for (const { partition, key, text } of messages) {
      expect(key).toBe((JSON.parse(text) as { userId: string }).userId);
      expect(partition).toBe(partitionOf(key, PARTITIONS));
    }
    for (let one = 0; one < PARTITIONS; one++) {
      const of = messages.filter(({ partition }) => partition === one).map(({ text }) => text);
      expect(of.length).toBeGreaterThan(100);
      expect(of).toEqual(lines.filter((line) => of.includes(line)));
    }
  });

  it('of an age writes what is past, leaves what is still to come, and says where it stopped', async () => {
    const topic = await newTopic();
    const now = instant(Date.UTC(2026, 4, 9, 12));
    const startAt = instant(Date.UTC(2026, 4, 4));
    const simulated = [...simulateMarketplace({ people: 40, days: 10, seed: 7, startAt })].flat();
    const past = simulated.filter(({ receivedAt }) => receivedAt <= now);
    expect(past.length).toBeLessThan(simulated.length * 0.8);
    const controller = new AbortController();
    const run = runCommand(
      [...SMALL, '--age', '5', '--to-kafka', topic],
      world({ wallClock: () => now, signal: controller.signal }),
    );
    await eventually(async () => (await countIn(topic)) >= past.length);
    controller.abort();
    const { code, stderr } = await run;
    expect(code).toBe(130);
    const ids = (await read(topic)).map(({ text }) => (JSON.parse(text) as { messageId: string }).messageId);
    expect(ids.sort()).toEqual(past.map(({ event }) => event.messageId).sort());
    expect(stderr.replaceAll(',', '')).toContain(
      `stopped: after ${past.length} events which are in ${topic} [INTERRUPTED]`,
    );
  });

  it('says in JSON which topic it wrote to', async () => {
    const topic = await newTopic();
    const said = await runForJson([...SMALL, '--to-kafka', topic], world());
    expect(said).toMatchObject({ toKafka: topic, people: 40, events: await countIn(topic) });
  });

  it('refuses a topic that is not there, and creates none', async () => {
    const topic = `missing-${randomUUID()}`;
    const { code, stderr } = await runCommand([...SMALL, '--to-kafka', topic], world());
    expect(code).toBe(2);
    expect(stderr).toContain('[KAFKA_TOPICS]');
    expect(await kafka.admin.listTopics()).not.toContain(topic);
  });
});
