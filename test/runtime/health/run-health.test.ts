import { describe, expect, it } from 'vitest';
import { instant, plus, type Instant } from '../../../src/core/time.ts';
import type { Assignment, SourceBlock } from '../../../src/ports/partitioned-source.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import { RunHealth } from '../../../src/runtime/health/run-health.ts';
import { memoryStore } from '../../support/run-records.ts';

class Clock {
  at: Instant = instant(0);
  readonly now = (): Instant => this.at;
  pass(ms: number): void {
    this.at = plus(this.at, ms);
  }
}

function healthOf() {
  const clock = new Clock();
  const health = new RunHealth(clock.now, ['worker']);
  health.joined('worker');
  return { clock, health, held: health.hold('worker', 3) };
}

describe('readiness', () => {
  it('comes once every role is in its group, and goes when it stops', () => {
    const health = new RunHealth(new Clock().now, ['worker', 'sink']);
    health.joined('worker');
    expect(health.unready()).toEqual([{ reason: 'joining', role: 'sink' }]);
    health.joined('sink');
    expect(health.unready()).toEqual([]);
    health.stopping();
    expect(health.unready()).toEqual([{ reason: 'stopping' }]);
  });

  it('is gone while an outage lasts, which begins and ends once', () => {
    const { clock, health, held } = healthOf();
    expect(held.waits('turn', 'REDIS_UNAVAILABLE')).toBe(true);
    clock.pass(5000);
    expect(held.waits('turn', 'REDIS_UNAVAILABLE')).toBe(false);
    expect(health.unready()).toEqual([
      { reason: 'outage', role: 'worker', partition: 3, code: 'REDIS_UNAVAILABLE', forMs: 5000 },
    ]);
    expect(held.goesOn('turn')).toMatchObject({ code: 'REDIS_UNAVAILABLE', since: 0 });
    expect(held.goesOn('turn')).toBeUndefined();
    expect(health.unready()).toEqual([]);
  });

  it('does not wait for the outages of partitions that are gone', () => {
    const { health, held } = healthOf();
    held.waits('turn', 'KAFKA_UNAVAILABLE');
    health.release(held);
    expect(health.unready()).toEqual([]);
  });

  it('is gone while Kafka does not take in what it is told', async () => {
    const { clock, health, held } = healthOf();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const published = held.watchPublisher({ publish: () => answered }).publish([]);
    clock.pass(90_000);
    expect(health.unready()).toEqual([{ reason: 'telling', role: 'worker', partition: 3, forMs: 90_000 }]);
    expect(health.dead()).toEqual([]);
    answer();
    await published;
    expect(health.unready()).toEqual([]);
  });
});

describe('liveness', () => {
  it('is gone when a partition of a worker was not seen for a minute, and only then', () => {
    const { clock, health, held } = healthOf();
    clock.pass(60_000);
    expect(health.dead()).toEqual([]);
    clock.pass(1);
    expect(health.dead()).toEqual([{ reason: 'silent', role: 'worker', partition: 3, forMs: 60_001 }]);
    held.seen();
    expect(health.dead()).toEqual([]);
  });

  it('outlasts any outage', () => {
    const { clock, health, held } = healthOf();
    for (let tries = 0; tries < 100; tries++) {
      held.waits('turn', 'REDIS_UNAVAILABLE');
      clock.pass(6000);
    }
    expect(health.dead()).toEqual([]);
  });

  it('takes the answers of the store for signs of life: some steps of a loop read everybody', async () => {
    const { clock, health, held } = healthOf();
    const commits: number[] = [];
    const store = held.watchStore(memoryStore(4), (tookMs) => commits.push(tookMs));
    clock.pass(50_000);
    expect((await store.claim(3)).partition).toBe(3);
    clock.pass(50_000);
    expect(health.dead()).toEqual([]);
    expect(store.partitions).toBe(4);
    expect(await store.commit([])).toBe('committed');
    expect(commits).toHaveLength(1);
  });
});

describe('the lag in records', () => {
  const record = (offset: number) => ({ source: 'events:3', offset }) as SourceRecord<never>;
  const block = (offsets: readonly number[], behind: number): SourceBlock<never> => ({
    ...{ records: offsets.map(record), behind },
    next: (offsets.at(-1) ?? 0) + 1,
  });

  function watched(blocks: readonly SourceBlock<never>[]) {
    const { held } = healthOf();
    const passedOn: unknown[] = [];
    const assignment: Assignment<never> = {
      ...{ partition: 3, sources: ['events:3'], factSources: [], revoked: new AbortController().signal },
      read: async function* () {
        for (const one of blocks) yield await Promise.resolve(one);
      },
      processed: (offsets) => passedOn.push(offsets),
    };
    const read: number[] = [];
    return {
      held,
      read,
      passedOn,
      assignment: held.watch(assignment, (_kind, records) => read.push(records)),
    };
  }

  it('is what lay behind the last block, and what is in hand', async () => {
    const { held, read, passedOn, assignment } = watched([block([0, 1, 2], 10), block([3, 4], 0)]);
    const blocks = assignment.read('events:3', 0)[Symbol.asyncIterator]();
    await blocks.next();
    expect(held.behind).toEqual({ events: 13 });
    assignment.processed({ 'events:3': 2, 'other:3 forwarded': 9 });
    expect(held.behind).toEqual({ events: 11 });
    await blocks.next();
    expect(held.behind).toEqual({ events: 3 });
    assignment.processed({ 'events:3': 5 });
    expect(held.behind).toEqual({ events: 0 });
    expect(read).toEqual([3, 2]);
    expect(passedOn).toHaveLength(2);
  });

  it('does not take gaps in the offsets for records', async () => {
    const { held, assignment } = watched([block([0, 500], 0), block([], 0)]);
    const blocks = assignment.read('events:3', 0)[Symbol.asyncIterator]();
    await blocks.next();
    expect(held.behind).toEqual({ events: 2 });
    assignment.processed({ 'events:3': 501 });
    await blocks.next();
    expect(held.behind).toEqual({ events: 0 });
  });
});
