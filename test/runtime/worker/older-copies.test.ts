import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import { seededRandom } from '../../../src/core/seeded-random.ts';
import { rulebookOf } from '../../../src/core/tagging/rulebook.ts';
import { instant } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import { workOnPartition } from '../../../src/runtime/worker/partition-worker.ts';
import { eventually } from '../../support/eventually.ts';
import { HastyClock } from '../../support/hasty-clock.ts';
import { recordsOf } from '../../support/listed-source.ts';
import { RevertibleStore } from '../../support/revertible-store.ts';
import { memoryStore, runRecords, type Run } from '../../support/run-records.ts';
import { TEST_POLICY } from '../../support/test-policy.ts';
import {
  STRICT,
  Told,
  expectDecisionsOf,
  isDone,
  topicsWith,
  windowsIn,
} from '../../support/worker-world.ts';

/** As long as it takes for partitions to answer one another, by merges and refunds. */
const HISTORY = { people: 60, days: 40, seed: 5, startAt: instant(Date.UTC(2025, 0, 10)) };
const PRESENT = instant(Date.UTC(2025, 1, 25));
const PARTITIONS = 3;

let records: readonly SourceRecord[];
let alone: Run;

beforeAll(async () => {
  records = await recordsOf(simulatedSource(HISTORY));
  alone = await runRecords(records, { announceRows: 1, until: PRESENT });
});

/** A copy is made now and then, and comes back a while later, by the number of reads. */
function revertsNowAndThen(store: RevertibleStore, seed: number, isWhole: boolean): () => Promise<void> {
  const random = seededRandom(seed, 'copies');
  const copy = (): (() => Promise<void>) =>
    store.copy(isWhole ? undefined : Math.floor(random.uniform() * PARTITIONS));
  let restore = copy();
  return async () => {
    const roll = random.uniform();
    if (roll < 0.01) restore = copy();
    else if (roll > 0.998) await restore();
  };
}

describe('workers in the order of arrival whose store goes back to an older copy', () => {
  it('decide what one process decides, under the same ids', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.boolean(),
        fc.integer({ min: 0, max: 10 }),
        async (seed, isWhole, lag) => {
          const topics = topicsWith(records, PARTITIONS, lag);
          const store = new RevertibleStore(() => memoryStore(PARTITIONS, TEST_POLICY));
          const told = new Told(topics);
          const clock = new HastyClock(PRESENT);
          const rulebook = rulebookOf(TEST_POLICY);
          const revert = revertsNowAndThen(store, seed, isWhole);
          const { leave } = await topics.join((assignment) =>
            workOnPartition(assignment, {
              ...{ rulebook, clock, store, pace: STRICT, muteTriggers: false },
              publisher: {
                publish: async (entries) => {
                  await told.publish(entries);
                  await revert();
                },
              },
            }),
          );
          await eventually(() => isDone(store, PRESENT), { withinMs: 50_000 });
          await leave();
          expectDecisionsOf(alone, told);
          expect(await windowsIn(store)).toEqual(await windowsIn(alone.store));
        },
      ),
      { numRuns: 12 },
    );
  });
});
