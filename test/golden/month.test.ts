import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, isoOf } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { CollectingAnalytics } from '../support/collecting-analytics.ts';
import { CrashingAnalytics } from '../support/crashing-analytics.ts';
import { stateIn } from '../support/committed-state.ts';
import { Crash, CrashingStore, everyNth, liveUntilDone, onceAt } from '../support/crashing-store.ts';
import { recordsOf } from '../support/listed-source.ts';
import { delayedRecords, punctualRecords } from '../support/rearranged-records.ts';
import { memoryStore, runRecords, type Run, type RunOptions } from '../support/run-records.ts';
import { TEST_POLICY, withoutMemory } from '../support/test-policy.ts';

const EXPECTED = new URL('expected/month.ndjson', import.meta.url);
/** A month of a small marketplace in which every cause occurs. */
const MONTH = { people: 150, days: 31, seed: 12, startAt: instant(Date.UTC(2025, 0, 1)) };

let records: readonly SourceRecord[];
let straight: Run;

beforeAll(async () => {
  records = await recordsOf(simulatedSource(MONTH));
  straight = await runRecords(records);
});

describe('the golden month', () => {
  it('holds every cause there is without an edit of the policy', () => {
    expect(Object.keys(straight.result.tally.transitions.byCause).sort()).toEqual(
      ['event', 'late_event', 'merge', 'population', 'refund', 'time'].sort(),
    );
    expect(Object.keys(straight.result.tally.triggers).sort()).toEqual(
      TEST_POLICY.triggers.map(({ name }) => name).sort(),
    );
  });

  it('is the one on record (UPDATE_GOLDEN=1 writes it anew)', () => {
    const lines = linesOf(straight.told);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(EXPECTED, `${lines.join('\n')}\n`);
    expect(lines).toEqual(readFileSync(EXPECTED, 'utf8').trimEnd().split('\n'));
  });

  const shapes: readonly RunOptions[] = [
    { turnRecords: 1 },
    { turnRecords: 7 },
    { turnRecords: 1000, blockRecords: 333 },
    { turnRecords: 7, partitions: 4, cachePeople: 1 },
    { turnRecords: 1000, partitions: 4, announceRows: 1 },
    { turnRecords: 16_384, cachePeople: 0 },
    { turnRecords: 100_000, partitions: 3, blockRecords: 100_000, cachePeople: 100_000 },
  ];
  it.each(shapes)('is the same for %o', async (shape) => {
    const run = await runRecords(records, shape);
    expectSame(run.told);
    const { events, transitions, triggers } = run.result.tally;
    expect({ events, transitions, triggers }).toEqual({
      events: straight.result.tally.events,
      transitions: straight.result.tally.transitions,
      triggers: straight.result.tally.triggers,
    });
    expect(run.result.tags).toEqual(straight.result.tags);
    expect(run.told.rows.tag_transitions.length).toBe(straight.told.rows.tag_transitions.length);
  });

  it('run again over the same state adds nothing', async () => {
    const again = await runRecords(records, { store: straight.store, turnRecords: 77 });
    expect(again.told.rows.tag_transitions).toEqual([]);
    expect(again.told.rows.trigger_events).toEqual([]);
    expect(again.told.rows.dead_letters).toEqual([]);
    expect(again.result.tally.events.duplicate).toBe(records.length);
    expect(again.result.tags).toEqual(straight.result.tags);
    expect(byKey(again.told)).toEqual({
      ...byKey(straight.told),
      transitions: [],
      triggers: [],
      letters: [],
    });
  });
});

describe('the golden month told every four hours, also in the moment of a review', () => {
  it('is the same however it is cut', async () => {
    const STEP_MS = 4 * HOUR_MS;
    const coarse = records.map((record) => ({
      ...record,
      receivedAt: instant(Math.ceil(record.receivedAt / STEP_MS) * STEP_MS),
    }));
    const one = await runRecords(coarse, { blockRecords: 1 });
    const reviewedAt = (await one.store.populationInputs(NEVER))?.since;
    expect(coarse.some(({ receivedAt }) => receivedAt === reviewedAt)).toBe(true);
    for (const blockRecords of [7, 333, 100_000]) {
      const other = await runRecords(coarse, { blockRecords, partitions: 3 });
      expect(byKey(other.told)).toEqual(byKey(one.told));
    }
  });
});

describe('the golden month with a crash', () => {
  const crashes = [
    { every: 1, when: 'after', turnRecords: 300, partitions: 1 },
    { every: 1, when: 'after', turnRecords: 1000, partitions: 4 },
    { every: 2, when: 'before', turnRecords: 300, partitions: 4 },
    { every: 2, when: 'after', turnRecords: 100, partitions: 1 },
    { every: 3, when: 'before', turnRecords: 100, partitions: 1 },
    { every: 10, when: 'after', turnRecords: 50, partitions: 4 },
    { every: 97, when: 'before', turnRecords: 7, partitions: 1 },
    { every: 211, when: 'after', turnRecords: 7, partitions: 4 },
  ] as const;

  it.each(crashes)(
    '$when each $every commits of $turnRecords records, in $partitions partitions',
    async (crash) => {
      const { every, when, turnRecords, partitions } = crash;
      const store = memoryStore(partitions);
      const told = new CollectingAnalytics();
      const fate = everyNth(every, when);
      const lives = await liveUntilDone(() =>
        runRecords(records, { store: new CrashingStore(store, fate), analytics: told, turnRecords }),
      );
      expect(lives).toBeGreaterThan(2);
      expectSame(told);
    },
  );

  const SHAPE = { turnRecords: 250, partitions: 2 } as const;
  it(`at each single commit of ${SHAPE.turnRecords} records, before and after it`, async () => {
    const whole = memoryStore(SHAPE.partitions);
    const counting = new CrashingStore(whole, onceAt(Infinity, 'after'));
    await runRecords(records, { ...SHAPE, store: counting });
    expect(counting.writes).toBeGreaterThanOrEqual(20);
    for (let k = 1; k <= counting.writes; k++) {
      for (const when of ['before', 'after'] as const) {
        const store = memoryStore(SHAPE.partitions);
        const analytics = new CollectingAnalytics();
        const first = new CrashingStore(store, onceAt(k, when));
        await expect(runRecords(records, { ...SHAPE, store: first, analytics })).rejects.toThrow(Crash);
        const { result } = await runRecords(records, { ...SHAPE, store, analytics });
        expectSame(analytics);
        expect(result.tags).toEqual(straight.result.tags);
        expect(stateIn(store), `${when} commit ${k}`).toEqual(stateIn(whole));
      }
    }
  }, 120_000);

  it.each([1, 2, 3])('after every %i. block of rows was taken', async (every) => {
    const store = memoryStore(2);
    const told = new CollectingAnalytics();
    let died = 0;
    // A writer that dies after every single write would die while it tells everyone's profile, for ever.
    const lives = await liveUntilDone(() =>
      runRecords(records, {
        store,
        analytics: died++ < 40 ? new CrashingAnalytics(told, every) : told,
        announceRows: 37,
        turnRecords: 200,
      }),
    );
    expect(lives).toBeGreaterThan(2);
    expectSame(told);
    expect(told.rows.tag_transitions.length).toBeGreaterThan(straight.told.rows.tag_transitions.length);
  });
});

describe('the golden month in another order', () => {
  it.each([1, 2, 3])('of arrival, within lateness, ends in the same tags (order %i)', async (seed) => {
    const until = instant(straight.result.asOf + 5 * DAY_MS);
    const policy = withoutMemory(TEST_POLICY);
    const known = punctualRecords(records);
    const [punctual, delayed] = [known, delayedRecords(known, seed)];
    const runs = await Promise.all([punctual, delayed].map((list) => runRecords(list, { policy, until })));
    const [tags, others] = runs.map(({ told }) =>
      told.rows.current_tags.map((row) => `${row.person_id} ${row.dimension} ${row.tag}`).sort(),
    );
    expect(tags?.length).toBeGreaterThan(100);
    expect(others?.filter((row) => !row.endsWith(' none'))).toEqual(
      tags?.filter((row) => !row.endsWith(' none')),
    );
  });
});

/** One line per transition and per trigger, in the order of their instants. */
function linesOf(told: CollectingAnalytics): string[] {
  const transitions = told.rows.tag_transitions.map((row) => ({
    at: isoOf(instant(row.effective_at)),
    person: row.person_id,
    dimension: row.dimension,
    from: row.from_tag,
    to: row.to_tag,
    cause: row.cause,
    next: row.next_change_at === null ? 'never' : isoOf(instant(row.next_change_at)),
    id: row.transition_id,
  }));
  const triggers = told.rows.trigger_events.map((row) => ({
    at: isoOf(instant(row.fired_at)),
    person: row.person_id,
    trigger: row.trigger,
    id: row.trigger_id,
  }));
  return [...transitions, ...triggers].map((row) => JSON.stringify(row)).sort();
}

/** Rows by their identity: each must be told at least once, and every time alike. */
function byKey(told: CollectingAnalytics) {
  const { tag_transitions, trigger_events, dead_letters, person_profiles, current_tags } = told.rows;
  const distinct = (rows: readonly object[]) => [...new Set(rows.map((row) => JSON.stringify(row)))].sort();
  return {
    transitions: distinct(tag_transitions),
    triggers: distinct(trigger_events),
    letters: distinct(dead_letters),
    profiles: distinct(person_profiles),
    tags: distinct(current_tags),
  };
}

function expectSame(told: CollectingAnalytics): void {
  const [is, was] = [byKey(told), byKey(straight.told)];
  expect(is.transitions).toEqual(was.transitions);
  expect(is.triggers).toEqual(was.triggers);
  expect(is.letters).toEqual(was.letters);
  expect(is.profiles).toEqual(was.profiles);
  expect(is.tags).toEqual(was.tags);
}
