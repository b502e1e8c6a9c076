import { HOUR_MS, type Instant } from '../../core/time.ts';
import { drawPriceMinor } from './catalogue.ts';
import { listingIdOf, listingProperties } from './item-properties.ts';
import type { Item } from './market.ts';
import { HABIT } from './population.ts';
import { SLICES_PER_DAY } from './slices.ts';
import { TIE } from './ties.ts';
import { act, type Visit } from './visit.ts';
import { later, someTimeNow, type World } from './world.ts';

const CURIOUS_STARTS = 0.07;
const GIVES_UP_LISTING = 0.12;
const SKIPS_DRAFT = 0.1;
const AUTHENTICATED_FROM_MINOR = 300_000;
const AUTHENTICATED = 0.85;
const BREAKS_RULES = 0.003;
const REMOVES_AT_REVIEW = 0.2;
const TRIES_FOR_SLICES = 50 * SLICES_PER_DAY;
/** What an item that nobody wants is priced at and looks like, before its seller gives up selling. */
const UNWANTED_MARKUP = 1.6;
const UNWANTED_APPEAL = 0.015;
/** Items for sale when the run begins, as what would be listed in so many days. */
const OPENING_STOCK_DAYS = 16;

/** If the visitor has something to sell, offers it; dealers a few things, the curious only begin to. */
export function perhapsSell(world: World, visit: Visit): void {
  // Who sells has shown papers, for one account only.
  if (visit.account !== visit.person) return;
  const { chance, people } = world;
  const { lists, listsMorePerVisit } = people.traits(visit.person);
  const curious = people.has(visit.person, HABIT.curiousAboutSelling) && chance.happens(CURIOUS_STARTS);
  if (chance.happens(lists)) {
    for (let left = 1 + chance.geometric(listsMorePerVisit); left > 0; left--) offerItem(world, visit);
  } else if (curious) {
    act(world, visit, 'Page Viewed', { section: 'selling' });
    act(world, visit, 'Listing Started', { listingId: listingIdOf(++world.issued.items) });
  }
}

function offerItem(world: World, visit: Visit): void {
  const { chance } = world;
  const item = drawItem(world, visit.person, world.slice);
  if (!chance.happens(SKIPS_DRAFT)) {
    act(world, visit, 'Listing Started', { listingId: listingIdOf(item.number) });
  }
  if (chance.happens(GIVES_UP_LISTING)) return;
  act(world, visit, 'Listing Created', listingProperties(item));
  if (chance.happens(BREAKS_RULES)) {
    world.outbox.send(visit.at, visit.personId, 'Policy Violated', { listingId: listingIdOf(item.number) });
  }
  later(world, visit.at, chance.span(0.4, 5) * HOUR_MS, (then, at) => putOnSale(then, at, item));
  if (item.priceMinor >= AUTHENTICATED_FROM_MINOR && chance.happens(AUTHENTICATED)) {
    authenticateLater(world, visit.at, item);
  }
}

/** The marketplace has looked at the pictures, and the item can be found and bought. */
function putOnSale(world: World, at: Instant, item: Item): void {
  const { chance, market, people } = world;
  if (people.isAway(item.seller, world.slice)) return;
  const slot = makeRoom(world, at);
  market.add(slot, item);
  market.reviews.schedule(slot, world.slice + chance.between(9, 18) * SLICES_PER_DAY);
  if (people.tie[item.seller] === TIE.trusted) world.showcases.set(item.seller, slot);
}

/** An item as its seller would price it; near the end of a seller whose items stay unsold, a bad one. */
export function drawItem(world: World, seller: number, listedSlice: number): Item {
  const { chance, people } = world;
  const category = chance.pick(people.traits(seller).interests);
  const unwanted = people.isDecliningFor('unsold_listings', seller, listedSlice);
  const markup = chance.span(0.85, 1.25);
  return {
    number: ++world.issued.items,
    seller,
    category,
    priceMinor: drawPriceMinor(chance, category, unwanted ? markup * UNWANTED_MARKUP : markup),
    appeal: unwanted ? UNWANTED_APPEAL : chance.span(0.15, 0.75) / markup,
    listedSlice,
  };
}

function authenticateLater(world: World, at: Instant, item: Item): void {
  later(world, at, world.chance.span(5, 60) * HOUR_MS, (then, authenticatedAt) => {
    const sellerId = then.people.idOf(item.seller);
    then.outbox.send(authenticatedAt, sellerId, 'Item Authenticated', listingProperties(item));
  });
}

/** The seller of an unsold item lowers its price or takes it back; the items of one who is away just go. */
export function reviewListing(world: World, slot: number): void {
  const { chance, market, people } = world;
  const item = market.itemAt(slot);
  const at = someTimeNow(world);
  if (people.isAway(item.seller, world.slice)) {
    market.remove(slot);
    return;
  }
  if (world.slice - item.listedSlice > TRIES_FOR_SLICES || chance.happens(REMOVES_AT_REVIEW)) {
    takeDown(world, at, slot);
    return;
  }
  const priceMinor = Math.max(1_000, Math.round((item.priceMinor * chance.span(0.82, 0.96)) / 1_000) * 1_000);
  market.reprice(slot, priceMinor, Math.min(0.9, item.appeal * 1.15));
  market.reviews.schedule(slot, world.slice + chance.between(7, 14) * SLICES_PER_DAY);
  const properties = listingProperties({ ...item, priceMinor });
  world.outbox.send(at, people.idOf(item.seller), 'Listing Price Changed', properties);
}

/** Fills the shelves with what was listed before the run began; nothing is sent about it. */
export function stockMarket(world: World): void {
  const { chance, market, people } = world;
  for (let seller = 0; seller < people.size; seller++) {
    const { lists, listsMorePerVisit } = people.traits(seller);
    const perDay = people.visitsPerDay(seller) * lists * (1 + listsMorePerVisit);
    if ((people.joinsAt[seller] ?? 0) > 0 || people.tie[seller] === TIE.second) continue;
    for (let left = chance.geometric(perDay * OPENING_STOCK_DAYS); left > 0; left--) {
      const slot = market.claimSlot();
      if (market.holds(slot)) market.remove(slot);
      market.add(slot, drawItem(world, seller, -chance.below(40 * SLICES_PER_DAY)));
      market.reviews.schedule(slot, chance.between(1, 14 * SLICES_PER_DAY));
    }
  }
}

/** An empty slot. In a full market that of the oldest item, which its seller takes back for lack of space. */
function makeRoom(world: World, at: Instant): number {
  const slot = world.market.claimSlot();
  if (world.market.holds(slot)) takeDown(world, at, slot);
  return slot;
}

function takeDown(world: World, at: Instant, slot: number): void {
  const { market, people } = world;
  const item = market.itemAt(slot);
  market.remove(slot);
  if (people.isAway(item.seller, world.slice)) return;
  world.outbox.send(at, people.idOf(item.seller), 'Listing Removed', listingProperties(item));
}
