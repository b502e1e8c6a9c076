import { describe, expect, it } from 'vitest';
import { PopulationCounters } from '../../src/core/scoring/population.ts';
import { NEVER, instant, type Instant } from '../../src/core/time.ts';
import { KEPT_REVIEWS } from '../../src/ports/state-store.ts';
import { COUNTED, START, changesOf, counted, plusMs, type OpenClaimed } from './state-store-contract.ts';

/** What every StateStore promises of the counters over all people and of what reviews make of them. */
export function populationContract(name: string, opened: OpenClaimed): void {
  describe(`${name} keeps the state store contract: the population`, () => {
    it('adds up over partitions and commits, and takes out what it put in', async () => {
      const { store, claimOf } = await opened();
      const commit = (partition: number, delta: readonly (readonly [number, number])[]) =>
        store.commit([changesOf(claimOf(partition), { population: counted(delta) })]);
      await commit(0, [[3, 700]]);
      await commit(1, [[2, 100]]);
      await commit(0, [[1, 50]]);
      expect(await store.population()).toMatchObject({ orders: 6, sumMinor: 850 });
      const takenBack = new PopulationCounters(COUNTED);
      takenBack.contribution([3, 700, 3, -1], undefined);
      await store.commit([changesOf(claimOf(0), { population: takenBack.export() })]);
      const { orders, buckets } = await store.population();
      expect(orders).toBe(3);
      expect([...(buckets[0] ?? [])].sort(([a], [b]) => a - b)).toEqual([
        [1, 1],
        [2, 1],
      ]);
    });

    it('keeps the inputs of a review for whoever asks, in any partition', async () => {
      const { store } = await opened();
      const inputs = new PopulationCounters(COUNTED).freeze(START);
      await store.publishPopulationInputs(inputs);
      await store.publishPopulationInputs({ ...inputs, meanOrderMinor: 7 });
      expect(await store.populationInputs(NEVER)).toEqual(inputs);
    });

    it('knows what was in force at an instant, of the last so many reviews', async () => {
      const { store } = await opened();
      const inputs = Array.from({ length: KEPT_REVIEWS + 3 }, (_, i) =>
        new PopulationCounters(COUNTED).freeze(plusMs(i * 10)),
      );
      for (const one of inputs.toReversed().slice(0, 3)) await store.publishPopulationInputs(one);
      for (const one of inputs.slice(0, -3)) await store.publishPopulationInputs(one);
      const last = inputs.at(-1);
      expect(await store.populationInputs(NEVER)).toEqual(last);
      expect(await store.populationInputs(last?.since ?? START)).toEqual(last);
      expect(await store.populationInputs(instant((last?.since ?? START) - 1))).toEqual(inputs.at(-2));
      expect(await store.populationInputs(plusMs(35))).toEqual(inputs[3]);
      expect(await store.populationInputs(plusMs(29))).toBeUndefined();
    });

    it('as of a review is that of the moment at which each partition reached it', async () => {
      const { store, claimOf } = await opened();
      const at = plusMs(100);
      const commit = (partition: number, orders: number, clock: Instant) =>
        store.commit([changesOf(claimOf(partition), { population: counted([[orders, orders]]), clock })]);
      await commit(0, 3, plusMs(99));
      await commit(1, 2, plusMs(50));
      expect(await store.freezePopulation(claimOf(0), at)).toBe('frozen');
      expect(await store.frozenPopulation(at)).toBeUndefined();
      await commit(0, 5, plusMs(150));
      await commit(1, 4, plusMs(99));
      expect(await store.freezePopulation(claimOf(0), at)).toBe('frozen');
      expect(await store.freezePopulation(claimOf(1), at)).toBe('frozen');
      await commit(1, 10, plusMs(200));
      expect(await store.frozenPopulation(at)).toMatchObject({ orders: 9, sumMinor: 9 });
      expect(await store.population()).toMatchObject({ orders: 24 });
    });

    it('as of a review counts nobody of a partition that had none when it passed it', async () => {
      const { store, claimOf } = await opened();
      const at = plusMs(100);
      await store.freezePopulation(claimOf(0), at);
      await store.commit([changesOf(claimOf(1), { population: counted([[4, 4]]), clock: plusMs(99) })]);
      expect(await store.frozenPopulation(at)).toBeUndefined();
      await store.commit([changesOf(claimOf(1), { clock: at })]);
      expect(await store.frozenPopulation(at)).toMatchObject({ orders: 0 });
    });

    it('is not frozen by who was fenced', async () => {
      const { store, claimOf } = await opened();
      await store.claim(0);
      expect(await store.freezePopulation(claimOf(0), START)).toBe('fenced');
    });

    it('keeps prices by category, also as of a review', async () => {
      const { store, claimOf } = await opened();
      const prices = [
        ['shoes', [[3, 2]]],
        ['bags', [[5, 1]]],
      ] as const;
      await store.commit([changesOf(claimOf(0), { population: { ...counted([]), prices } })]);
      await store.freezePopulation(claimOf(0), START);
      await store.freezePopulation(claimOf(1), START);
      expect((await store.frozenPopulation(START))?.prices).toEqual(prices);
      expect((await store.population()).prices).toEqual(prices);
    });
  });
}
