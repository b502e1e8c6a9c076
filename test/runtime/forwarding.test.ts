import { beforeAll, describe, expect, it } from 'vitest';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Announcement } from '../../src/ports/state-store.ts';
import { recordsIn } from '../support/committed-state.ts';
import { recordsOf } from '../support/listed-source.ts';
import { factsRecord, runPartitioned, type PartitionedRun } from '../support/partitioned-run.ts';
import { memoryStore, runRecords, type Run } from '../support/run-records.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

/** As long as it takes for a review, a merge and refunds of both kinds to occur. */
const HISTORY = { people: 60, days: 40, seed: 5, startAt: instant(Date.UTC(2025, 0, 10)) };

let records: readonly SourceRecord[];
let alone: Run;

beforeAll(async () => {
  records = await recordsOf(simulatedSource(HISTORY));
  alone = await runRecords(records, { announceRows: 1 });
});

const partitioned = (partitions: number, times = 1) => {
  const store = memoryStore(partitions);
  return runPartitioned(records, store, TEST_POLICY, alone.result.asOf, () => times).then((run) => ({
    run,
    store,
  }));
};

function transitionsOf(announcements: readonly Announcement[]) {
  return announcements.flatMap((one) => (one.kind === 'transition' ? [one.transition] : []));
}

function expectAsAlone({ announcements }: PartitionedRun): void {
  const told = transitionsOf(announcements).map(({ id, effectiveAt, cause, nextChangeAt }) => ({
    ...{ id, effectiveAt, cause },
    nextChangeAt: Number.isFinite(nextChangeAt) ? nextChangeAt : null,
  }));
  const expected = alone.told.rows.tag_transitions.map((row) => ({
    ...{ id: row.transition_id, effectiveAt: row.effective_at, cause: row.cause },
    nextChangeAt: row.next_change_at,
  }));
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  expect(told.toSorted(byId)).toEqual(expected.toSorted(byId));
  const triggers = announcements.flatMap((one) => (one.kind === 'trigger' ? [one.trigger.id] : []));
  expect(triggers.toSorted()).toEqual(alone.told.rows.trigger_events.map((row) => row.trigger_id).toSorted());
}

describe('processors of one partition each', () => {
  it('have something to tell one another about: orders, refunds, disputes and merges', async () => {
    const { run } = await partitioned(3);
    const kinds = new Set(
      run.forwarded.flat().flatMap(({ facts }) => facts.map(({ fact }) => fact.fact.type)),
    );
    expect([...kinds].toSorted()).toEqual(expect.arrayContaining(['absorb', 'case', 'order', 'return']));
    expect(Object.keys(alone.result.tally.transitions.byCause)).toEqual(
      expect.arrayContaining(['merge', 'population', 'refund']),
    );
  });

  it.each([2, 3, 5])(
    'decide what one that works on everybody decides, in %i partitions',
    async (partitions) => {
      const { run, store } = await partitioned(partitions);
      expectAsAlone(run);
      if (!('entries' in alone.store)) throw new Error('not in memory');
      expect(recordsIn(store)).toEqual(recordsIn(alone.store as typeof store));
    },
  );

  it('decide the same when every fact arrives three times', async () => {
    expectAsAlone((await partitioned(3, 3)).run);
  });

  it('pass over facts of long ago that come again, whatever was forgotten since', async () => {
    const { run, store } = await partitioned(3);
    const before = recordsIn(store);
    for (const [partition, facts] of run.forwarded.entries()) {
      const processor = run.processors[partition];
      processor?.take(facts.map((fact, i) => factsRecord(fact, facts.length + i)));
      await processor?.commit();
    }
    const changed = [...recordsIn(store)]
      .filter(([id, record]) => before.get(id) !== record)
      .map(([id]) => id);
    expect(changed).toEqual([]);
  });
});
