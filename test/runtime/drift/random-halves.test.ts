import { expect, it } from 'vitest';
import { openHistory } from '../../../src/adapters/files/open-history.ts';
import { CountingAnalytics } from '../../../src/adapters/memory/counting-analytics.ts';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { decodeSegment } from '../../../src/adapters/segment/decode-segment.ts';
import { readPerson } from '../../../src/core/person-codec.ts';
import { compareWithReference } from '../../../src/core/scoring/drift/compare-with-reference.ts';
import {
  freezeReference,
  type Column,
  type Snapshot,
} from '../../../src/core/scoring/drift/drift-reference.ts';
import { judgeDrift } from '../../../src/core/scoring/drift/judge-drift.ts';
import { NO_POPULATION } from '../../../src/core/scoring/population.ts';
import { seededRandom } from '../../../src/core/seeded-random.ts';
import { environmentOf } from '../../../src/core/tagging/rulebook.ts';
import { instant } from '../../../src/core/time.ts';
import { runPipeline } from '../../../src/pipeline.ts';
import { columnsFor, PeopleColumns } from '../../../src/runtime/drift/people-columns.ts';
import { describeWithData } from '../../support/real-data.ts';
import { memoryStore } from '../../support/run-records.ts';

const UNTIL = instant(Date.parse('1997-09-30T23:59:59.999Z'));
const DRAWS = 10;

/** Everybody as the command sees them, read once off the states that a replay left. */
async function everybody(path: string): Promise<Snapshot> {
  const policy = await loadPolicy(defaultPolicyPath());
  const store = memoryStore(1, policy);
  await runPipeline({
    source: await openHistory({ format: 'cdnow', path, decodeSegment, until: UNTIL }),
    store,
    analytics: new CountingAnalytics(),
    policy,
    options: {
      ...{ turnRecords: 16_384, cachePeople: 4_000, announceRows: 20_000 },
      ...{ muteTriggers: true, until: UNTIL },
    },
  });
  const columns = new PeopleColumns(columnsFor(policy), policy, environmentOf(policy, NO_POPULATION), UNTIL);
  for (const { personId, record } of store.entries()) columns.add(personId, readPerson(record));
  return columns.snapshot();
}

function pick({ at, tenureDays, columns }: Snapshot, people: readonly number[]): Snapshot {
  const numbers = (values: ArrayLike<number>): Float32Array =>
    Float32Array.from(people, (i) => values[i] ?? NaN);
  return {
    at,
    tenureDays: numbers(tenureDays),
    columns: columns.map((column): Column => {
      if (column.kind !== 'segment') return { ...column, values: numbers(column.values) };
      return { ...column, tags: people.map((i) => column.tags[i] ?? '') };
    }),
  };
}

describeWithData('cdnow/CDNOW_master.txt', (path) => {
  it(`does not differ from itself: ${DRAWS} draws of two random halves, on all features and tags`, async () => {
    const all = await everybody(path);
    expect(all.tenureDays.length).toBe(23_570);
    const luck = seededRandom(11, 'halves');
    const pValues: number[] = [];
    let alarmed = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      const order = Array.from({ length: all.tenureDays.length }, (_, person) => ({
        person,
        at: luck.uniform(),
      }));
      const people = order.sort((a, b) => a.at - b.at).map(({ person }) => person);
      const half = people.length / 2;
      const findings = compareWithReference(
        freezeReference(pick(all, people.slice(0, half))),
        pick(all, people.slice(half)),
      );
      if (!findings.ok) throw new Error(findings.error.what);
      if (judgeDrift(findings.value).some(({ alarm }) => alarm)) alarmed += 1;
      pValues.push(...findings.value.flatMap(({ test }) => (test === undefined ? [] : [test.pValue])));
    }
    expect(alarmed).toBe(0);
    // Not because nothing is ever found: columns that vary are as surprising as chance makes them. A column that is the
    // same for everybody has probability 1, and a history of orders alone has many of them.
    const telling = pValues.filter((p) => p < 1);
    expect(telling.length).toBeGreaterThan(DRAWS * 20);
    const rare = telling.filter((p) => p <= 0.05).length / telling.length;
    expect(rare).toBeGreaterThan(0.02);
    expect(rare).toBeLessThan(0.075);
  }, 240_000);
});
