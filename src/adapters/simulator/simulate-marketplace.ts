import type { MarketplaceOptions } from './marketplace-options.ts';
import type { SimulatedRecord } from './outbox.ts';
import { reviewListing, stockMarket } from './selling.ts';
import { comeAlong, expectEverybody } from './visiting.ts';
import { makeWorld, type World } from './world.ts';

const BLOCK_RECORDS = 2_048;

/**
 * A second-hand marketplace in the order in which its events arrive: `receivedAt` never goes down, from block
 * to block either. Blocks hold about 2,000 records, more when more arrive within ten minutes, and are never
 * empty. Equal options give equal records on every engine and version.
 *
 * Memory is 52 bytes an account, what is for sale (at most two million items of 50 bytes), and what is under
 * way (orders until they are paid out, late events until they arrive), whatever the length of the run. Throws `USAGE` for options out of
 * range when first asked for a block.
 *
 * To read on: who people are (population, person-types, plans, ties), when they come (rhythm, visiting), what
 * they do (browsing, buying, selling, community, wash-trading), what comes of it (after-sales, disputes,
 * refunds, settlement), and how it arrives (outbox).
 */
export function* simulateMarketplace(
  options: MarketplaceOptions,
): Generator<readonly SimulatedRecord[], void, undefined> {
  const world = makeWorld(options);
  stockMarket(world);
  expectEverybody(world);
  let block: SimulatedRecord[] = [];
  for (let slice = 0; slice < world.people.slices; slice++) {
    for (const record of simulateSlice(world, slice)) block.push(record);
    if (block.length >= BLOCK_RECORDS) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** Ten minutes: what earlier orders lead to, what sellers change, who comes along, and what arrives of it. */
function simulateSlice(world: World, slice: number): SimulatedRecord[] {
  world.slice = slice;
  world.rhythm.moveTo(slice);
  for (const { at, happen } of world.aftermath.take(slice)) happen(world, at);
  for (const slot of world.market.reviews.takeDue(slice)) reviewListing(world, slot);
  for (const account of world.visits.takeDue(slice)) comeAlong(world, account);
  return world.outbox.takeArrivals(slice);
}
