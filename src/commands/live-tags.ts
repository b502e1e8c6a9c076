import { MemoryStateStore } from '../adapters/memory/memory-state-store.ts';
import { NO_TAG } from '../core/tagging/policy.ts';
import type { PartitionChanges } from '../ports/state-store.ts';
import type { TagCounts } from '../runtime/profile-writer.ts';

/** A store that knows at any time how many people hold each tag, from the transitions committed to it. */
export class LiveTagStore extends MemoryStateStore {
  readonly tags: TagCounts = {};
  /** Otherwise {@link LiveTagStore.tags} tells only what has changed since. */
  beganEmpty = true;

  override restorePerson(...person: Parameters<MemoryStateStore['restorePerson']>): void {
    this.beganEmpty = false;
    super.restorePerson(...person);
  }

  override async commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    const outcome = await super.commit(changes);
    if (outcome === 'fenced') return outcome;
    for (const { announcements } of changes) {
      for (const announcement of announcements) {
        if (announcement.kind !== 'transition') continue;
        const { dimension, from, to } = announcement.transition;
        this.count(dimension, from, -1);
        this.count(dimension, to, 1);
      }
    }
    return outcome;
  }

  private count(dimension: string, tag: string, by: number): void {
    if (tag === NO_TAG) return;
    const counts = (this.tags[dimension] ??= {});
    counts[tag] = (counts[tag] ?? 0) + by;
  }
}
