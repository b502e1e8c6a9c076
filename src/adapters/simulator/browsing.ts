import type { EventProperties } from '../../core/events/event.ts';
import { categoryOf, drawQuery } from './catalogue.ts';
import { productProperties } from './item-properties.ts';
import type { Item } from './market.ts';
import { ATTITUDE, HABIT } from './population.ts';
import { SLICES_PER_DAY } from './slices.ts';
import { act, type Visit } from './visit.ts';
import type { World } from './world.ts';

const NEW_ARRIVAL_SLICES = 3 * SLICES_PER_DAY;
const STAYS_WITH_FAVOURITE = 0.45;
const FALLS_FOR_NEWEST = { follower: 0.7, other: 0.2 };
const SIGNS_IN = 0.62;
/** Pages, searches, filtered lists, products. */
const STEP_SHARES = [0.24, 0.12, 0.14, 0.5];
const CURIOUS_SELLING_PAGES = 0.2;
const PUTS_ON_WISHLIST = 0.1;
const PUTS_IN_CART_ONLY = 0.025;
const SHARES = 0.012;

const SECTIONS = ['home', 'new', 'brands', 'sale', 'account', 'help'] as const;
/** What lists are sorted by, as shares of price, discount, newest, by attitude: cheapest, balanced, dearest. */
const SORTS = ['price', 'discount', 'newest'] as const;
const SORT_SHARES: readonly (readonly number[])[] = [
  [0.5, 0.38, 0.12],
  [0.3, 0.2, 0.5],
  [0.12, 0.03, 0.85],
];

/** What somebody does on a visit beside trading: a walk of random length, shorter for those who lose interest. */
export function lookAround(world: World, visit: Visit): void {
  const { chance, people } = world;
  if (chance.happens(SIGNS_IN)) act(world, visit, 'Signed In', {});
  const steps = people.traits(visit.person).stepsPerVisit * people.vigour(visit.person, world.slice);
  for (let left = 1 + chance.geometric(steps); left > 0; left--) takeStep(world, visit);
}

function takeStep(world: World, visit: Visit): void {
  const { chance } = world;
  switch (chance.pick(STEP_SHARES)) {
    case 0:
      act(world, visit, 'Page Viewed', { section: drawSection(world, visit.person) });
      break;
    case 1:
      act(world, visit, 'Products Searched', { query: drawQuery(chance, drawCategory(world, visit.person)) });
      break;
    case 2:
      act(world, visit, 'Product List Filtered', filterProperties(world, visit.person));
      break;
    default: {
      const slot = findItem(world, visit.person);
      if (slot >= 0) lookAt(world, visit, world.market.itemAt(slot));
    }
  }
}

function lookAt(world: World, visit: Visit, item: Item): void {
  viewItem(world, visit, item);
  const luck = world.chance.uniform();
  if (luck < PUTS_ON_WISHLIST) {
    act(world, visit, 'Product Added to Wishlist', productProperties(world, item));
  } else if (luck < PUTS_ON_WISHLIST + PUTS_IN_CART_ONLY) {
    act(world, visit, 'Product Added', { ...productProperties(world, item), quantity: 1 });
  } else if (luck < PUTS_ON_WISHLIST + PUTS_IN_CART_ONLY + SHARES) {
    act(world, visit, 'Product Shared', productProperties(world, item));
  }
}

export function viewItem(world: World, visit: Visit, item: Item): void {
  const newArrival = world.slice - item.listedSlice < NEW_ARRIVAL_SLICES;
  act(world, visit, 'Product Viewed', { ...productProperties(world, item), newArrival });
}

/** The slot of an item that might interest the person, or −1. Items of sellers who are away come off the market. */
export function findItem(world: World, person: number): number {
  const { chance, market, people } = world;
  const follows = people.has(person, HABIT.followsTrends);
  const newest = chance.happens(follows ? FALLS_FOR_NEWEST.follower : FALLS_FOR_NEWEST.other);
  for (;;) {
    const slot = market.findSlot(chance, drawCategory(world, person), newest);
    if (slot < 0) return slot;
    const seller = market.sellerAt(slot);
    if (people.isAway(seller, world.slice)) market.remove(slot);
    else if (seller !== person) return slot;
    else return -1;
  }
}

export function drawCategory(world: World, person: number): number {
  const { chance, people } = world;
  return chance.happens(STAYS_WITH_FAVOURITE)
    ? (people.favourite[person] ?? 0)
    : chance.pick(people.traits(person).interests);
}

function drawSection(world: World, person: number): string {
  const { chance, people } = world;
  const curious = people.has(person, HABIT.curiousAboutSelling) ? CURIOUS_SELLING_PAGES : 0;
  return chance.happens(people.traits(person).sellingPages + curious) ? 'selling' : chance.of(SECTIONS);
}

function filterProperties(world: World, person: number): EventProperties {
  const { chance, people } = world;
  const attitude = people.attitude[person] ?? ATTITUDE.balanced;
  const sortedBy = SORTS[chance.pick(SORT_SHARES[attitude] ?? [])] ?? 'newest';
  return { category: categoryOf(drawCategory(world, person)).name, sortedBy: [sortedBy] };
}
