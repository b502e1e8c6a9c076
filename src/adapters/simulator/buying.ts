import type { EventProperties } from '../../core/events/event.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/time.ts';
import { followOrder } from './after-sales.ts';
import { findItem, viewItem } from './browsing.ts';
import { DEAR_CATEGORIES } from './catalogue.ts';
import { CURRENCY, listingIdOf, productProperties } from './item-properties.ts';
import type { Item } from './market.ts';
import { NO_DISCOUNT, placeOrder, type Discount } from './orders.ts';
import { ATTITUDE, HABIT } from './population.ts';
import { TIE } from './ties.ts';
import { act, spend, type Visit } from './visit.ts';
import { later, type World } from './world.ts';

const LOOKS_BEFORE_GIVING_UP = 6;
const FESTIVAL_LONGING = 1.6;
/** Dearer than this many purses is out of reach, cheaper than that share of one is beneath notice. */
const OUT_OF_REACH = 3.5;
const BENEATH_NOTICE = 0.12;
const HELD_BACK = 0.005;
const ABANDONS_CHECKOUT = 0.14;
const RETURNS_TO_TRUSTED = 0.75;
const FIRST_COUPON = 'WELCOME';
const COUPONS = ['WEEKEND', 'MEMBERS', 'THANKS'] as const;
/** Chance of a coupon by attitude, on ordinary days and on days of great sales. */
const COUPON_SHARES: readonly (readonly [number, number])[] = [
  [0.45, 0.85],
  [0.2, 0.55],
  [0.05, 0.25],
];

/** If the visitor wants to buy something and finds it, orders it. */
export function perhapsBuy(world: World, visit: Visit): void {
  const { chance, people, rhythm } = world;
  const longing = people.traits(visit.person).wantsToBuy * (rhythm.festival ? FESTIVAL_LONGING : 1);
  if (!chance.happens(longing)) return;
  const slot = chooseItem(world, visit);
  if (slot < 0) return;
  const item = world.market.itemAt(slot);
  act(world, visit, 'Product Added', { ...productProperties(world, item), quantity: 1 });
  act(world, visit, 'Checkout Started', checkoutProperties(item));
  if (chance.happens(ABANDONS_CHECKOUT)) return;
  const discount = drawDiscount(world, visit, item);
  if (discount.coupon !== undefined) act(world, visit, 'Coupon Applied', { coupon: discount.coupon });
  world.market.remove(slot);
  const first = (world.ordersOf[visit.account] ?? 0) === 0;
  const heldBackMs = chance.happens(HELD_BACK) ? chance.between(6 * HOUR_MS, 60 * HOUR_MS) : 0;
  const order = placeOrder(world, visit.at, visit.account, item, discount, heldBackMs);
  followOrder(world, order);
  spend(world, visit, 5, 60);
  if (first) thankReferrer(world, visit, order.orderId, order.totalMinor);
}

/** The slot of the first item that tempts enough, after looking at it and at those before it; −1 for none. */
function chooseItem(world: World, visit: Visit): number {
  const { chance, market, people } = world;
  const trusted = findTrustedDealersItem(world, visit.person);
  if (trusted >= 0) {
    viewItem(world, visit, market.itemAt(trusted));
    return trusted;
  }
  const purseMinor = people.traits(visit.person).purseYuan * 100 * (people.purse[visit.person] ?? 1);
  for (let look = 0; look < LOOKS_BEFORE_GIVING_UP; look++) {
    const slot = findPreferred(world, visit.person);
    if (slot < 0) continue;
    const item = market.itemAt(slot);
    viewItem(world, visit, item);
    const fits = item.priceMinor < purseMinor * OUT_OF_REACH && item.priceMinor > purseMinor * BENEATH_NOTICE;
    if (fits && chance.happens(item.appeal)) return slot;
  }
  return -1;
}

/** Of two items the one that suits the attitude: two glances at a list, not yet a view. */
function findPreferred(world: World, person: number): number {
  const one = findItem(world, person);
  const attitude = world.people.attitude[person];
  if (attitude === ATTITUDE.balanced) return one;
  const other = findItem(world, person);
  if (one < 0 || other < 0 || !world.market.holds(one)) return other;
  const otherIsCheaper = world.market.priceAt(other) < world.market.priceAt(one);
  return otherIsCheaper === (attitude === ATTITUDE.cheapest) ? other : one;
}

function findTrustedDealersItem(world: World, person: number): number {
  const { chance, market, people } = world;
  if (people.tie[person] !== TIE.loyal || !chance.happens(RETURNS_TO_TRUSTED)) return -1;
  const dealer = people.partner[person] ?? -1;
  const slot = world.showcases.get(dealer) ?? -1;
  return slot >= 0 && market.holds(slot) && market.sellerAt(slot) === dealer ? slot : -1;
}

function checkoutProperties(item: Item): EventProperties {
  return { totalMinor: item.priceMinor, currency: CURRENCY, listingId: listingIdOf(item.number) };
}

function drawDiscount(world: World, visit: Visit, item: Item): Discount {
  const { chance, people, rhythm } = world;
  const [ordinary, festive] = COUPON_SHARES[people.attitude[visit.person] ?? 0] ?? [0, 0];
  if (!chance.happens(rhythm.festival ? festive : ordinary)) return NO_DISCOUNT;
  const newcomer = (world.ordersOf[visit.account] ?? 0) === 0;
  const coupon = rhythm.festival ? 'FESTIVAL' : newcomer ? FIRST_COUPON : chance.of(COUPONS);
  const share = item.category < DEAR_CATEGORIES ? chance.span(0.02, 0.06) : chance.span(0.05, 0.15);
  return { coupon, discountMinor: Math.round((item.priceMinor * share) / 100) * 100 };
}

/** The first order of somebody who came by referral completes it for whoever recommended the marketplace. */
function thankReferrer(world: World, visit: Visit, orderId: string, totalMinor: number): void {
  const { chance, people } = world;
  if ((people.joinsAt[visit.person] ?? 0) === 0 || !people.has(visit.person, HABIT.wasReferred)) return;
  const referrer = chance.below(people.size);
  if (referrer === visit.person || people.tie[referrer] === TIE.second) return;
  const buyerId = visit.personId;
  later(world, visit.at, chance.span(10, 90) * MINUTE_MS, (then, at) => {
    if (then.people.isAway(referrer, then.slice)) return;
    const properties = { orderId, buyerId, totalMinor, currency: CURRENCY };
    then.outbox.send(at, then.people.idOf(referrer), 'Referral Completed', properties);
  });
}
