import { describe, expect, it } from 'vitest';
import { partitionOf } from '../../src/core/partition.ts';
import { ok } from '../../src/core/result.ts';
import { DAY_MS, plus } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { eventually } from '../support/eventually.ts';
import { HISTORY_STARTS_AT, sharedFaultWorld } from '../support/faults/fault-world.ts';
import { PARTITIONS } from '../support/faults/installation.ts';
import { POISONS, poisonOf } from '../support/faults/poison.ts';
import { StampedProducer } from '../support/kafka/stamped-producer.ts';
import { IN_ORDER, sendRecords, startWorker, topicsOf } from '../support/run-world.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

const TEST_MS = 180_000;
/** Somewhat longer than the client waits for an answer. */
const LATE_MS = 11_000;
const PRODUCE = 0;

const world = sharedFaultWorld();

describe('workers', () => {
  it(
    'go on when the broker is killed and comes back',
    async () => {
      const installation = await world().open('broker');
      await installation.worker();
      await installation.knows(5);
      await world().kafka.kill();
      await world().kafka.restart();
      await world().expectAsAlone(installation);
    },
    TEST_MS,
  );

  it(
    'tell under the same ids what brokers acknowledge when nobody waits any more',
    async () => {
      const proxy = await world().kafka.startProxy();
      const installation = await world().open('late', world().records, { kafka: proxy.address });
      await installation.worker();
      await installation.knows(5);
      let asked = 0;
      proxy.verdictOn = (request) => {
        // Its length, and then what is asked for.
        const isProduce = request.length > 6 && request.readInt16BE(4) === PRODUCE;
        if (isProduce) asked += 1;
        return isProduce ? 'hold' : 'pass';
      };
      await eventually(() => proxy.held > 0);
      const heldAt = performance.now();
      await eventually(() => performance.now() > heldAt + LATE_MS);
      // Given up, and asked again.
      expect(asked).toBeGreaterThan(1);
      proxy.verdictOn = () => 'pass';
      proxy.release();
      await world().expectAsAlone(installation);
      await proxy.close();
    },
    TEST_MS,
  );

  it(
    'give every record that nobody can use one dead letter, and go on, whoever is killed meanwhile',
    async () => {
      const { kafka, records } = world();
      const installation = await world().open('poison', []);
      const { events } = topicsOf(installation.name);
      const producer = new StampedProducer(kafka.address);
      const expected: string[] = [];
      const poisonAt = plus(HISTORY_STARTS_AT, DAY_MS);
      for (const part of [records.slice(0, 200), records.slice(200)]) {
        await sendRecords(kafka, installation.name, part, PARTITIONS);
        const ends = await kafka.admin.fetchTopicOffsets(events);
        const lastAt = part.at(-1)?.receivedAt ?? poisonAt;
        for (const { partition, high } of ends) {
          const poisons = POISONS.map((kind) => poisonOf(kind, lastAt));
          const messages = poisons.map(({ value }) => ({ partition, value, stampedAt: lastAt }));
          await producer.send(events, messages);
          expected.push(
            ...poisons.map(({ reason }, i) => `${events}[${partition}]@${Number(high) + i} ${reason}`),
          );
        }
      }
      await producer.close();
      for (const when of ['before', 'halfway', 'after'] as const) {
        const dying = await installation.worker({ step: 'publish', when, call: 12 });
        expect(await dying.ended).toBe('SIGKILL');
      }
      await installation.worker();
      const { alone, counts } = await world().expectAsAlone(installation, records.length + expected.length);
      const letters = alone.dead_letters.map(({ place, reason }) => `${place} ${reason}`);
      expect(letters.filter((letter) => expected.includes(letter)).toSorted()).toEqual(expected.toSorted());
      expect(counts.deadLetters).toBe(letters.length);
    },
    TEST_MS,
  );
});

describe('a number of partitions that was changed', () => {
  async function more(topic: string): Promise<void> {
    await world().kafka.admin.createPartitions({ topicPartitions: [{ topic, count: PARTITIONS + 1 }] });
  }

  /** The same of somebody whose events come to the partition that is new. */
  function aFourthHas(record: SourceRecord): SourceRecord {
    if (!record.event.ok) return record;
    const ids = Array.from({ length: 100 }, (_, i) => `stranger-${i}`);
    const personId = ids.find((id) => partitionOf(id, PARTITIONS + 1) === PARTITIONS) ?? '';
    return { ...record, event: ok({ ...record.event.value, personId }) };
  }

  it(
    'is refused at the start, with the way out, and nothing is written',
    async () => {
      const installation = await world().open('more-partitions');
      await installation.worker();
      await installation.caughtUp();
      await installation.leave();
      const topics = topicsOf(installation.name);
      const before = await installation.written();
      await more(topics.events);
      const start = () => startWorker(installation.place, TEST_POLICY, IN_ORDER);
      await expect(start()).rejects.toMatchObject({
        code: 'KAFKA_TOPICS',
        message: expect.stringContaining(`${topics.events} has ${PARTITIONS + 1}`) as string,
        mend: expect.stringContaining('same number') as string,
      });
      await more(topics.facts);
      await expect(start()).rejects.toMatchObject({
        code: 'PARTITIONS_CHANGED',
        mend: expect.stringContaining('old number of partitions') as string,
      });
      expect(await installation.written()).toEqual(before);
    },
    TEST_MS,
  );

  it(
    'ends a worker that runs, with the way out, and what lies where nobody reads is told by nobody',
    async () => {
      const installation = await world().open('partitions-meanwhile');
      const worker = await startWorker(installation.place, TEST_POLICY, IN_ORDER, { topicCheckMs: 200 });
      await installation.caughtUp();
      const { events, facts, ...toldTopics } = topicsOf(installation.name);
      const told = () => installation.endsOf(Object.values(toldTopics));
      const before = await told();
      await more(events);
      await more(facts);
      const [stranger] = world().records;
      if (stranger !== undefined)
        await sendRecords(world().kafka, installation.name, [aFourthHas(stranger)], PARTITIONS + 1);
      await worker.ended;
      await expect(worker.leave()).rejects.toMatchObject({
        code: 'KAFKA_TOPICS',
        message: expect.stringContaining(`was ${PARTITIONS}, and is ${PARTITIONS + 1} now`) as string,
        mend: expect.stringContaining('Stop all workers') as string,
      });
      expect(await told()).toEqual(before);
    },
    TEST_MS,
  );
});
