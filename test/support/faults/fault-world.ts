import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import { DAY_MS, instant, plus } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import { KAFKA_START_MS, startOwnKafka, type OwnKafka } from '../kafka/start-kafka.ts';
import { recordsOf } from '../listed-source.ts';
import { startRedis, type TestRedis } from '../redis/start-redis.ts';
import type { WorkerPlace } from '../run-world.ts';
import { Installation } from './installation.ts';
import type { Verdict } from './verdict.ts';

const TODAY = instant(Math.floor(Date.now() / DAY_MS) * DAY_MS);
/** Lately, so that little time is left to pass once everything is read. */
export const HISTORY_STARTS_AT = instant(TODAY - 40 * DAY_MS);
const HISTORY = { people: 30, days: 34, seed: 3, startAt: HISTORY_STARTS_AT };
const RECORDS = 800;
const HALFWAY = plus(HISTORY_STARTS_AT, 4 * DAY_MS);

/** For the tests of a file; started before the first of them, and ended after the last. */
export function sharedFaultWorld(): () => FaultWorld {
  let world: FaultWorld | undefined;
  beforeAll(async () => {
    world = await FaultWorld.start();
  }, KAFKA_START_MS);
  afterEach(() => world?.tidy());
  afterAll(() => world?.stop());
  return () => {
    if (world === undefined) throw new Error('asked for before the tests begin');
    return world;
  };
}

/** Servers that the tests of a file share, and installations on them that each test has for itself. */
export class FaultWorld {
  readonly kafka: OwnKafka;
  readonly redis: TestRedis;
  /** What installations are fed with unless told otherwise. */
  readonly records: readonly SourceRecord[];
  private readonly opened: Installation[] = [];

  private constructor(kafka: OwnKafka, redis: TestRedis, records: readonly SourceRecord[]) {
    this.kafka = kafka;
    this.redis = redis;
    this.records = records;
  }

  static async start(): Promise<FaultWorld> {
    const [kafka, redis, records] = await Promise.all([
      startOwnKafka(),
      startRedis({ appendonly: 'yes', appendfsync: 'always' }),
      recordsOf(simulatedSource(HISTORY)),
    ]);
    return new FaultWorld(kafka, redis, records.slice(0, RECORDS));
  }

  /** `place` says how its processes reach the servers, where that is not directly. */
  async open(
    name: string,
    records = this.records,
    place: Partial<WorkerPlace> = {},
    redis: WorkerPlace['redis'] = this.redis.address,
  ): Promise<Installation> {
    const installation = await Installation.open(this.kafka, redis, name, records, { redis, ...place });
    this.opened.push(installation);
    return installation;
  }

  /** One that comes to the present decides as one process does that reads the raw events alone. */
  async expectAsAlone(installation: Installation, events = this.records.length): Promise<Verdict> {
    const verdict = await installation.verdict();
    expect(verdict.violations).toEqual([]);
    expect(verdict.counts.events).toBe(events);
    return verdict;
  }

  /** Some hundred records are in, and some hundred are not. */
  halfway(installation: Installation): Promise<void> {
    return installation.reached(HALFWAY);
  }

  /** Ends what a test left running. */
  async tidy(): Promise<void> {
    for (const installation of this.opened.splice(0)) await installation.close();
  }

  async stop(): Promise<void> {
    await this.tidy();
    await Promise.all([this.kafka.stop(), this.redis.stop()]);
  }
}
