import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { partitionKeys } from '../../../src/adapters/redis/keys.ts';
import type { RedisConnection } from '../../../src/adapters/redis/redis-connection.ts';
import type { RedisStateStore } from '../../../src/adapters/redis/redis-state-store.ts';
import { partitionOf } from '../../../src/core/partition.ts';
import { instant, type Instant } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import type { WorkerPace } from '../../../src/runtime/worker/partition-worker.ts';
import { eventually } from '../eventually.ts';
import type { OwnKafka } from '../kafka/start-kafka.ts';
import { SINK_PACE, type SinkPlace } from '../run-sink.ts';
import {
  IN_ORDER,
  connectionToRedis,
  feed,
  storeIn,
  topicsOf,
  type RunMember,
  type WorkerPlace,
} from '../run-world.ts';
import { TEST_POLICY } from '../test-policy.ts';
import { isDone } from '../worker-world.ts';
import type { StopAt } from './role-process.ts';
import { spawnRole, type SpawnedRole } from './spawn-role.ts';
import { isStored } from './stored-rows.ts';
import { judge, type Verdict } from './verdict.ts';

export const PARTITIONS = 3;

/** Few at once, so that there are many steps to die at. */
const PACE: WorkerPace = { ...IN_ORDER, publishEntries: 50 };
const DONE_WITHIN_MS = 120_000;

/** An installation with topics and state of its own, whose workers and sinks are processes that a test may break. */
export class Installation {
  readonly name: string;
  readonly place: WorkerPlace;
  readonly store: RedisStateStore;
  private readonly kafka: OwnKafka;
  private readonly connection: RedisConnection;
  private readonly running = new Set<SpawnedRole>();
  private readonly members: RunMember[] = [];

  private constructor(
    kafka: OwnKafka,
    place: WorkerPlace,
    connection: RedisConnection,
    store: RedisStateStore,
  ) {
    this.kafka = kafka;
    this.name = place.installation;
    this.place = place;
    this.connection = connection;
    this.store = store;
  }

  /** Fed with the records; `redis` is looked at directly, and processes reach it as `place` says, if that differs. */
  static async open(
    kafka: OwnKafka,
    redis: WorkerPlace['redis'],
    installation: string,
    records: readonly SourceRecord[],
    place: Partial<WorkerPlace> = {},
  ): Promise<Installation> {
    await feed(kafka, installation, records, PARTITIONS);
    const connection = await connectionToRedis(redis);
    const store = await storeIn(connection, installation, PARTITIONS, TEST_POLICY);
    return new Installation(
      kafka,
      { kafka: kafka.address, redis, installation, ...place },
      connection,
      store,
    );
  }

  worker(stop?: StopAt, pace = PACE): Promise<SpawnedRole> {
    const { place } = this;
    return this.keep(spawnRole({ role: 'worker', place, pace, ...(stop === undefined ? {} : { stop }) }));
  }

  /** A worker whose time stands still but for what it is told. */
  async toldWorker(now: Instant, pace: WorkerPace): Promise<SpawnedRole> {
    const { place } = this;
    return this.keep(spawnRole({ role: 'worker', place, pace, toldTime: now }));
  }

  sink(clickhouse: SinkPlace['clickhouse'], stop?: StopAt): Promise<SpawnedRole> {
    const place = { ...this.place, clickhouse };
    return this.keep(
      spawnRole({ role: 'sink', place, pace: SINK_PACE, ...(stop === undefined ? {} : { stop }) }),
    );
  }

  /** So many people are known, in all partitions together. */
  async knows(people: number): Promise<void> {
    await eventually(async () => (await this.store.size()) > people, { withinMs: DONE_WITHIN_MS });
  }

  homeOf(personId: string): number {
    return partitionOf(personId, PARTITIONS);
  }

  /** Up to where what arrived in a partition is committed; 0 where nothing is. Takes nothing over. */
  async clockOf(partition: number): Promise<number> {
    const { client } = this.connection;
    const key = partitionKeys(this.name, partition).partition;
    return Number((await client.hget(key, 'clock')) ?? 0);
  }

  /** Everything that arrived up to an instant is in. */
  async reached(at: Instant): Promise<void> {
    await eventually(async () => (await this.store.progress()).every(({ until }) => until > at), {
      withinMs: DONE_WITHIN_MS,
    });
  }

  /** A member of the group in the process of the test; it leaves with the others. */
  joined(member: RunMember): void {
    this.members.push(member);
  }

  /** Nothing is under way, nobody is due, and nothing waits to be told, as of an instant. */
  async caughtUp(asOf = instant(Date.now())): Promise<void> {
    await eventually(() => isDone(this.store, asOf), { withinMs: DONE_WITHIN_MS });
  }

  /** Everything that was told so far is noted as stored. */
  async stored(): Promise<void> {
    await eventually(() => isStored(this.kafka, this.connection, this.name), { withinMs: DONE_WITHIN_MS });
  }

  /** Comes to the present, or to an instant, ends all workers, and compares with one process that reads the raw events. */
  async verdict(asOf?: Instant): Promise<Verdict> {
    await this.caughtUp(asOf);
    await this.leave();
    const claims = await Promise.all(Array.from({ length: PARTITIONS }, (_, i) => this.store.claim(i)));
    const until = instant(Math.max(...claims.map(({ clock }) => clock)));
    return judge(this.kafka, this.name, this.store, TEST_POLICY, until);
  }

  /** How far its topics go, and everything it keeps in Redis, as a digest; reading it changes nothing. */
  async written(): Promise<Readonly<Record<string, string>>> {
    const { client } = this.connection;
    if (!(client instanceof Redis)) throw new Error('of one server only');
    const written: Record<string, string> = {};
    for (const key of (await client.keys(`${this.name}:*`)).toSorted())
      written[key] = createHash('sha1')
        .update((await client.dumpBuffer(key)) ?? '')
        .digest('hex');
    return { ...written, ...(await this.endsOf(Object.values(topicsOf(this.name)))) };
  }

  /** Of partitions that are not empty. */
  async endsOf(topics: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const ends: Record<string, string> = {};
    for (const topic of topics)
      for (const { partition, high } of await this.kafka.admin.fetchTopicOffsets(topic))
        if (high !== '0') ends[`${topic}[${partition}]`] = high;
    return ends;
  }

  /** All processes leave; throws if one ended otherwise. */
  async leave(): Promise<void> {
    const leaving = [...this.running];
    for (const { signal } of leaving) signal('SIGTERM');
    const ends = await Promise.all(leaving.map(({ ended }) => ended));
    for (const member of this.members.splice(0)) await member.leave();
    if (ends.some((end) => end !== '0')) throw new Error(`processes ended with ${ends.join(', ')}`);
  }

  /** Ends what still runs, however the test went. */
  async close(): Promise<void> {
    for (const { signal } of this.running) signal('SIGKILL');
    await Promise.all([...this.running].map(({ ended }) => ended));
    for (const member of this.members.splice(0)) await member.leave();
    await this.connection.close();
  }

  private async keep(spawning: Promise<SpawnedRole>): Promise<SpawnedRole> {
    const spawned = await spawning;
    this.running.add(spawned);
    void spawned.ended.then(() => this.running.delete(spawned));
    return spawned;
  }
}
