import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryStateStore } from '../../../src/adapters/memory/memory-state-store.ts';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import { decodeSegment } from '../../../src/adapters/segment/decode-segment.ts';
import { ok } from '../../../src/core/result.ts';
import { seededRandom } from '../../../src/core/seeded-random.ts';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { NO_TAG, type Policy } from '../../../src/core/tagging/policy.ts';
import type { Transition } from '../../../src/core/tagging/transition.ts';
import type { ModelSource } from '../../../src/runtime/serving/model-source.ts';
import { someScorer } from '../../support/a-scorer.ts';
import { rulebookOf } from '../../../src/core/tagging/rulebook.ts';
import { DAY_MS, HOUR_MS, instant, isoOf, plus } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import type { StateStore } from '../../../src/ports/state-store.ts';
import { SweepTurns } from '../../../src/runtime/worker/sweep-turns.ts';
import { workOnPartition, type WorkerPace } from '../../../src/runtime/worker/partition-worker.ts';
import { eventually } from '../../support/eventually.ts';
import { failingPublisher, failingStore, type Chance } from '../../support/failing-world.ts';
import { HastyClock } from '../../support/hasty-clock.ts';
import { recordsOf } from '../../support/listed-source.ts';
import type { Membership } from '../../support/memory-topics.ts';
import { memoryStore, runRecords, type Run } from '../../support/run-records.ts';
import { TEST_POLICY } from '../../support/test-policy.ts';
import {
  STRICT,
  Told,
  expectDecisionsOf,
  isDone,
  tagsIn,
  topicsWith,
  windowsIn,
} from '../../support/worker-world.ts';

const HISTORY = { people: 40, days: 40, seed: 7, startAt: instant(Date.UTC(2025, 0, 10)) };
const PRESENT = instant(Date.UTC(2025, 1, 25));

let records: readonly SourceRecord[];
let alone: Run;

beforeAll(async () => {
  records = (await recordsOf(simulatedSource(HISTORY))).slice(0, 1500);
  alone = await runRecords(records, { announceRows: 1, until: PRESENT });
});

/** All of them looked at something once, long ago, one after the other. */
function crowdThatLooked(people: number, apartMs = 0): SourceRecord[] {
  const first = plus(PRESENT, -100 * DAY_MS);
  return Array.from({ length: people }, (_, i) => {
    const at = plus(first, i * apartMs);
    const text = JSON.stringify({
      ...{ type: 'track', event: 'Product Viewed', messageId: `m${i}`, userId: `p${i}` },
      ...{ timestamp: isoOf(at), receivedAt: isoOf(at), properties: { product_id: 'x' } },
    });
    const decoded = decodeSegment(text);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    const { event } = decoded.value;
    return { source: 'events', offset: i, receivedAt: at, event: ok(event), rows: 1, place: '' };
  });
}

interface World {
  readonly store: MemoryStateStore;
  readonly told: Told;
  readonly join: (chance?: Chance, works?: (partition: number) => boolean) => Promise<Membership>;
}

interface WorldOptions {
  readonly factsLagTurns?: number;
  readonly topics?: readonly string[];
  readonly policy?: Policy;
  readonly models?: ModelSource;
}

function worldOf(partitions: number, pace: WorkerPace, options: WorldOptions = {}): World {
  const { factsLagTurns = 0, policy = TEST_POLICY, models } = options;
  const topics = topicsWith(records, partitions, factsLagTurns, options.topics);
  const store = memoryStore(partitions, policy);
  const told = new Told(topics);
  const clock = new HastyClock(PRESENT);
  const rulebook = rulebookOf(policy);
  const join: World['join'] = (chance = () => 'not', works = () => true) =>
    topics.join((assignment) =>
      works(assignment.partition)
        ? workOnPartition(assignment, {
            ...{ rulebook, clock, pace, models, muteTriggers: false },
            store: failingStore(store, chance),
            publisher: failingPublisher(told, chance),
          })
        : untilRevoked(assignment.revoked),
    );
  return { store, told, join };
}

function untilRevoked(revoked: AbortSignal): Promise<void> {
  return new Promise((resolve) => revoked.addEventListener('abort', () => resolve()));
}

/** Fails once in so many calls, from a seed. */
function onceIn(calls: number, seed: number): Chance {
  const random = seededRandom(seed, 'chance');
  return () => {
    const roll = random.uniform() * calls * 2;
    return roll < 1 ? 'before' : roll < 2 ? 'after' : 'not';
  };
}

const done = (store: MemoryStateStore) => eventually(() => isDone(store, PRESENT), { withinMs: 50_000 });

describe('workers that take everything in the order of arrival', () => {
  it.each([
    [1, 1],
    [3, 1],
    [3, 2],
    [4, 3],
  ])('of %i partitions, %i of them: decide what one process decides', async (partitions, workers) => {
    const { store, told, join } = worldOf(partitions, STRICT);
    const members: Membership[] = [];
    for (let i = 0; i < workers; i++) members.push(await join());
    await done(store);
    for (const { leave } of members) await leave();
    expectDecisionsOf(alone, told);
    expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
  });

  it('decide the same when what they tell one another takes its time', async () => {
    const { store, told, join } = worldOf(4, STRICT, { factsLagTurns: 25 });
    const { leave } = await join();
    await done(store);
    await leave();
    expectDecisionsOf(alone, told);
  });

  it.each([1, 3])(
    'of %i partitions, read several topics of events as if they were one',
    async (partitions) => {
      const { store, told, join } = worldOf(partitions, STRICT, { topics: ['clicks', 'orders', 'others'] });
      const { leave } = await join();
      await done(store);
      await leave();
      expectDecisionsOf(alone, told);
    },
  );

  it('score people as one process does, also when they begin anew again and again', async () => {
    const policy = await loadPolicy(defaultPolicyPath());
    const scorer = await someScorer(policy);
    const models = { latest: () => Promise.resolve(scorer) };
    const scored = await runRecords(records, { announceRows: 1, until: PRESENT, policy, models });
    for (const chance of [undefined, onceIn(40, 1)]) {
      const { store, told, join } = worldOf(3, STRICT, { policy, models });
      const { leave } = await join(chance);
      await done(store);
      await leave();
      expectDecisionsOf(scored, told);
      expect(await windowsIn(store)).toEqual(await windowsIn(scored.store));
    }
  });

  it('come and go meanwhile', async () => {
    const { store, told, join } = worldOf(4, STRICT);
    const first = await join();
    await eventually(() => told.transitions.size > 20);
    const second = await join();
    await eventually(() => told.transitions.size > 60);
    await first.leave();
    const third = await join();
    await eventually(() => told.transitions.size > 100);
    await second.leave();
    await done(store);
    await third.leave();
    expectDecisionsOf(alone, told);
  });

  it('decide the same beside zombies, which the group holds for dead and who work on', async () => {
    const { store, told, join } = worldOf(4, STRICT);
    const zombie = await join();
    const other = await join();
    await eventually(() => told.transitions.size > 40);
    await zombie.lose();
    await eventually(() => told.transitions.size > 80);
    await zombie.leave();
    await done(store);
    await other.leave();
    expectDecisionsOf(alone, told);
  });

  it('decide the same through outages of every call, before and after it was carried out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 12, max: 90 }),
        fc.integer({ min: 1, max: 4 }),
        async (seed, calls, partitions) => {
          const { store, told, join } = worldOf(partitions, STRICT);
          const one = await join(onceIn(calls, seed));
          const other = await join(onceIn(calls, seed + 1));
          await done(store);
          await one.leave();
          await other.leave();
          expectDecisionsOf(alone, told);
          expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe('workers that take what is there', () => {
  const LOOSE: WorkerPace = { ...STRICT, maxSkewMs: 40 * DAY_MS };

  it('of several topics of events let nothing depend on which is read first', async () => {
    const { store, join } = worldOf(1, LOOSE, { topics: ['clicks', 'orders'] });
    const { leave } = await join();
    await done(store);
    await leave();
    expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
    expect(await tagsIn(store, TEST_POLICY)).toEqual(await tagsIn(alone.store, TEST_POLICY));
  });

  it('lose nothing and count nothing twice, through outages, and leave nothing untold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.integer({ min: 12, max: 90 }),
        fc.constantFrom(0.01, 1, 40),
        async (seed, calls, skewDays) => {
          const { store, told, join } = worldOf(4, { ...LOOSE, maxSkewMs: skewDays * DAY_MS });
          const one = await join(onceIn(calls, seed));
          const other = await join(onceIn(calls, seed + 1));
          await done(store);
          await one.leave();
          await other.leave();
          expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
          expect(told.tags()).toEqual(await tagsIn(store, TEST_POLICY));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('catch up on a past with long gaps in it without waiting for the clock on the wall', async () => {
    const viewed = crowdThatLooked(800, 1.1 * HOUR_MS);
    const topics = topicsWith(viewed, 3);
    const store = memoryStore(3, TEST_POLICY);
    const clock = { now: () => PRESENT, wait: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const pace = { ...LOOSE, lingerMs: 0, maxSkewMs: HOUR_MS };
    const rulebook = rulebookOf({ ...TEST_POLICY, reviewEvery: 'quarter' });
    const { leave } = await topics.join((assignment) =>
      workOnPartition(assignment, {
        ...{ rulebook, clock, store, pace, muteTriggers: false },
        publisher: new Told(topics),
      }),
    );
    await eventually(async () => (await store.size()) === viewed.length);
    await leave();
  });

  it('tell what a long pass over everybody leads to meanwhile, and give it up when the partition is revoked', async () => {
    const people = 5_000;
    const viewed = crowdThatLooked(people);
    const topics = topicsWith(viewed, 1);
    const store = memoryStore(1, TEST_POLICY);
    const told = new Told(topics);
    const clock = new HastyClock(PRESENT);
    const rulebook = rulebookOf(TEST_POLICY);
    const looking = { partition: 0, token: '', offsets: {}, clock: PRESENT, scoredBy: '' };
    let untoldAtMost = 0;
    let leaving: Promise<void> | undefined;
    const isLost = ({ to, cause }: Transition) => cause === 'time' && to === NO_TAG;
    const lost = () => [...told.transitions.values()].filter(isLost).length;
    const join = (): Promise<Membership> =>
      topics.join((assignment) =>
        workOnPartition(assignment, {
          ...{ rulebook, clock, store, pace: LOOSE, muteTriggers: false },
          publisher: {
            publish: async (entries) => {
              untoldAtMost = Math.max(untoldAtMost, (await store.outbox(looking, Infinity)).length);
              await told.publish(entries);
              if (lost() > 0) leaving ??= first.leave();
            },
          },
        }),
      );
    const first = await join();
    await eventually(() => leaving !== undefined);
    await leaving;
    expect(lost()).toBeLessThan(people / 2);
    const second = await join();
    await eventually(() => lost() === people);
    await second.leave();
    expect(untoldAtMost).toBeLessThan(people / 2);
  });

  it('of one process let time pass for crowds of the silent in one partition at a time, and in the end for all', async () => {
    const people = 2_000;
    const topics = topicsWith(crowdThatLooked(people), 4);
    const store = memoryStore(4, TEST_POLICY);
    const told = new Told(topics);
    const clock = new HastyClock(PRESENT);
    const sweeps = new SweepTurns(clock);
    const rulebook = rulebookOf({ ...TEST_POLICY, reviewEvery: 'quarter' });
    let atIt = 0;
    let atItAtMost = 0;
    const due: StateStore['due'] = async (claim, until, limit) => {
      const isSweep = limit > LOOSE.sweepPeople && until > plus(PRESENT, -DAY_MS);
      if (isSweep) atItAtMost = Math.max(atItAtMost, (atIt += 1));
      await new Promise((resolve) => setImmediate(resolve));
      if (isSweep) atIt -= 1;
      return store.due(claim, until, limit);
    };
    const { leave } = await topics.join((assignment) =>
      workOnPartition(assignment, {
        ...{ rulebook, clock, sweeps, pace: LOOSE, muteTriggers: false, publisher: told },
        store: new Proxy(store, {
          get: (target, name) => {
            const member: unknown = name === 'due' ? due : Reflect.get(target, name);
            return typeof member === 'function' ? (member.bind(target) as unknown) : member;
          },
        }),
      }),
    );
    const lost = () =>
      [...told.transitions.values()].filter(({ cause, to }) => cause === 'time' && to === NO_TAG);
    // The review in between passes over everybody: only what comes after it, up to now, is worked on in crowds.
    await done(store);
    await leave();
    expect(lost().length).toBe(people);
    expect(atItAtMost).toBe(1);
  });

  it('let no time pass for the silent while another partition is behind, and then all of it at its own instants', async () => {
    const { store, told, join } = worldOf(
      2,
      { ...LOOSE, maxSkewMs: Infinity },
      { policy: { ...TEST_POLICY, reviewEvery: 'quarter' } },
    );
    const looking = { partition: 0, token: '', offsets: {}, clock: PRESENT, scoredBy: '' };
    const early = await join(undefined, (partition) => partition === 0);
    const before = instant(Date.UTC(2025, 0, 31));
    await eventually(async () => ((await store.progress())[0]?.until ?? 0) >= before);
    // Time has come as far as people's own events brought it.
    const waiting = await store.due(looking, before, 100);
    expect(waiting.length).toBeGreaterThan(0);
    const transitionsBefore = told.transitions.size;
    await eventually(async () => (await store.due(looking, before, 100)).length === waiting.length);
    expect(told.transitions.size).toBe(transitionsBefore);
    await early.leave();
    const all = await join();
    await done(store);
    await all.leave();
    expect(await store.due(looking, PRESENT, 100)).toEqual([]);
  });
});
