import { describe, expect, it } from 'vitest';
import { AT_FIRST, planFaults } from './fault-plan.ts';

const TEN_MINUTES_MS = 600_000;

describe('the plan of faults', () => {
  it('is a function of the seed', () => {
    expect(planFaults(7, TEN_MINUTES_MS)).toEqual(planFaults(7, TEN_MINUTES_MS));
    expect(planFaults(7, TEN_MINUTES_MS)).not.toEqual(planFaults(8, TEN_MINUTES_MS));
  });

  it('has every kind in ten minutes, of every role, in order, and all are over at the end', () => {
    const plan = planFaults(20_260, TEN_MINUTES_MS);
    const kinds = new Set(plan.map(({ kind, of }) => (of === undefined ? kind : `${of} ${kind}`)));
    expect([...kinds].toSorted()).toEqual(
      [
        ...['killed', 'paused', 'stopped'].flatMap((kind) => AT_FIRST.map((role) => `${role} ${kind}`)),
        ...['worker-3 joined', 'sink-2 joined'],
        ...['redis killed', 'redis paused', 'redis rolled back', 'redis answers lost'],
        ...['kafka killed', 'kafka paused'],
        ...['clickhouse down', 'clickhouse killed', 'clickhouse answers lost'],
      ].toSorted(),
    );
    expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(plan.filter(({ atMs, lastsMs }) => atMs + lastsMs > TEN_MINUTES_MS)).toEqual([]);
    expect(plan.length).toBeGreaterThan(200);
  });

  it('has one fault of processes at a time, and one of servers', () => {
    for (const ofRoles of [true, false]) {
      const track = planFaults(3, TEN_MINUTES_MS).filter(({ of }) => (of !== undefined) === ofRoles);
      const overlapping = track.filter(({ atMs }, i) => {
        const before = track[i - 1];
        return before !== undefined && before.atMs + before.lastsMs > atMs;
      });
      expect(overlapping).toEqual([]);
    }
  });
});
