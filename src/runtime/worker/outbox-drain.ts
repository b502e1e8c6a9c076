import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { Claim, StateStore } from '../../ports/state-store.ts';

/** What was sent to other partitions: next offset after the last origin, by partition and source. */
export type Sent = Record<number, Record<string, number>>;

/** Publishes everything that waits in the outbox of a partition, in order, and forgets it. Notes in `sent` what went where. */
export async function drainOutbox(
  store: StateStore,
  claim: Claim,
  publisher: AnnouncementPublisher,
  atOnce: number,
  sent: Sent,
): Promise<void> {
  for (;;) {
    const entries = await store.outbox(claim, atOnce);
    const last = entries.at(-1);
    if (last === undefined) return;
    await publisher.publish(entries);
    for (const { announcement } of entries) {
      if (announcement.kind !== 'facts') continue;
      const { partition, origin } = announcement.forwarded;
      (sent[partition] ??= {})[origin.source] = origin.offset + 1;
    }
    await store.trim(claim, last.sequence);
    if (entries.length < atOnce) return;
  }
}
