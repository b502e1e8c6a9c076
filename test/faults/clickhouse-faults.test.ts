import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClickhouseServerOptions } from '../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { LocalClickhouse } from '../support/clickhouse/local-clickhouse.ts';
import { eventually } from '../support/eventually.ts';
import { FastClock } from '../support/faults/fast-clock.ts';
import { FaultWorld } from '../support/faults/fault-world.ts';
import type { Installation } from '../support/faults/installation.ts';
import type { StopAt } from '../support/faults/role-process.ts';
import { judgeStored, newDatabase } from '../support/faults/stored-rows.ts';
import { KAFKA_START_MS } from '../support/kafka/start-kafka.ts';
import { messagesIn } from '../support/kafka/messages-in.ts';
import { SINK_PACE, startSink } from '../support/run-sink.ts';
import { topicsOf } from '../support/run-world.ts';

const TEST_MS = 180_000;
/** Of the sink's minutes in the machine's. */
const SPEED = 60;
const DOWN_MS = 5 * MINUTE_MS;
const READ_AHEAD_BYTES = 1024;

let world: FaultWorld;
let clickhouse: LocalClickhouse;
beforeAll(async () => {
  [world, clickhouse] = await Promise.all([FaultWorld.start(), LocalClickhouse.start()]);
}, KAFKA_START_MS);
afterEach(() => world.tidy());
afterAll(async () => {
  await world.stop();
  await clickhouse.close();
});

/** Analysts see each row once, and what they see is what one process would have written. */
async function expectRowsOnce(installation: Installation, database: ClickhouseServerOptions): Promise<void> {
  await installation.caughtUp();
  await installation.stored();
  const { alone } = await world.expectAsAlone(installation);
  const { rows, violations } = await judgeStored(clickhouse, database, alone);
  expect(violations).toEqual([]);
  expect(rows).toBeGreaterThan(50);
}

describe('a sink that is killed with SIGKILL', () => {
  const STEPS: readonly Omit<StopAt, 'call'>[] = [
    { step: 'read', when: 'after' },
    { step: 'write', when: 'before' },
    { step: 'write', when: 'after' },
    { step: 'advance', when: 'after' },
  ];

  it.each(STEPS)(
    '$when its step "$step" loses no row and shows none twice',
    async ({ step, when }) => {
      const database = await newDatabase(clickhouse);
      const installation = await world.open(`sink-${when}-${step}`);
      const worker = installation.worker();
      // Of three partitions there are at least so many batches, whatever was read at once.
      for (const call of [1, 2, 1]) {
        const sink = await installation.sink(database, { step, when, call });
        expect(await sink.ended).toBe('SIGKILL');
      }
      await worker;
      await installation.sink(database);
      await expectRowsOnce(installation, database);
    },
    TEST_MS,
  );
});

describe('a worker and a sink', () => {
  it(
    'have every row once whose insert was done and not answered',
    async () => {
      const database = await newDatabase(clickhouse);
      const installation = await world.open('answers-lost');
      let outages = 0;
      const sink = await startSink({ ...installation.place, clickhouse: database }, SINK_PACE, {
        onOutage: () => (outages += 1),
      });
      installation.joined(sink);
      await installation.worker();
      for (let rounds = 1; rounds <= 4; rounds++) {
        await clickhouse.loseAnswers(2);
        await eventually(() => outages >= 2 * rounds, { withinMs: 60_000 });
      }
      await expectRowsOnce(installation, database);
    },
    TEST_MS,
  );

  it(
    'go on telling while ClickHouse is down for five minutes, hold little of it, and then have every row once',
    async () => {
      const database = await newDatabase(clickhouse);
      const proxy = await world.kafka.startProxy();
      let taken = 0;
      proxy.onAnswer = (answer) => (taken += answer.toString('latin1').split('"specversion"').length - 1);
      const installation = await world.open('down');
      const clock = new FastClock(SPEED);
      const outages: Instant[] = [];
      const place = { ...installation.place, kafka: proxy.address, clickhouse: database };
      const sink = await startSink(place, SINK_PACE, {
        clock,
        onOutage: () => outages.push(clock.now()),
        readAhead: { readAheadBytes: READ_AHEAD_BYTES, maxFetchBytes: READ_AHEAD_BYTES },
      });
      installation.joined(sink);
      await clickhouse.goDown();
      await installation.worker();
      await eventually(() => outages.length > 0, { withinMs: 60_000 });
      const [downAt = clock.now()] = outages;
      await installation.caughtUp();
      await eventually(() => clock.now() > downAt + DOWN_MS, { withinMs: 60_000 });
      // Everything is told, and little of it was taken in by then.
      const { tags, triggers } = topicsOf(installation.name);
      const told = [...(await messagesIn(world.kafka, tags)), ...(await messagesIn(world.kafka, triggers))];
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThan(told.length / 2);
      await clickhouse.comeUp();
      await expectRowsOnce(installation, database);
      await proxy.close();
    },
    TEST_MS,
  );
});
