import type { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';

/** Everything that was committed, whatever the order in which it is kept. */
export function stateIn(store: MemoryStateStore) {
  const { partitions, inputs, population } = store.summary();
  return {
    people: recordsIn(store),
    partitions,
    inputs,
    population: {
      ...population,
      buckets: population.buckets.map((counts) => new Map(counts)),
      prices: new Map(population.prices.map(([category, counts]) => [category, new Map(counts)])),
    },
  };
}

/** Of everybody, the packed record in hexadecimal and when they are due. */
export function recordsIn(store: MemoryStateStore): ReadonlyMap<string, string> {
  const people = [...store.entries()].map(
    ({ personId, record, dueAt }) =>
      [personId, `${Buffer.from(record).toString('hex')} due ${dueAt}`] as const,
  );
  return new Map(people);
}
