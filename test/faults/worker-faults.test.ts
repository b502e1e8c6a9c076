import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRedis, type RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import type { RedisStateStore } from '../../src/adapters/redis/redis-state-store.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { DAY_MS, instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import { eventually } from '../support/eventually.ts';
import { spawnWorker, type SpawnedWorker } from '../support/faults/spawn-worker.ts';
import type { KillAt } from '../support/faults/worker-process.ts';
import { KAFKA_START_MS, startOwnKafka, type OwnKafka } from '../support/kafka/start-kafka.ts';
import { recordsOf } from '../support/listed-source.ts';
import { startRedis, type TestRedis } from '../support/redis/start-redis.ts';
import { runRecords } from '../support/run-records.ts';
import { IN_ORDER, SESSION_TIMEOUT_MS, feed, storeIn, toldIn } from '../support/run-world.ts';
import { TEST_POLICY } from '../support/test-policy.ts';
import { isDone, tagsIn, windowsIn } from '../support/worker-world.ts';

const PARTITIONS = 3;
const TODAY = instant(Math.floor(Date.now() / DAY_MS) * DAY_MS);
/** Lately, so that little time is left to pass once everything is read. */
const HISTORY = { people: 30, days: 34, seed: 3, startAt: instant(TODAY - 40 * DAY_MS) };

const DOWN_MS = 3000;

/** Few at once, so that there are many steps to die at. */
const PACE: WorkerPace = { ...IN_ORDER, publishEntries: 50 };

let kafka: OwnKafka;
let redis: TestRedis;
let connection: RedisConnection;
let records: readonly SourceRecord[];
/** Ended after each test, however it went. */
const running: SpawnedWorker[] = [];

beforeAll(async () => {
  [kafka, redis] = await Promise.all([
    startOwnKafka(),
    startRedis({ appendonly: 'yes', appendfsync: 'always' }),
  ]);
  connection = await openRedis({ addresses: [redis.address], isCluster: false, timeoutMs: 5000 });
  records = (await recordsOf(simulatedSource(HISTORY))).slice(0, 1200);
}, KAFKA_START_MS);
afterEach(async () => {
  for (const { signal } of running) signal('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(async () => {
  await connection.close();
  await Promise.all([kafka.stop(), redis.stop()]);
});

/** An installation of its own, fed with the history. */
async function installed(installation: string) {
  await feed(kafka, installation, records, PARTITIONS);
  const store = await storeIn(connection, installation, PARTITIONS, TEST_POLICY);
  const place = { kafka: kafka.address, redis: redis.address, installation };
  const worker = async (kill?: KillAt): Promise<SpawnedWorker> => {
    const one = await spawnWorker({ place, pace: PACE, ...(kill === undefined ? {} : { kill }) });
    running.push(one);
    return one;
  };
  return { installation, store, worker };
}

/**
 * Lets the workers come to the present and stops them. The oracle is one process that reads the raw events in memory:
 * the same transitions and triggers, each under one id and in one way however often it was told, the same tags, and
 * the same memory of everybody: no event lost, none counted twice.
 */
async function expectAsAlone(
  installation: string,
  store: RedisStateStore,
  workers: readonly SpawnedWorker[],
): Promise<void> {
  const present = instant(Date.now());
  await eventually(() => isDone(store, present), { withinMs: 90_000 });
  for (const { signal } of workers) signal('SIGTERM');
  expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(workers.map(() => '0'));

  const claims = await Promise.all(Array.from({ length: PARTITIONS }, (_, i) => store.claim(i)));
  const until = instant(Math.max(...claims.map(({ clock }) => clock)));
  const alone = await runRecords(records, { announceRows: 1, until });
  const told = [...(await toldIn(kafka, installation))].map(([id, { time }]) => `${id} ${Date.parse(time)}`);
  const { tag_transitions: transitions, trigger_events: triggers } = alone.told.rows;
  const expected = [
    ...transitions.map((row) => `${row.transition_id} ${row.effective_at}`),
    ...triggers.map((row) => `${row.trigger_id} ${row.fired_at}`),
  ];
  expect(told.toSorted()).toEqual(expected.toSorted());
  expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
  expect(await tagsIn(store, TEST_POLICY)).toEqual(await tagsIn(alone.store, TEST_POLICY));
}

const halfway = (store: RedisStateStore) =>
  eventually(
    async () => (await store.progress()).every(({ until }) => until > HISTORY.startAt + 4 * DAY_MS),
    {
      withinMs: 60_000,
    },
  );

describe('a worker that is killed with SIGKILL', () => {
  const STEPS: readonly Omit<KillAt, 'call'>[] = [
    { step: 'claim', when: 'after' },
    { step: 'read', when: 'after' },
    { step: 'commit', when: 'before' },
    { step: 'commit', when: 'after' },
    { step: 'publish', when: 'before' },
    { step: 'publish', when: 'after' },
    { step: 'trim', when: 'after' },
    { step: 'noteProgress', when: 'after' },
    { step: 'freezePopulation', when: 'after' },
    { step: 'publishPopulationInputs', when: 'after' },
  ];

  it.each(STEPS)(
    '$when its step "$step" loses nothing and repeats nothing',
    async ({ step, when }) => {
      const { installation, store, worker } = await installed(`kill-${when}-${step}`.toLowerCase());
      const isRare = step === 'claim' || step === 'read' || step.includes('opulation');
      const calls = isRare ? [2] : [11, 40];
      for (const call of calls) expect(await (await worker({ step, when, call })).ended).toBe('SIGKILL');
      const last = await worker();
      await expectAsAlone(installation, store, [last]);
    },
    120_000,
  );
});

describe('workers', () => {
  it('fence one that was paused past its session and woke up again', async () => {
    const { installation, store, worker } = await installed('zombie');
    const [first, second] = [await worker(), await worker()];
    await eventually(async () => (await store.size()) > 5);
    first.signal('SIGSTOP');
    const before = await store.progress();
    await eventually(
      async () => (await store.progress()).every(({ until }, i) => until > (before[i]?.until ?? 0)),
      { withinMs: SESSION_TIMEOUT_MS * 4 },
    );
    first.signal('SIGCONT');
    await expectAsAlone(installation, store, [first, second]);
  }, 120_000);

  it('go on from an older copy of Redis', async () => {
    const { installation, store, worker } = await installed('older-copy');
    const one = await worker();
    await eventually(async () => (await store.size()) > 3);
    await redis.client.config('SET', 'appendonly', 'no');
    await redis.client.save();
    await copyFile(join(redis.folder, 'dump.rdb'), join(redis.folder, 'copy.rdb'));
    await halfway(store);
    await redis.kill();
    await copyFile(join(redis.folder, 'copy.rdb'), join(redis.folder, 'dump.rdb'));
    await redis.start({ appendonly: 'no' });
    await expectAsAlone(installation, store, [one]);
  }, 120_000);

  it('wait while Redis is down, and lose nothing', async () => {
    const { installation, store, worker } = await installed('redis-down');
    const one = await worker();
    await eventually(async () => (await store.size()) > 5);
    await redis.client.save();
    await redis.kill();
    const backAt = performance.now() + DOWN_MS;
    await eventually(() => performance.now() >= backAt);
    await redis.start({ appendonly: 'no' });
    await expectAsAlone(installation, store, [one]);
  }, 120_000);

  it('go on when the broker is killed and comes back', async () => {
    const { installation, store, worker } = await installed('broker');
    const one = await worker();
    await eventually(async () => (await store.size()) > 5);
    await kafka.kill();
    await kafka.restart();
    await expectAsAlone(installation, store, [one]);
  }, 180_000);
});
