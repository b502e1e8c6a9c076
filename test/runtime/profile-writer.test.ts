import { beforeAll, describe, expect, it } from 'vitest';
import type { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import type { Period } from '../../src/core/person.ts';
import { DAY_MS, instant, plus } from '../../src/core/time.ts';
import { writeEveryone } from '../../src/runtime/profile-writer.ts';
import { CollectingAnalytics } from '../support/collecting-analytics.ts';
import { recordsOf } from '../support/listed-source.ts';
import { periodOf } from '../support/lived-person.ts';
import { memoryStore, runRecords } from '../support/run-records.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

/** So many that they lie on more than one page. */
const PEOPLE = 8_000;
const PERIOD = periodOf(TEST_POLICY);

type Entry = ReturnType<MemoryStateStore['entries']> extends Generator<infer E> ? E : never;

let store: MemoryStateStore;
let now = instant(0);
beforeAll(async () => {
  const source = simulatedSource({
    people: PEOPLE,
    days: 2,
    seed: 5,
    startAt: instant(Date.UTC(2025, 0, 1)),
  });
  store = memoryStore(2);
  now = plus((await runRecords(await recordsOf(source), { store })).result.asOf, DAY_MS);
});

async function written(batchPeople: number, at = now, period = PERIOD): Promise<CollectingAnalytics> {
  const told = new CollectingAnalytics();
  const claims = await Promise.all([0, 1].map((partition) => store.claim(partition)));
  const processor = { currentClaims: claims, currentPeriod: period, currentScorer: undefined };
  await writeEveryone({ store, analytics: told, processor, asOf: at, batchPeople, keepScores: true });
  return told;
}

/** Two people whose records differ, but not in length. */
function alike() {
  const byLength = new Map<number, Entry>();
  for (const entry of store.entries()) {
    const before = byLength.get(entry.record.length);
    if (before !== undefined && !Buffer.from(before.record).equals(entry.record))
      return [before, entry] as const;
    byLength.set(entry.record.length, entry);
  }
  throw new Error('no two are alike');
}

describe('the name of a batch of profiles', () => {
  it('is its own: batches of one moment are not taken for one another', async () => {
    const { tokens, rows } = await written(1);
    expect(rows.person_profiles.length).toBeGreaterThan(1_000);
    expect(tokens.length).toBeGreaterThan(2);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('is the same when the same is written again', async () => {
    const [once, again] = [await written(1), await written(1)];
    expect(again.tokens).toEqual(once.tokens);
    expect(again.rows).toEqual(once.rows);
  });

  it('is another for another instant, policy, review or person: ClickHouse would drop the new rows as known', async () => {
    const { rulebook, population } = PERIOD;
    const edited = {
      ...PERIOD,
      rulebook: { ...rulebook, policy: { ...rulebook.policy, version: 'test@2-0' } },
    };
    const reviewed: Period = { ...PERIOD, population: { ...population, version: 'later' } };
    const tokens = [
      await written(1e6),
      await written(1e6, plus(now, 1)),
      await written(1e6, now, edited),
      await written(1e6, now, reviewed),
    ].map((told) => told.tokens);
    const [one, other] = alike();
    store.restorePerson(one.partition, one.personId, other.record, one.dueAt);
    tokens.push((await written(1e6)).tokens);
    expect(tokens.map((each) => each.length)).toEqual([1, 1, 1, 1, 1]);
    expect(new Set(tokens.flat()).size).toBe(5);
  });
});
