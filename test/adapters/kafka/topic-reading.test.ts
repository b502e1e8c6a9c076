import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Assignment, PartitionedSource } from '../../../src/ports/partitioned-source.ts';
import { RAW_LENGTH_MAX } from '../../../src/adapters/kafka/record-of-message.ts';
import { decodeText } from '../../contracts/text-decoder.ts';
import { WatchedOwners } from '../../contracts/watched-owners.ts';
import { KAFKA_START_MS, startOwnKafka, type OwnKafka } from '../../support/kafka/start-kafka.ts';
import { until } from '../../support/eventually.ts';
import { connectionTo, KafkaWorld } from './a-kafka-source.ts';

describe('reading a topic', () => {
  let kafka: OwnKafka;
  let world: KafkaWorld;
  let groups = 0;
  beforeAll(async () => {
    kafka = await startOwnKafka();
    world = await KafkaWorld.at(kafka);
  }, KAFKA_START_MS);
  afterAll(() => world.close());

  const newGroup = () => `reading-${process.pid}-${groups++}`;
  const newSource = async (settings: Readonly<Record<string, string>> = {}) => {
    const topic = await world.createTopic(1, settings);
    return { topic, source: `${topic}:0` };
  };
  /** Reads while `body` runs; gives what `leave` rejects with. */
  const reading = async (
    source: PartitionedSource,
    owners: WatchedOwners,
    body: () => Promise<void>,
  ): Promise<unknown> => {
    await source.join(owners.reader('a'));
    await body();
    return source.leave().catch((error: unknown) => error);
  };
  const deleteUpTo = (topic: string, offset: number) =>
    world.kafka.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });

  it('holds a bounded amount for an owner that is slow, and all of it comes in the end', async () => {
    const { topic, source } = await newSource();
    const message = 'x'.repeat(10_000);
    for (let i = 0; i < 40; i++) await world.write(topic, 0, Array(10).fill(message) as string[]);
    const [readAheadBytes, maxFetchBytes] = [200_000, 120_000];
    const proxy = await kafka.startProxy();
    const fetched = () => Math.floor(proxy.answeredBytes / message.length);
    const member = await world.open(newGroup(), [topic], {
      ...{ readAheadBytes, maxFetchBytes, connection: connectionTo(proxy.address) },
    });
    const taken: number[] = [];
    let ahead = 0;
    await member.join(async (assignment) => {
      for await (const { records } of assignment.read(source, undefined)) {
        if (taken.length === 0) {
          await until('it is read ahead', () => proxy.answeredBytes >= readAheadBytes);
          ahead = await quiet(fetched);
        }
        taken.push(...records.map(({ offset }) => offset));
      }
    });
    await until('all is read', () => taken.length === 400);
    await member.leave();
    await proxy.close();
    expect(taken).toEqual([...Array(400).keys()]);
    // A fetch that was under way when it was told where to begin is made once more, and its answer thrown away.
    expect(ahead).toBeLessThanOrEqual((readAheadBytes + 2 * maxFetchBytes) / message.length);
  });

  it('knows that it is at the end again after it was held back', async () => {
    const { topic, source } = await newSource();
    await world.write(topic, 0, ['x'.repeat(1_000)]);
    const member = await world.open(newGroup(), [topic], { readAheadBytes: 100 });
    const behind: number[] = [];
    await member.join(async (assignment) => {
      for await (const block of assignment.read(source, undefined)) behind.push(block.behind);
    });
    await until('it is at the end', () => behind.at(-1) === 0);
    await member.leave();
    // Nothing was fetched while the only record was in hand.
    expect(behind).toEqual([1, 0]);
  });

  it('keeps its place in the group however long an owner takes', async () => {
    const { topic, source } = await newSource();
    await world.write(topic, 0, ['a']);
    const sessionTimeoutMs = 4_000;
    const member = await world.open(newGroup(), [topic], { sessionTimeoutMs });
    const held: Assignment[] = [];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    await member.join(async (assignment) => {
      for await (const { next } of assignment.read(source, undefined)) {
        held.push(assignment);
        await finished;
        expect(next).toBe(1);
      }
    });
    await until('a block is held', () => held.length > 0);
    const since = performance.now();
    await until('two sessions have passed', () => performance.now() - since > 2 * sessionTimeoutMs);
    expect(held).toHaveLength(1);
    expect(held[0]?.revoked.aborted).toBe(false);
    const left = member.leave();
    finish();
    await left;
  });

  it('gives topics of facts apart from those of events, read by themselves', async () => {
    const [events, facts] = [await newSource(), await newSource()];
    await world.write(facts.topic, 0, ['f1', '!f2']);
    const member = await world.open(newGroup(), [events.topic], {
      factTopics: { [facts.topic]: decodeText },
    });
    const owners = new WatchedOwners({ [facts.source]: 1 });
    await reading(member, owners, () => owners.readUpTo(facts.source, 2));
    expect(owners.assignments[0]?.assignment.sources).toEqual([events.source]);
    expect(owners.assignments[0]?.assignment.factSources).toEqual([facts.source]);
    expect(owners.offsets(facts.source)).toEqual([1]);
  });

  it('tells the brokers how far was processed, and does not read from there', async () => {
    const { topic, source } = await newSource();
    await world.write(topic, 0, ['a', 'b', 'c']);
    const group = newGroup();
    const owners = new WatchedOwners();
    const member = await world.open(group, [topic]);
    await reading(member, owners, async () => {
      await owners.readUpTo(source, 3);
      owners.assignments[0]?.assignment.processed({ [source]: 2 });
    });
    const [committed] = await world.kafka.admin.fetchOffsets({ groupId: group, topics: [topic] });
    expect(committed?.partitions).toMatchObject([{ partition: 0, offset: '2' }]);

    const again = new WatchedOwners();
    await reading(await world.open(group, [topic]), again, () => again.readUpTo(source, 3));
    expect(again.offsets(source)).toEqual([0, 1, 2]);
  });

  it('commits while it goes on', async () => {
    const { topic, source } = await newSource();
    const group = newGroup();
    const owners = new WatchedOwners();
    await reading(await world.open(group, [topic]), owners, async () => {
      await owners.settled(1, ['a']);
      for (let offset = 1; offset <= 1000; offset++)
        owners.assignments[0]?.assignment.processed({ [source]: offset });
      await until('it is committed', async () => {
        const [committed] = await world.kafka.admin.fetchOffsets({ groupId: group, topics: [topic] });
        return committed?.partitions[0]?.offset === '1000';
      });
    });
  });

  it('makes rejections of what is no text, and keeps a bounded original', async () => {
    const { topic, source } = await newSource();
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
    await world.send(topic, [
      { value: bytes, partition: 0 },
      { key: 'ann', value: null, partition: 0 },
      { value: `!${'x'.repeat(100_000)}`, partition: 0 },
      { value: 'fine', partition: 0 },
    ]);
    const owners = new WatchedOwners();
    await reading(await world.open(newGroup(), [topic]), owners, () => owners.readUpTo(source, 4));
    const [garbage, tombstone, long, fine] = owners.blocks.flatMap(({ records }) => records);
    expect(garbage).toMatchObject({
      event: { ok: false, error: { reason: 'malformed' } },
      raw: `base64:${bytes.toString('base64')}`,
    });
    expect(tombstone).toMatchObject({ event: { ok: false, error: { reason: 'malformed' } }, raw: '' });
    expect(long?.raw).toHaveLength(RAW_LENGTH_MAX);
    expect(fine).toMatchObject({ offset: 3, event: { ok: true } });
  });

  it('passes over what transactions leave, and what was given up in them', async () => {
    const { topic, source } = await newSource();
    const producer = world.client.producer({
      transactionalId: newGroup(),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const inTransaction = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value, partition: 0 }] });
      await transaction[end]();
    };
    const owners = new WatchedOwners();
    await reading(await world.open(newGroup(), [topic]), owners, async () => {
      await inTransaction('a', 'commit');
      await inTransaction('b', 'abort');
      await inTransaction('c', 'commit');
      await owners.readUpTo(source, 6);
    });
    await producer.disconnect();
    expect(owners.offsets(source)).toEqual([0, 4]);

    const late = new WatchedOwners({ [source]: 1 });
    await reading(await world.open(newGroup(), [topic]), late, () => late.readUpTo(source, 6));
    expect(late.offsets(source)).toEqual([4]);
  });

  it('passes over what compaction took away', async () => {
    const { topic, source } = await newSource({
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.01',
    });
    const begin = Date.now() - 3_600_000;
    let written = 0;
    const write = async (key: string) => {
      const timestamp = String(begin + 1000 * written);
      await world.send(topic, [{ key, value: `v${written++}`, partition: 0, timestamp }]);
    };
    await write('first');
    for (let i = 0; i < 5; i++) await write('same');
    let read: number[] = [];
    const isLess = async () => {
      await write('same');
      const owners = new WatchedOwners();
      await reading(await world.open(newGroup(), [topic]), owners, () => owners.readUpTo(source, written));
      read = owners.offsets(source);
      return read.length < written;
    };
    await until('something was taken away', isLess, 45_000);
    expect(read[0]).toBe(0);
    expect(read.at(-1)).toBe(written - 1);
  });

  it('says what was lost when the offset named was deleted', async () => {
    const { topic, source } = await newSource();
    await world.write(topic, 0, ['a', 'b', 'c', 'd']);
    await deleteUpTo(topic, 3);
    const owners = new WatchedOwners({ [source]: 1 });
    const failure = await reading(await world.open(newGroup(), [topic]), owners, () =>
      until('the owner gave up', () => owners.assignments.some(({ done }) => done)),
    );
    expect(failure).toMatchObject({ code: 'KAFKA_OFFSET_LOST' });
    expect(String(failure)).toContain(
      `${topic}[0] begins at offset 3, and 1 is the next to be read: 2 offsets`,
    );
  });

  it('says so when the topic ends before the offset named', async () => {
    const { topic, source } = await newSource();
    await world.write(topic, 0, ['a']);
    const owners = new WatchedOwners({ [source]: 5 });
    const failure = await reading(await world.open(newGroup(), [topic]), owners, () =>
      until('the owner gave up', () => owners.assignments.some(({ done }) => done)),
    );
    expect(String(failure)).toContain('ends at offset 1, and 5 is the next to be read');
  });

  it('begins at the beginning of what there is when no offset is named', async () => {
    const { topic, source } = await newSource();
    await world.write(topic, 0, ['a', 'b', 'c']);
    await deleteUpTo(topic, 2);
    const owners = new WatchedOwners();
    await reading(await world.open(newGroup(), [topic]), owners, () => owners.readUpTo(source, 3));
    expect(owners.offsets(source)).toEqual([2]);
  });

  it('skips nothing in silence when records are deleted while they wait to be read', async () => {
    const { topic, source } = await newSource();
    const message = 'x'.repeat(10_000);
    for (let i = 0; i < 20; i++) await world.write(topic, 0, Array(10).fill(message) as string[]);
    const settings = { readAheadBytes: 20_000, maxFetchBytes: 110_000 };
    const member = await world.open(newGroup(), [topic], settings);
    const taken: number[] = [];
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let hasEnded = false;
    await member.join(async (assignment) => {
      try {
        for await (const { records } of assignment.read(source, undefined)) {
          taken.push(...records.map(({ offset }) => offset));
          await held;
        }
      } finally {
        hasEnded = true;
      }
    });
    await until('a block is held', () => taken.length > 0);
    await deleteUpTo(topic, 180);
    goOn();
    await until('the owner gave up', () => hasEnded);
    await expect(member.leave()).rejects.toMatchObject({ code: 'KAFKA_OFFSET_LOST' });
    expect(taken).toEqual([...Array(taken.length).keys()]);
    expect(taken.length).toBeLessThan(180);
  });
});

/** What `measure` gives once it gave the same for half a second. */
async function quiet(measure: () => number): Promise<number> {
  let last = measure();
  let since = performance.now();
  await until('nothing changes any more', () => {
    if (measure() !== last) [last, since] = [measure(), performance.now()];
    return performance.now() - since > 500;
  });
  return last;
}
