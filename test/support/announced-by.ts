import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import { err } from '../../src/core/result.ts';
import { DAY_MS, instant, plus } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Announcement, PartitionChanges } from '../../src/ports/state-store.ts';
import { recordsOf } from './listed-source.ts';
import { runRecords } from './run-records.ts';

export interface SimulatedRun {
  readonly people: number;
  readonly days: number;
  readonly seed: number;
}

const START_AT = instant(Date.UTC(2025, 0, 10));
const UNREADABLE_EVERY = 40;
const MUTED_EVERY = 3;

/**
 * What a run over a simulated marketplace announces, in order: transitions, triggers, some of them muted, and dead
 * letters of records that were made unreadable.
 */
export async function announcedBy({ people, days, seed }: SimulatedRun): Promise<readonly Announcement[]> {
  const store = new ListeningStore(1, []);
  const records = (await recordsOf(simulatedSource({ people, days, seed, startAt: START_AT }))).map(spoilt);
  await runRecords(records, { store, until: plus(START_AT, (days + 60) * DAY_MS) });
  let triggers = 0;
  return store.announced.map((each) =>
    each.kind === 'trigger' && triggers++ % MUTED_EVERY === 0 ? { ...each, muted: true } : each,
  );
}

class ListeningStore extends MemoryStateStore {
  readonly announced: Announcement[] = [];

  override commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    this.announced.push(...changes.flatMap(({ announcements }) => announcements));
    return super.commit(changes);
  }
}

function spoilt(record: SourceRecord, i: number): SourceRecord {
  if (i % UNREADABLE_EVERY !== 0) return record;
  const detail = `record ${i} says “nothing”\n`;
  return { ...record, event: err({ reason: 'malformed', detail }), raw: `{"half": "a line \ud83d` };
}
