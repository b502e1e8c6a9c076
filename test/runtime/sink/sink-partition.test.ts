import { beforeAll, describe, expect, it } from 'vitest';
import { decodeDeadLetter, decodeDecision } from '../../../src/adapters/cloudevents/decode-sink-row.ts';
import { announcementEncoder } from '../../../src/adapters/cloudevents/encode-announcement.ts';
import { instant } from '../../../src/core/time.ts';
import { TidemarkError } from '../../../src/errors.ts';
import type { AnalyticsRows, AnalyticsWriter } from '../../../src/ports/analytics.ts';
import type { Assignment } from '../../../src/ports/partitioned-source.ts';
import type { SinkRow } from '../../../src/ports/sink-row.ts';
import type { Announcement } from '../../../src/ports/state-store.ts';
import type { WallClock } from '../../../src/ports/wall-clock.ts';
import { sinkPartition, type SinkEvent, type SinkPace } from '../../../src/runtime/sink/sink-partition.ts';
import { announcedBy } from '../../support/announced-by.ts';
import { CollectingAnalytics } from '../../support/collecting-analytics.ts';
import { Crash } from '../../support/crashing-store.ts';
import { eventually } from '../../support/eventually.ts';
import { HastyClock } from '../../support/hasty-clock.ts';
import { MemorySinkOffsets } from '../../support/memory-sink-offsets.ts';
import { MemoryTopics } from '../../support/memory-topics.ts';
import { rowsToldOf } from '../../support/rows-told-of.ts';
import { StillClock } from '../../support/still-clock.ts';
import { TEST_POLICY } from '../../support/test-policy.ts';

const TOPICS = ['tags', 'triggers', 'letters'];
const PACE: SinkPace = { rows: 64, chars: 1_000_000, lingerMs: 1000, retryAfterMs: 100 };
const REDIS_DOWN = new TidemarkError('REDIS_UNAVAILABLE', 'no answer', 'wait');

let announced: readonly Announcement[];
beforeAll(async () => {
  announced = await announcedBy({ people: 40, days: 40, seed: 7 });
});

function publish(topics: MemoryTopics<SinkRow>, announcements: readonly Announcement[], times = 1): void {
  const encode = announcementEncoder(TEST_POLICY);
  for (const each of announcements) {
    const isCall = each.kind === 'trigger' && !each.muted;
    const topic = each.kind === 'dead_letter' ? 'letters' : isCall ? 'triggers' : 'tags';
    for (let i = 0; i < times; i++) append(topics, topic, encode(each).text);
  }
}

function append(topics: MemoryTopics<SinkRow>, topic: string, text: string): void {
  const decoded = (topic === 'letters' ? decodeDeadLetter : decodeDecision)(text);
  const event = decoded.ok ? ({ ok: true, value: decoded.value.event } as const) : decoded;
  topics.append(`${topic}:0`, { receivedAt: instant(0), event, rows: 1 });
}

class World {
  readonly topics = new MemoryTopics<SinkRow>(1, 0, TOPICS);
  readonly told = new CollectingAnalytics();
  readonly events: SinkEvent[] = [];
  recordsRead = 0;
  /** Sinks that are at an end, whichever. */
  ended = 0;

  join(
    offsets: MemorySinkOffsets,
    clock: WallClock = new HastyClock(instant(0)),
    writer: (revoked: AbortSignal) => AnalyticsWriter = () => this.told,
    pace: SinkPace = PACE,
  ) {
    return this.topics.join((assignment) =>
      sinkPartition(this.counting(assignment), {
        ...{ offsets, clock, pace },
        openWriter: writer,
        onEvent: (event) => this.events.push(event),
      }).finally(() => (this.ended += 1)),
    );
  }

  isStored({ next }: MemorySinkOffsets): boolean {
    return TOPICS.every((topic) => next.get(`${topic}:0`) === this.topics.length(`${topic}:0`));
  }

  private counting(assignment: Assignment<SinkRow>): Assignment<SinkRow> {
    const count = (records: number): void => void (this.recordsRead += records);
    return {
      ...assignment,
      read: async function* (...args) {
        for await (const block of assignment.read(...args)) {
          count(block.records.length);
          yield block;
        }
      },
    };
  }
}

/** By what tells rows apart, as the views do. */
function distinct(rows: CollectingAnalytics['rows']): unknown {
  const { tag_transitions, trigger_events, dead_letters } = rows;
  const once = <R>(all: readonly R[], id: (row: R) => string) => new Map(all.map((row) => [id(row), row]));
  return {
    transitions: once(tag_transitions, (row) => row.transition_id),
    triggers: once(trigger_events, (row) => row.trigger_id),
    letters: once(dead_letters, (row) => `${row.source} ${row.offset}`),
  };
}

describe('the sink of a partition', () => {
  it('stores the rows that a run in one process writes, each once, and notes it', async () => {
    const world = new World();
    const offsets = new MemorySinkOffsets();
    publish(world.topics, announced);
    const member = await world.join(offsets);
    await eventually(() => world.isStored(offsets));
    await member.leave();
    const expected = await rowsToldOf(announced, TEST_POLICY);
    expect(distinct(world.told.rows)).toEqual(distinct(expected));
    expect(world.told.rows.tag_transitions).toEqual(expected.tag_transitions);
    expect(world.told.rows.dead_letters).toEqual(expected.dead_letters);
    expect(world.told.rows.trigger_events).toHaveLength(expected.trigger_events.length);
  });

  it('passes over what it cannot read, and says so', async () => {
    const world = new World();
    const offsets = new MemorySinkOffsets();
    append(world.topics, 'tags', 'nonsense');
    publish(world.topics, announced.slice(0, 20));
    append(world.topics, 'letters', '{}');
    const member = await world.join(offsets);
    await eventually(() => offsets.next.get('letters:0') === world.topics.length('letters:0'));
    await eventually(() => offsets.next.get('tags:0') === world.topics.length('tags:0'));
    await member.leave();
    const passedOver = world.events.filter((event) => event.kind === 'unreadable');
    expect(passedOver.map(({ record }) => record.source).sort()).toEqual(['letters:0', 'tags:0']);
    expect(distinct(world.told.rows)).toEqual(
      distinct(await rowsToldOf(announced.slice(0, 20), TEST_POLICY)),
    );
  });

  it('ends batches at multiples, and what is left once it has waited long enough', async () => {
    const world = new World();
    const clock = new StillClock();
    const offsets = new MemorySinkOffsets();
    const transitions = announced.filter(({ kind }) => kind === 'transition').slice(0, 150);
    publish(world.topics, transitions);
    const member = await world.join(offsets, clock);
    await eventually(() => offsets.next.get('tags:0') === 128 && clock.waiting === 1);
    clock.pass(PACE.lingerMs - 1);
    await eventually(() => clock.waiting === 1);
    expect(world.told.tokens).toHaveLength(2);
    clock.pass(1);
    await eventually(() => offsets.next.get('tags:0') === 150);
    await member.leave();
    expect(world.told.tokens).toHaveLength(3);
  });

  it('that dies between writing and noting writes the same batch again, under the same token', async () => {
    const world = new World();
    const clock = new StillClock();
    const transitions = announced.filter(({ kind }) => kind === 'transition').slice(0, 128);
    publish(world.topics, transitions);
    let isFatal = true;
    const offsets = new MemorySinkOffsets((call) => {
      if (call === 'advance' && isFatal) throw new Crash('before it was noted');
    });
    const dying = await world.join(offsets, clock);
    await eventually(() => world.told.tokens.length === 1);
    await expect(dying.leave()).rejects.toThrow('before it was noted');
    isFatal = false;
    const member = await world.join(offsets, clock);
    await eventually(() => offsets.next.get('tags:0') === 128);
    await member.leave();
    const [first, again, second, ...more] = world.told.tokens;
    expect([again, more]).toEqual([first, []]);
    expect(second).not.toBe(first);
  });

  it('loses nothing and stores nothing else through deaths, outages and messages that come twice', async () => {
    const world = new World();
    publish(world.topics, announced, 2);
    let calls = 0;
    const offsets = new MemorySinkOffsets((call) => {
      calls += 1;
      if (calls % 5 === 0) throw REDIS_DOWN;
      if (call === 'advance' && calls % 7 === 0) throw new Crash(`at call ${calls}`);
    });
    const pace = { ...PACE, rows: 16 };
    let deaths = 0;
    while (!world.isStored(offsets)) {
      const { ended } = world;
      const member = await world.join(offsets, new HastyClock(instant(0)), () => world.told, pace);
      await eventually(() => world.ended > ended || world.isStored(offsets));
      await member.leave().catch((error: unknown) => {
        expect(error).toBeInstanceOf(Crash);
        deaths += 1;
      });
    }
    expect(deaths).toBeGreaterThan(5);
    expect(world.events.some(({ kind }) => kind === 'outage')).toBe(true);
    expect(distinct(world.told.rows)).toEqual(distinct(await rowsToldOf(announced, TEST_POLICY)));
  });

  it('stores nothing else when the partition is another’s, too, and never notes less', async () => {
    const world = new World();
    const offsets = new MemorySinkOffsets();
    publish(world.topics, announced.slice(0, 300));
    let wake: () => void = () => undefined;
    const isAwake = new Promise<void>((resolve) => (wake = resolve));
    let isAsleep = false;
    const zombie = await world.join(offsets, new HastyClock(instant(0)), () => ({
      write: async (token, rows) => {
        isAsleep = true;
        await isAwake;
        await world.told.write(token, rows);
      },
    }));
    await eventually(() => isAsleep);
    await zombie.lose();
    publish(world.topics, announced.slice(300));
    const member = await world.join(offsets);
    await eventually(() => world.isStored(offsets));
    wake();
    await zombie.leave();
    expect(world.isStored(offsets)).toBe(true);
    await member.leave();
    expect(distinct(world.told.rows)).toEqual(distinct(await rowsToldOf(announced, TEST_POLICY)));
  });

  it('reads no more than a batch and a block ahead while ClickHouse is down, and goes on afterwards', async () => {
    const world = new World();
    const offsets = new MemorySinkOffsets();
    const transitions = announced.filter(({ kind }) => kind === 'transition');
    publish(world.topics, transitions, 5);
    let up: () => void = () => undefined;
    const isUp = new Promise<void>((resolve) => (up = resolve));
    let writes = 0;
    const writer = {
      write: async (token: string, rows: Partial<AnalyticsRows>) => {
        writes += 1;
        await isUp;
        await world.told.write(token, rows);
      },
    };
    const member = await world.join(offsets, new HastyClock(instant(0)), () => writer);
    await eventually(() => writes === 1);
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([writes, offsets.next.size]).toEqual([1, 0]);
    expect(world.recordsRead).toBeLessThanOrEqual(200);
    expect(world.topics.length('tags:0')).toBeGreaterThan(1000);
    up();
    await eventually(() => offsets.next.get('tags:0') === world.topics.length('tags:0'));
    await member.leave();
    expect(distinct(world.told.rows)).toEqual(distinct(await rowsToldOf(transitions, TEST_POLICY)));
  });

  it('gives the partition up while it waits for ClickHouse, and has noted nothing', async () => {
    const world = new World();
    const offsets = new MemorySinkOffsets();
    publish(world.topics, announced);
    let isWaiting = false;
    const member = await world.join(offsets, new HastyClock(instant(0)), (revoked) => ({
      write: () =>
        new Promise((_, reject) => {
          isWaiting = true;
          const end = () => reject(new TidemarkError('INTERRUPTED', 'stopped', 'start again'));
          revoked.addEventListener('abort', end);
        }),
    }));
    await eventually(() => isWaiting);
    await member.leave();
    expect(offsets.next.size).toBe(0);
  });

  it('gives the partition up while Redis is down', async () => {
    const world = new World();
    const offsets = new MemorySinkOffsets(() => {
      throw REDIS_DOWN;
    });
    const clock = new StillClock();
    const member = await world.join(offsets, clock);
    await eventually(() => clock.waiting === 1);
    await member.leave();
    expect(world.events).toEqual([{ kind: 'outage', partition: 0, error: REDIS_DOWN }]);
  });

  it('fails, with all of its sources, where the rows are refused', async () => {
    const world = new World();
    publish(world.topics, announced);
    const refused = new TidemarkError('DATABASE_WRITE', 'no such table', 'migrate');
    const member = await world.join(new MemorySinkOffsets(), new HastyClock(instant(0)), () => ({
      write: (_, { dead_letters: letters = [] }) =>
        letters.length > 0 ? Promise.reject(refused) : Promise.resolve(),
    }));
    await eventually(() => world.ended === 1);
    await expect(member.leave()).rejects.toBe(refused);
  });
});
