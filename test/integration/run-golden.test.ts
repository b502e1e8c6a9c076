import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedis } from '../../src/adapters/redis/redis-connection.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { instant } from '../../src/core/time.ts';
import type { CloudEvent } from '../../src/core/triggers/trigger.ts';
import { eventually } from '../support/eventually.ts';
import { KAFKA_START_MS, startKafka, type KafkaUnderTest } from '../support/kafka/start-kafka.ts';
import { recordsOf } from '../support/listed-source.ts';
import { startRedis, type TestRedis } from '../support/redis/start-redis.ts';
import { runRecords } from '../support/run-records.ts';
import { IN_ORDER, feed, startWorker, storeIn, toldIn } from '../support/run-world.ts';
import { TEST_POLICY } from '../support/test-policy.ts';
import { isDone, tagsIn, windowsIn } from '../support/worker-world.ts';

/** The golden month (test/golden/month.test.ts). */
const MONTH = { people: 150, days: 31, seed: 12, startAt: instant(Date.UTC(2025, 0, 1)) };
const EXPECTED = new URL('../golden/expected/month.ndjson', import.meta.url);
const PARTITIONS = 4;

/** The golden file ends with the last record; the workers go on to the present. */
const LAST = '{"at":"2025-01-31T19:02:40.218Z';

/** A CloudEvent as the golden file has it. */
function goldenLine(text: string): string {
  const { id, subject: person, time: at, data } = JSON.parse(text) as CloudEvent;
  if (data['trigger'] !== undefined) return JSON.stringify({ at, person, trigger: data['trigger'], id });
  const { dimension, from, to, cause, nextChangeAt } = data;
  return JSON.stringify({ at, person, dimension, from, to, cause, next: nextChangeAt ?? 'never', id });
}

describe('the golden month through Kafka and Redis', () => {
  let kafka: KafkaUnderTest;
  let redis: TestRedis;
  beforeAll(async () => {
    [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
  }, KAFKA_START_MS);
  afterAll(async () => {
    await Promise.all([kafka.stop(), redis.stop()]);
  });

  it('is decided by one, two and three workers that come and go as by one process', async () => {
    const records = await recordsOf(simulatedSource(MONTH));
    await feed(kafka, 'golden', records, PARTITIONS);
    const at = { kafka: kafka.address, redis: redis.address, installation: 'golden' };
    const connection = await openRedis({ addresses: [redis.address], isCluster: false, timeoutMs: 5000 });
    const store = await storeIn(connection, 'golden', PARTITIONS, TEST_POLICY);
    const reached = (day: number) =>
      eventually(async () => (await store.progress()).every(({ until }) => until > Date.UTC(2025, 0, day)), {
        withinMs: 120_000,
      });

    const first = await startWorker(at, TEST_POLICY, IN_ORDER);
    await reached(8);
    const second = await startWorker(at, TEST_POLICY, IN_ORDER);
    await reached(14);
    const third = await startWorker(at, TEST_POLICY, IN_ORDER);
    await reached(20);
    await first.leave();
    await reached(26);
    await second.leave();
    // The rest of the time until today, with all its reviews.
    const today = instant(Date.now());
    await eventually(() => isDone(store, today), { withinMs: 120_000 });
    await third.leave();

    const told = [...(await toldIn(kafka, 'golden')).values()].map(goldenLine);
    const month = told.filter((line) => line.slice(0, LAST.length) <= LAST);
    expect(month.toSorted()).toEqual(readFileSync(EXPECTED, 'utf8').trimEnd().split('\n'));
    const alone = await runRecords(records, { until: today });
    expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
    expect(await tagsIn(store, TEST_POLICY)).toEqual(await tagsIn(alone.store, TEST_POLICY));
    await connection.close();
  }, 400_000);
});
