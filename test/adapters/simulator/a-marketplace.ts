import type { MarketplaceOptions } from '../../../src/adapters/simulator/marketplace-options.ts';
import type { SimulatedRecord } from '../../../src/adapters/simulator/outbox.ts';
import type { SimulatedEventName } from '../../../src/adapters/simulator/simulated-events.ts';
import { simulateMarketplace } from '../../../src/adapters/simulator/simulate-marketplace.ts';
import { truthOf, type PersonTruth } from '../../../src/adapters/simulator/truth.ts';
import type { TrackedEvent } from '../../../src/core/events/event.ts';
import { instant } from '../../../src/core/time.ts';

export const STARTS_AT = instant(Date.UTC(2025, 0, 1));

/** A whole run in memory, small enough for that. */
export interface Marketplace {
  readonly records: readonly SimulatedRecord[];
  readonly events: readonly TrackedEvent[];
  readonly truth: ReadonlyMap<string, PersonTruth>;
  readonly named: (...names: SimulatedEventName[]) => TrackedEvent[];
}

/** Over a perfect line unless the options say otherwise, so that events are in order and there once. */
export function runMarketplace(options: Partial<MarketplaceOptions>): Marketplace {
  const complete = {
    people: 1_000,
    days: 200,
    seed: 1,
    startAt: STARTS_AT,
    lateRate: 0,
    duplicateRate: 0,
    futureRate: 0,
    ...options,
  };
  const records = [...simulateMarketplace(complete)].flat();
  const events = records.map((record) => record.event);
  return {
    records,
    events,
    truth: new Map([...truthOf(complete)].map((truth) => [truth.personId, truth])),
    named: (...names) => events.filter((event) => (names as string[]).includes(event.name)),
  };
}

export function countBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
