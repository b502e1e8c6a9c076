import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import type { AnalyticsWriter } from '../../src/ports/analytics.ts';
import type { Announcement, Claim, OutboxEntry } from '../../src/ports/state-store.ts';
import { Announcer } from '../../src/runtime/announcer.ts';
import { CollectingAnalytics } from './collecting-analytics.ts';

/** What a run in one process writes of its announcements. */
export async function rowsToldOf(
  announcements: readonly Announcement[],
  policy: Policy,
): Promise<CollectingAnalytics['rows']> {
  const told = new CollectingAnalytics();
  await tellAlone(announcements, policy, told);
  return told.rows;
}

/** Writes announcements as a run in one process does. */
export async function tellAlone(
  announcements: readonly Announcement[],
  policy: Policy,
  analytics: AnalyticsWriter,
): Promise<void> {
  const store = new FilledOutbox(announcements);
  const announcer = new Announcer({ store, analytics, policy, batchRows: 500 });
  await announcer.drain([await store.claim(0)], true);
}

export function outboxOf(announcements: readonly Announcement[]): OutboxEntry[] {
  return announcements.map((announcement, sequence) => ({ partition: 0, sequence, announcement }));
}

class FilledOutbox extends MemoryStateStore {
  private waiting: OutboxEntry[];

  constructor(announcements: readonly Announcement[]) {
    super(1, []);
    this.waiting = outboxOf(announcements);
  }

  override outbox(_claim: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    return Promise.resolve(this.waiting.slice(0, limit));
  }

  override trim(_claim: Claim, sequence: number): Promise<void> {
    this.waiting = this.waiting.filter((entry) => entry.sequence > sequence);
    return Promise.resolve();
  }
}
