import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  NOTHING_UNDERWAY,
  openSnapshot,
  saveSnapshot,
  type Underway,
} from '../../src/adapters/memory/state-snapshot.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { MarkedAnalytics } from '../../src/commands/marked-analytics.ts';
import { SourceWatch } from '../../src/commands/source-watch.ts';
import { instant, type Instant } from '../../src/core/time.ts';
import { runPipeline } from '../../src/pipeline.ts';
import type { AnalyticsRows, AnalyticsWriter } from '../../src/ports/analytics.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { listedSource, recordsOf } from '../support/listed-source.ts';
import { memoryStore } from '../support/run-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

let records: readonly SourceRecord[] = [];
beforeAll(async () => {
  records = await recordsOf(
    simulatedSource({ people: 40, days: 60, seed: 5, startAt: instant(Date.UTC(2025, 0, 1)) }),
  );
});

interface Write {
  /** The mark in the file when the rows came. */
  readonly mark: Underway;
  /** Records read by then. */
  readonly passed: number;
  readonly latestAt: number;
}

/** Runs everything into a folder whose state is said to hold so many people, and tells of every write. */
async function writesOf(people: number, until?: Instant): Promise<Write[]> {
  const path = join(temporaryFolder(), 'tidemark.state');
  const identity = { policyVersion: 'v', catalogueHash: 'h', partitions: 1 };
  const store = memoryStore(1);
  await saveSnapshot(store, path, { identity, policyText: '', digests: {}, underway: NOTHING_UNDERWAY });
  const watch = new SourceWatch(listedSource(records, 50), {
    ...{ db: 'DIR', offsets: {}, digests: {} },
    underway: NOTHING_UNDERWAY,
  });
  const writes: Write[] = [];
  const told: AnalyticsWriter = {
    async write(_token, rows) {
      const snapshot = await openSnapshot(path);
      snapshot?.close();
      const mark = snapshot?.header.underway ?? NOTHING_UNDERWAY;
      const passed = recordsIn(watch.underway());
      writes.push({ mark, passed, latestAt: latestIn(rows) });
    },
  };
  await runPipeline({
    source: watch,
    store,
    analytics: new MarkedAnalytics(told, {
      watch,
      path,
      people,
      underway: NOTHING_UNDERWAY,
      until,
      scoredBy: () => '',
    }),
    policy: TEST_POLICY,
    options: {
      ...{ turnRecords: 100, cachePeople: 10, announceRows: 20, muteTriggers: true },
      ...(until === undefined ? {} : { until }),
    },
  });
  return writes;
}

const recordsIn = ({ beginnings }: Underway) =>
  Object.values(beginnings).reduce((sum, beginning) => sum + beginning.records, 0);

function latestIn(rows: Partial<AnalyticsRows>): number {
  return Math.max(
    0,
    ...(rows.tag_transitions ?? []).map((row) => row.effective_at),
    ...(rows.trigger_events ?? []).map((row) => row.fired_at),
    ...(rows.person_profiles ?? []).map((row) => row.updated_at),
  );
}

const marksIn = (writes: readonly Write[]) => new Set(writes.map(({ mark }) => JSON.stringify(mark)));

describe('rows of a run', () => {
  const until = instant(Date.UTC(2026, 0, 1));

  it.each([undefined, until])(
    'never go further than the state file says they might (until %s)',
    async (end) => {
      const writes = await writesOf(0, end);
      expect(writes.length).toBeGreaterThan(10);
      for (const { mark, passed, latestAt } of writes) {
        expect(recordsIn(mark)).toBe(passed);
        expect(latestAt).toBeLessThanOrEqual(mark.clock);
      }
      expect(writes.at(-1)?.passed).toBe(records.length);
      expect(writes.at(-1)?.latestAt).toBe(end ?? records.at(-1)?.receivedAt);
      expect(marksIn(writes).size).toBeGreaterThan(10);
    },
  );

  it('are marked at their beginning and at the end at least, and no oftener than a large state can bear', async () => {
    const writes = await writesOf(1_000_000, until);
    expect(marksIn(writes).size).toBe(2);
    expect(recordsIn(writes[0]?.mark ?? NOTHING_UNDERWAY)).toBe(writes[0]?.passed);
    expect(writes.at(-1)?.mark).toMatchObject({ clock: until });
    expect(recordsIn(writes.at(-1)?.mark ?? NOTHING_UNDERWAY)).toBe(records.length);
    const some = marksIn(await writesOf(records.length / 4)).size;
    expect(some).toBeGreaterThan(2);
    expect(some).toBeLessThanOrEqual(6);
  });

  it('are marked when only time has passed since an earlier run', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    const about = { identity: { policyVersion: 'v', catalogueHash: 'h', partitions: 1 }, policyText: '' };
    await saveSnapshot(memoryStore(1), path, { ...about, digests: {}, underway: NOTHING_UNDERWAY });
    const earlier = new SourceWatch(listedSource(records), {
      ...{ db: 'DIR', offsets: {}, digests: {}, underway: NOTHING_UNDERWAY },
    });
    const done = recordsIn(await readToEnd(earlier));
    const offsets = Object.fromEntries(earlier.sources.map((source) => [source, done]));
    const digests = earlier.digestsAt(offsets);
    const watch = new SourceWatch(listedSource(records), {
      ...{ db: 'DIR', offsets, digests, underway: NOTHING_UNDERWAY },
    });
    const { clock } = await readToEnd(watch);
    const nobody: AnalyticsWriter = { write: () => Promise.resolve() };
    const run = { watch, path, people: 1, underway: { clock, beginnings: {} }, until, scoredBy: () => '' };
    await new MarkedAnalytics(nobody, run).write('t', {});
    const snapshot = await openSnapshot(path);
    snapshot?.close();
    expect(snapshot?.header.underway).toEqual({ clock: until, beginnings: {}, scoredBy: [''] });
  });
});

async function readToEnd(watch: SourceWatch): Promise<Underway> {
  for await (const block of watch.read({})) expect(block).not.toEqual([]);
  return watch.underway();
}
