import type { AnnouncementPublisher } from '../../ports/announcement-publisher.ts';
import type { ForwardedFacts } from '../../ports/forwarded-facts.ts';
import type { Claim, StateStore } from '../../ports/state-store.ts';

/** What was sent to other partitions: next offset after the last origin, by partition and source. */
export type Sent = Record<number, Record<string, number>>;

/**
 * Publishes everything that waits in the outbox of a partition, in order, and forgets it. `onSent` is told of facts
 * after they are published and before they are forgotten.
 */
export async function drainOutbox(
  store: StateStore,
  claim: Claim,
  publisher: AnnouncementPublisher,
  atOnce: number,
  onSent: (forwarded: readonly ForwardedFacts[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const entries = await store.outbox(claim, atOnce);
    const last = entries.at(-1);
    if (last === undefined) return;
    await publisher.publish(entries);
    const forwarded = entries.flatMap(({ announcement }) =>
      announcement.kind === 'facts' ? [announcement.forwarded] : [],
    );
    if (forwarded.length > 0) await onSent(forwarded);
    await store.trim(claim, last.sequence);
    if (entries.length < atOnce) return;
  }
}
