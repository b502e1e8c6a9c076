import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickhouseAnalytics } from '../../src/adapters/clickhouse/clickhouse-analytics.ts';
import type { ClickhouseHandle } from '../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { RetryingWriter } from '../../src/adapters/clickhouse/retrying-writer.ts';
import { decodeDeadLetter, decodeDecision } from '../../src/adapters/cloudevents/decode-sink-row.ts';
import { announcementEncoder } from '../../src/adapters/cloudevents/encode-announcement.ts';
import { KafkaAnnouncements, type AnnouncementTopics } from '../../src/adapters/kafka/kafka-announcements.ts';
import { KafkaPublisher } from '../../src/adapters/kafka/kafka-publisher.ts';
import { openKafkaSource } from '../../src/adapters/kafka/kafka-source.ts';
import { SystemClock } from '../../src/adapters/system/system-clock.ts';
import type { AnalyticsWriter } from '../../src/ports/analytics.ts';
import type { PartitionedSource } from '../../src/ports/partitioned-source.ts';
import type { SinkRow } from '../../src/ports/sink-row.ts';
import type { Announcement } from '../../src/ports/state-store.ts';
import { sinkPartition, type SinkEvent, type SinkPace } from '../../src/runtime/sink/sink-partition.ts';
import { connectionTo } from '../adapters/kafka/a-kafka-source.ts';
import { announcedBy } from '../support/announced-by.ts';
import { LocalClickhouse } from '../support/clickhouse/local-clickhouse.ts';
import { Crash } from '../support/crashing-store.ts';
import { eventually } from '../support/eventually.ts';
import { KAFKA_START_MS, startKafka, type KafkaUnderTest } from '../support/kafka/start-kafka.ts';
import { MemorySinkOffsets } from '../support/memory-sink-offsets.ts';
import { outboxOf, tellAlone } from '../support/rows-told-of.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

const PARTITIONS = 2;
const PACE: SinkPace = { rows: 100, chars: 1_000_000, lingerMs: 200, retryAfterMs: 50 };
const VIEWS = ['tag_transitions', 'trigger_events', 'dead_letters'] as const;

describe('what is published reaches ClickHouse as the rows that a run in one process writes', () => {
  let kafka: KafkaUnderTest;
  let server: LocalClickhouse;
  let announced: readonly Announcement[];
  let expected: readonly Record<string, unknown>[][];
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    [kafka, server, announced] = await Promise.all([
      startKafka(),
      LocalClickhouse.start(),
      announcedBy({ people: 50, days: 50, seed: 11 }),
    ]);
    const alone = await newDatabase();
    await tellAlone(announced, TEST_POLICY, new ClickhouseAnalytics(alone));
    expected = await viewsOf(alone);
  }, KAFKA_START_MS);
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
    await server.close();
    await kafka.stop();
  });

  const newDatabase = async (): Promise<ClickhouseHandle> => {
    const { url, user, password } = server;
    const database = `sink_${randomUUID().replaceAll('-', '')}`;
    const creating = await openClickhouseServer({ url, user, password });
    await creating.client.command({ query: `CREATE DATABASE ${database}` });
    await creating.close();
    const handle = await openClickhouseServer({ url, user, password, database });
    closing.push(() => handle.close());
    await migrate(handle);
    return handle;
  };
  const viewsOf = async (handle: ClickhouseHandle) => {
    const analytics = new ClickhouseAnalytics(handle);
    const found: Record<string, unknown>[][] = [];
    for (const view of VIEWS) found.push(await analytics.query(`SELECT * FROM ${view} ORDER BY ALL`));
    return found;
  };
  /** What everybody holds, by person and dimension: in ClickHouse, and after the last of all that was decided. */
  const heldIn = async (handle: ClickhouseHandle) => {
    const query = 'SELECT person_id, dimension, tag FROM current_tags';
    const rows = (await new ClickhouseAnalytics(handle).query(query)) as Record<string, string>[];
    return new Map(rows.map(({ person_id, dimension, tag }) => [`${person_id} ${dimension}`, tag]));
  };
  const heldAfterAll = () =>
    new Map(
      announced.flatMap((one) =>
        one.kind === 'transition'
          ? [[`${one.transition.personId} ${one.transition.dimension}`, one.transition.to] as const]
          : [],
      ),
    );

  /** Topics of their own, a database of its own, and a group of sinks between them. */
  class Way {
    readonly topics: AnnouncementTopics;
    readonly handle: ClickhouseHandle;
    readonly offsets: MemorySinkOffsets;
    readonly events: SinkEvent[] = [];
    readonly outages: string[] = [];
    private readonly group = randomUUID();

    constructor(topics: AnnouncementTopics, handle: ClickhouseHandle, offsets: MemorySinkOffsets) {
      this.topics = topics;
      this.handle = handle;
      this.offsets = offsets;
    }

    static async open(offsets = new MemorySinkOffsets()): Promise<Way> {
      const name = randomUUID();
      const topics = {
        tags: `tags-${name}`,
        triggers: `triggers-${name}`,
        deadLetters: `letters-${name}`,
        facts: `facts-${name}`,
      };
      for (const topic of Object.values(topics)) await kafka.createTopic(topic, PARTITIONS);
      return new Way(topics, await newDatabase(), offsets);
    }

    async publish(times = 1): Promise<void> {
      const out = await KafkaAnnouncements.open({
        connection: connectionTo(kafka.address),
        log: () => undefined,
        compression: 'lz4',
        topics: this.topics,
        encode: announcementEncoder(TEST_POLICY),
      });
      const entries = outboxOf(announced);
      for (let from = 0; from < entries.length; from += 300)
        for (let i = 0; i < times; i++) await out.publish(entries.slice(from, from + 300));
      await out.close();
    }

    async join(): Promise<PartitionedSource<SinkRow>> {
      const { tags, triggers, deadLetters } = this.topics;
      const source = await openKafkaSource<SinkRow>({
        connection: connectionTo(kafka.address),
        groupId: this.group,
        topics: { [tags]: decodeDecision, [triggers]: decodeDecision, [deadLetters]: decodeDeadLetter },
        log: () => undefined,
      });
      await source.join((assignment) =>
        sinkPartition(assignment, {
          offsets: this.offsets,
          openWriter: (signal) => this.writer(signal),
          clock: new SystemClock(),
          pace: PACE,
          onEvent: (event) => this.events.push(event),
        }),
      );
      return source;
    }

    /** Everything there is now is noted as stored. */
    async isDone(): Promise<boolean> {
      const { tags, triggers, deadLetters } = this.topics;
      for (const topic of [tags, triggers, deadLetters])
        for (const { partition, high } of await kafka.admin.fetchTopicOffsets(topic))
          if ((this.offsets.next.get(`${topic}:${partition}`) ?? 0) < Number(high)) return false;
      return true;
    }

    /** Rows as they are stored, those that were stored twice twice, where nothing merges them before. */
    async stored(): Promise<unknown> {
      const analytics = new ClickhouseAnalytics(this.handle);
      const [counts] = await analytics.query(
        `SELECT ${VIEWS.map((view) => `(SELECT count() FROM ${view}_rows) AS ${view}`).join(', ')}`,
      );
      return counts;
    }

    private writer(signal: AbortSignal): AnalyticsWriter {
      const clock = new SystemClock();
      return new RetryingWriter(new ClickhouseAnalytics(this.handle), {
        now: () => clock.now(),
        sleep: (ms, over) => clock.wait(ms, over),
        random: Math.random,
        signal,
        observer: { down: (_, why) => this.outages.push(why.code), up: () => undefined },
        firstDelayMs: 20,
        maxDelayMs: 100,
      });
    }
  }

  it('by two sinks, one of which leaves, past messages that nobody can read', async () => {
    const way = await Way.open();
    const publisher = new KafkaPublisher({ connection: connectionTo(kafka.address), log: () => undefined });
    await publisher.send(way.topics.tags, [
      { key: null, value: 'nonsense', partition: 0 },
      { key: null, value: '{"type":"com.example.other"}', partition: 1 },
    ]);
    await publisher.close();
    const [staying, leaving] = [await way.join(), await way.join()];
    await way.publish();
    await eventually(() => way.events.some(({ kind }) => kind === 'stored'));
    await leaving.leave();
    await eventually(() => way.isDone());
    await staying.leave();
    expect(await viewsOf(way.handle)).toEqual(expected);
    expect(await heldIn(way.handle)).toEqual(heldAfterAll());
    expect(expected.map((rows) => rows.length > 10)).toEqual([true, true, true]);
    const passedOver = way.events.flatMap((event) => (event.kind === 'unreadable' ? [event.record] : []));
    expect(new Set(passedOver.map(({ source, offset }) => `${source} ${offset}`))).toEqual(
      new Set([`${way.topics.tags}:0 0`, `${way.topics.tags}:1 0`]),
    );
  });

  it('with sinks that die between storing rows and noting it', async () => {
    let advances = 0;
    const offsets = new MemorySinkOffsets((call) => {
      if (call === 'advance' && ++advances % 4 === 0) throw new Crash(`at advance ${advances}`);
    });
    const way = await Way.open(offsets);
    await way.publish();
    let deaths = 0;
    while (!(await way.isDone())) {
      const sink = await way.join();
      const before = advances;
      await eventually(async () => Math.floor(advances / 4) > Math.floor(before / 4) || (await way.isDone()));
      await sink.leave().catch((error: unknown) => {
        expect(error).toBeInstanceOf(Crash);
        deaths += 1;
      });
    }
    expect(deaths).toBeGreaterThan(2);
    expect(await heldIn(way.handle)).toEqual(heldAfterAll());
    expect(await viewsOf(way.handle)).toEqual(expected);
  });

  it('with answers that are lost after the insert, and then not one row is stored twice', async () => {
    const way = await Way.open();
    await way.handle.client.command({ query: 'SYSTEM STOP MERGES' });
    await way.publish();
    await server.loseAnswers(7);
    const sink = await way.join();
    await eventually(() => way.isDone());
    await sink.leave();
    await way.handle.client.command({ query: 'SYSTEM START MERGES' });
    expect(way.outages.length).toBeGreaterThanOrEqual(7);
    expect(await viewsOf(way.handle)).toEqual(expected);
    const counts = Object.fromEntries(VIEWS.map((view, i) => [view, expected[i]?.length]));
    expect(await way.stored()).toEqual(counts);
  });

  it('with every message published twice, while ClickHouse is away for some time', async () => {
    const way = await Way.open();
    await server.goDown();
    const sink = await way.join();
    await way.publish(2);
    await eventually(() => way.outages.length > 5);
    expect([way.events.filter(({ kind }) => kind === 'stored'), way.offsets.next.size]).toEqual([[], 0]);
    await server.comeUp();
    await eventually(() => way.isDone());
    await sink.leave();
    expect(await viewsOf(way.handle)).toEqual(expected);
  });
});
