import { describe, expect, it } from 'vitest';
import { partitionKeys } from '../../src/adapters/redis/keys.ts';
import { seededRandom } from '../../src/core/seeded-random.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { WorkerPace } from '../../src/runtime/worker/partition-worker.ts';
import { eventually } from '../support/eventually.ts';
import { FastClock } from '../support/faults/fast-clock.ts';
import { copyRedis } from '../support/faults/copy-redis.ts';
import { sharedFaultWorld } from '../support/faults/fault-world.ts';
import { startRedisCluster, type TestRedis, type TestRedisCluster } from '../support/redis/start-redis.ts';
import { IN_ORDER, startWorker } from '../support/run-world.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

const TEST_MS = 180_000;
const SEED = 20_260;
/** Of the worker's minutes in the machine's. */
const SPEED = 10;
/** A tenth of it by the machine's clock. */
const PATIENT: WorkerPace = { ...IN_ORDER, settleMs: 3000 };
const READ_AHEAD_BYTES = 16 * 1024;
/** What brokers say in an outage, of what is being read and of the group. */
const MOST_SAID_BYTES = 4 * READ_AHEAD_BYTES;

const world = sharedFaultWorld();

describe('workers', () => {
  it(
    'commit once what Redis did and did not say, however often',
    async () => {
      const proxy = await TcpProxy.start(world().redis.port);
      const random = seededRandom(SEED, 'lost answers');
      const installation = await world().open('lost-answers', world().records, { redis: proxy.address });
      await installation.worker();
      await installation.worker();
      await installation.knows(3);
      proxy.verdictOn = (request) =>
        request.includes('EVALSHA') && random.below(40) === 0 ? 'lose' : 'pass';
      // Done by the server, and the worker was never told: what is lost is left to chance.
      const lostCommits = () => proxy.lost.filter((answer) => answer.includes('committed')).length;
      await eventually(() => proxy.lost.length > 20 && lostCommits() > 3, { withinMs: 60_000 });
      proxy.verdictOn = () => 'pass';
      await world().expectAsAlone(installation);
      await proxy.close();
    },
    TEST_MS,
  );

  it(
    'go on from an older copy of Redis',
    async () => {
      const installation = await world().open('older-copy');
      await installation.worker();
      await installation.knows(3);
      const restore = await copyRedis(world().redis);
      await world().halfway(installation);
      await restore();
      await world().expectAsAlone(installation);
    },
    TEST_MS,
  );

  it(
    'wait for a minute while Redis is down, read nothing meanwhile, and lose nothing',
    async () => {
      const proxy = await world().kafka.startProxy();
      const installation = await world().open('redis-down');
      const clock = new FastClock(SPEED);
      const outages: number[] = [];
      const place = { ...installation.place, kafka: proxy.address };
      const worker = await startWorker(place, TEST_POLICY, PATIENT, {
        ...{ clock, readAhead: { readAheadBytes: READ_AHEAD_BYTES, maxFetchBytes: READ_AHEAD_BYTES } },
        onEvent: ({ kind }) => void (kind === 'outage' && outages.push(clock.now())),
      });
      installation.joined(worker);
      await installation.knows(5);
      await world().redis.client.save();
      await world().redis.kill();
      await eventually(() => outages.length > 0);
      const [downAt = 0, readBefore] = [outages[0], proxy.answeredBytes];
      await eventually(() => clock.now() >= downAt + MINUTE_MS);
      expect(outages.length).toBeGreaterThan(20);
      expect(proxy.answeredBytes - readBefore).toBeLessThan(MOST_SAID_BYTES);
      await world().redis.start({ appendonly: 'no' });
      await world().expectAsAlone(installation);
      await proxy.close();
    },
    TEST_MS,
  );

  it(
    'go on when a primary of a Redis cluster is killed and a replica takes its place',
    async () => {
      const cluster = await startRedisCluster({ withReplicas: true });
      try {
        const installation = await world().open('cluster', world().records, {}, cluster.addresses);
        await installation.worker();
        await installation.worker();
        await installation.knows(5);
        const holder = await primaryOf(cluster, partitionKeys(installation.name, 0).partition);
        await holder.kill();
        await world().expectAsAlone(installation);
      } finally {
        await world().tidy();
        await cluster.stop();
      }
    },
    TEST_MS,
  );
});

/** The primary that holds a key; the slots are shared out evenly. */
async function primaryOf({ primaries }: TestRedisCluster, key: string): Promise<TestRedis> {
  const slot = Number(await primaries[0]?.client.call('CLUSTER', 'KEYSLOT', key));
  const primary = primaries[Math.floor((slot * primaries.length) / 16_384)];
  if (primary === undefined) throw new Error(`nobody holds ${key}`);
  return primary;
}
