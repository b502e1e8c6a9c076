import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaPublisher } from '../../../src/adapters/kafka/kafka-publisher.ts';
import { WatchedOwners } from '../../contracts/watched-owners.ts';
import { KAFKA_START_MS, startOwnKafka, type OwnKafka } from '../../support/kafka/start-kafka.ts';
import { until } from '../../support/eventually.ts';
import { connectionTo, KafkaWorld } from './a-kafka-source.ts';

const RESTART_MS = 120_000;

describe('when Kafka is not there', () => {
  let kafka: OwnKafka;
  let world: KafkaWorld;
  beforeAll(async () => {
    kafka = await startOwnKafka();
    world = await KafkaWorld.at(kafka);
  }, KAFKA_START_MS);
  afterAll(() => world.close());

  const publisher = () => new KafkaPublisher({ connection: connectionTo(kafka.address), log: () => {} });
  const count = (first: number, end: number) => [...Array(end).keys()].slice(first);
  const texts = (first: number, end: number) =>
    count(first, end).map((i) => ({ key: null, value: `m${i}`, partition: 0 }));

  it(
    'goes on reading and writing when the broker was killed and came again',
    async () => {
      const topic = await world.createTopic(1);
      const source = `${topic}:0`;
      const out = publisher();
      await out.send(topic, texts(0, 50));
      const owners = new WatchedOwners();
      // A heartbeat is due whenever the kill comes: a client that then loses its place waits for a session to end.
      const settings = { sessionTimeoutMs: RESTART_MS, heartbeatIntervalMs: 1 };
      const member = await world.open('restarted', [topic], settings);
      await member.join(owners.reader('a'));
      await owners.readUpTo(source, 50);

      await kafka.kill();
      const sent = out.send(topic, texts(50, 100));
      await kafka.restart();
      await sent;
      await out.send(topic, texts(100, 150));
      const messages = () => owners.blocks.flatMap(({ records }) => records);
      const ids = () =>
        messages().map(({ event }) => (event.ok && 'messageId' in event.value ? event.value.messageId : ''));
      await until('all is read', () => new Set(ids()).size === 150);
      // Within one assignment nothing comes twice and nothing is left out, whatever became of the connection.
      expect(owners.assignments).toHaveLength(1);
      expect(owners.offsets(source)).toEqual(count(0, messages().length));
      await member.leave();
      await out.close();
    },
    RESTART_MS,
  );

  it(
    'gives up its partitions when the coordinator was not heard for a session, and has them again afterwards',
    async () => {
      const topic = await world.createTopic(2);
      const owners = new WatchedOwners();
      const member = await world.open('silent', [topic], { sessionTimeoutMs: 2_000 });
      await member.join(owners.reader('a'));
      await owners.settled(2, ['a']);
      await kafka.pause();
      try {
        await until('all is given up', () => owners.owners().size === 0);
      } finally {
        await kafka.resume();
      }
      await owners.settled(2, ['a']);
      await world.write(topic, 1, ['x']);
      await owners.readUpTo(`${topic}:1`, 1);
      await member.leave();
    },
    RESTART_MS,
  );

  it(
    'leaves in bounded time while nobody answers',
    async () => {
      const topic = await world.createTopic(1);
      const owners = new WatchedOwners();
      const member = await world.open('leaving', [topic]);
      await member.join(owners.reader('a'));
      await owners.settled(1, ['a']);
      await kafka.kill();
      await member.leave();
      const out = new KafkaPublisher({
        connection: connectionTo(kafka.address),
        log: () => {},
        deliveryTimeoutMs: 100,
      });
      await expect(out.send(topic, texts(0, 1))).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
      await out.close().catch(() => undefined);
      await expect(world.open('unreachable', [topic])).rejects.toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
      await kafka.restart();
    },
    RESTART_MS,
  );

  it(
    'ends the membership when a topic is deleted while it is read',
    async () => {
      const [kept, deleted] = [await world.createTopic(1), await world.createTopic(1)];
      const owners = new WatchedOwners();
      const member = await world.open('deleted', [kept, deleted], { sessionTimeoutMs: 2_000 });
      await member.join(owners.reader('a'));
      await owners.settled(1, ['a']);
      await kafka.deleteTopic(deleted);
      await until('the owner is told', () => owners.owners().size === 0);
      await until('it is known why', () =>
        world.logged.some((line) => line.includes('membership of the group ends')),
      );
      await expect(member.leave()).rejects.toMatchObject({ code: 'KAFKA_TOPICS' });
    },
    RESTART_MS,
  );
});
