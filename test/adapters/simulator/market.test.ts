import { describe, expect, it } from 'vitest';
import { Market, type Item } from '../../../src/adapters/simulator/market.ts';
import { Prng } from '../../../src/adapters/simulator/prng.ts';

function item(number: number, category: number): Item {
  return {
    number,
    seller: 1_000 + number,
    category,
    priceMinor: number * 1_000,
    appeal: 0.5,
    listedSlice: 3,
  };
}

describe('Market', () => {
  it('gives back what was added, and finds only what is there, by category', () => {
    const market = new Market(10);
    const chance = new Prng(1, 'market');
    const slots = [1, 2, 3, 4].map((number) => {
      const slot = market.claimSlot();
      market.add(slot, item(number, number % 2));
      return slot;
    });
    expect(market.itemAt(slots[2] ?? -1)).toEqual(item(3, 1));
    market.remove(slots[0] ?? -1);
    const found = new Set(Array.from({ length: 50 }, () => market.findSlot(chance, 1, false)));
    expect([...found]).toEqual([slots[2]]);
    expect(market.findSlot(chance, 5, false)).toBe(-1);
  });

  it('when full offers the slot of the item that has been there longest', () => {
    const market = new Market(3);
    for (let number = 0; number < 3; number++) market.add(market.claimSlot(), item(number, 0));
    const slot = market.claimSlot();
    expect(market.holds(slot)).toBe(true);
    expect(market.itemAt(slot).number).toBe(0);
    market.remove(slot);
    expect(market.holds(slot)).toBe(false);
  });
});
