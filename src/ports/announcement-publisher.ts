import type { OutboxEntry } from './state-store.ts';

/**
 * Takes to the world what was committed. `publish` resolves once all entries are where nobody can lose them, in their
 * order for each person, and for each partition that facts go to. The same entries may be given again. Rejects with
 * `TidemarkError` when that can't be: some may be there then, and giving them again is the mend.
 */
export interface AnnouncementPublisher {
  publish(entries: readonly OutboxEntry[]): Promise<void>;
}
