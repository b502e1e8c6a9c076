import { TidemarkError } from '../../src/errors.ts';
import type { AnnouncementPublisher } from '../../src/ports/announcement-publisher.ts';
import type { OutboxEntry, StateStore } from '../../src/ports/state-store.ts';

/** Decides of every call whether it fails, and when. */
export type Chance = () => 'before' | 'after' | 'not';

/** Calls that now and then are not carried out, or are carried out and not answered. */
export function failingStore(behind: StateStore, chance: Chance): StateStore {
  return new Proxy(behind, {
    get(target, name: keyof StateStore) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function' || name === 'people') return value;
      const call = value.bind(target) as (...args: readonly unknown[]) => Promise<unknown>;
      return async (...args: readonly unknown[]) => {
        const when = chance();
        if (when === 'before') throw outage(name);
        const answer = await call(...args);
        if (when === 'after') throw outage(name);
        return answer;
      };
    },
  });
}

/** Entries of which now and then only the first few get through, or all without anybody knowing. */
export function failingPublisher(behind: AnnouncementPublisher, chance: Chance): AnnouncementPublisher {
  return {
    async publish(entries: readonly OutboxEntry[]) {
      const when = chance();
      if (when === 'before') {
        await behind.publish(entries.slice(0, Math.floor(entries.length / 2)));
        throw outage('publish');
      }
      await behind.publish(entries);
      if (when === 'after') throw outage('publish');
    },
  };
}

function outage(what: string): TidemarkError {
  return new TidemarkError('REDIS_UNAVAILABLE', `${what}: no answer`, 'try again');
}
