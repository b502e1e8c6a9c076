import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClickhouseServerOptions } from '../../src/adapters/clickhouse/open-clickhouse-server.ts';
import type { RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import type { RedisStateStore } from '../../src/adapters/redis/redis-state-store.ts';
import type { Instant } from '../../src/core/time.ts';
import type { WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import { LocalClickhouse } from '../support/clickhouse/local-clickhouse.ts';
import { copyRedis } from '../support/faults/copy-redis.ts';
import type { RolePlan } from '../support/faults/role-process.ts';
import { spawnRole, type SpawnedRole } from '../support/faults/spawn-role.ts';
import { newDatabase } from '../support/faults/stored-rows.ts';
import { startOwnKafka, type OwnKafka } from '../support/kafka/start-kafka.ts';
import { startRedis, type TestRedis } from '../support/redis/start-redis.ts';
import { SINK_PACE } from '../support/run-sink.ts';
import { connectionToRedis, feed, storeIn } from '../support/run-world.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { TEST_POLICY } from '../support/test-policy.ts';
import type { Role } from './fault-plan.ts';

export const INSTALLATION = 'torture';
export const PARTITIONS = 3;

/** What a second of a Redis that is killed may lose is lost: the log of commands is written to disk once a second. */
const REDIS_SETTINGS = { appendonly: 'yes', appendfsync: 'everysec' };
const START_AGAIN_AFTER_MS = 300;
const INSERTS_LOST = 3;

/** Servers, and workers and sinks as processes, all of which can be broken and mended. */
export class TortureWorld {
  readonly kafka: OwnKafka;
  readonly redis: TestRedis;
  readonly clickhouse: LocalClickhouse;
  readonly database: ClickhouseServerOptions;
  /** Between the processes and Redis. */
  readonly proxy: TcpProxy;
  readonly connection: RedisConnection;
  readonly store: RedisStateStore;
  /** Ends of processes that nobody had a hand in. */
  readonly deaths: string[] = [];
  private readonly pace: WorkerPace;
  private readonly running = new Map<Role, SpawnedRole>();
  private present: Instant;
  private isOver = false;

  private constructor(
    servers: Pick<
      TortureWorld,
      'kafka' | 'redis' | 'clickhouse' | 'database' | 'proxy' | 'connection' | 'store'
    >,
    present: Instant,
    pace: WorkerPace,
  ) {
    ({
      kafka: this.kafka,
      redis: this.redis,
      clickhouse: this.clickhouse,
      database: this.database,
      proxy: this.proxy,
      connection: this.connection,
      store: this.store,
    } = servers);
    this.present = present;
    this.pace = pace;
  }

  static async start(present: Instant, pace: WorkerPace): Promise<TortureWorld> {
    const [kafka, redis, clickhouse] = await Promise.all([
      startOwnKafka(),
      startRedis(REDIS_SETTINGS),
      LocalClickhouse.start(),
    ]);
    await feed(kafka, INSTALLATION, [], PARTITIONS);
    const connection = await connectionToRedis(redis.address);
    const servers = {
      ...{ kafka, redis, clickhouse, connection },
      database: await newDatabase(clickhouse),
      proxy: await TcpProxy.start(redis.port),
      store: await storeIn(connection, INSTALLATION, PARTITIONS, TEST_POLICY),
    };
    return new TortureWorld(servers, present, pace);
  }

  /** Lets everybody know what time it is. */
  tell(present: Instant): void {
    this.present = present;
    for (const { tell } of this.running.values()) tell(present);
  }

  /** As whoever watches over processes does it: again and again until it joined its group. */
  async startRole(role: Role): Promise<void> {
    while (!this.isOver) {
      const said: string[] = [];
      const spawned = await spawnRole(this.planOf(role), (text) => said.push(text));
      if (!spawned.hasJoined()) {
        await pause(START_AGAIN_AFTER_MS);
        continue;
      }
      this.running.set(role, spawned);
      spawned.tell(this.present);
      void spawned.ended.then((how) => {
        if (this.running.get(role) !== spawned) return;
        this.running.delete(role);
        this.deaths.push(`${role} ended with ${how}: ${said.join('').trim()}`);
      });
      return;
    }
  }

  async endRole(role: Role, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ending = this.running.get(role);
    if (ending === undefined) return;
    this.running.delete(role);
    ending.signal(signal);
    const how = await ending.ended;
    if (signal === 'SIGTERM' && how !== '0')
      this.deaths.push(`${role} was asked to leave, and ended with ${how}`);
  }

  signal(role: Role, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.running.get(role)?.signal(signal);
  }

  /** What comes after this is forgotten once the answer is called. */
  async copyRedis(): Promise<() => Promise<void>> {
    const restore = await copyRedis(this.redis);
    return async () => {
      await restore();
      await rm(join(this.redis.folder, 'appendonlydir'), { recursive: true, force: true });
      await this.redis.client.config('SET', 'appendonly', 'yes');
    };
  }

  loseInserts(): Promise<void> {
    return this.clickhouse.loseAnswers(INSERTS_LOST);
  }

  /** All leave. */
  async leave(): Promise<void> {
    await Promise.all([...this.running.keys()].map((role) => this.endRole(role, 'SIGTERM')));
  }

  async close(): Promise<void> {
    this.isOver = true;
    const { kafka, redis, clickhouse, proxy, connection } = this;
    await Promise.all([...this.running.keys()].map((role) => this.endRole(role, 'SIGKILL')));
    await connection.close();
    await proxy.close();
    await Promise.all([kafka.stop(), redis.stop(), clickhouse.close()]);
  }

  private planOf(role: Role): RolePlan {
    const place = {
      kafka: this.kafka.address,
      redis: this.proxy.address,
      installation: INSTALLATION,
    };
    const toldTime = this.present;
    return role.startsWith('worker')
      ? { role: 'worker', place, pace: this.pace, toldTime }
      : { role: 'sink', place: { ...place, clickhouse: this.database }, pace: SINK_PACE, toldTime };
  }
}
