import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../../core/time.ts';
import { disputeAfterwards, disputeChance } from './disputes.ts';
import { aboutSeller, buyerIdOf, sendAsSeller, type Order } from './orders.ts';
import { HABIT } from './population.ts';
import { giveBackLater, refundAfterwards } from './refunds.ts';
import { payOutAfterwards, reviewAfterwards } from './settlement.ts';
import { later, type World } from './world.ts';

const CANCELS = 0.035;
const CANCELLATION_NAMES_SELLER = 0.8;
const RETURNS_WITHOUT_DISPUTE = 0.03;
const REVIEWS = 0.38;
/** Ratings 1 to 5 of a content buyer. */
const RATING_SHARES = [0.01, 0.02, 0.08, 0.3, 0.59];

/** Lets follow what follows an order: a cancellation, or shipping and everything after it. */
export function followOrder(world: World, order: Order): void {
  const { chance, people } = world;
  if (order.heldBackMs > 0) {
    undoBeforeItArrives(world, order);
    return;
  }
  if (chance.happens(CANCELS)) {
    later(world, order.placedAt, chance.span(10 * MINUTE_MS, 20 * HOUR_MS), (then, at) =>
      cancelOrder(then, at, order),
    );
    return;
  }
  const slow = people.has(order.seller, HABIT.answersSlowly);
  const packingMs = slow ? chance.span(1, 5) * DAY_MS : chance.span(4, 40) * HOUR_MS;
  later(world, order.placedAt, packingMs, (then, at) => shipOrder(then, at, order));
}

/** No confirmation came, so the buyer cancels or gets the money back hours before anybody else hears of it. */
function undoBeforeItArrives(world: World, order: Order): void {
  const waitMs = world.chance.span(0.2, 0.8) * order.heldBackMs;
  later(world, order.placedAt, waitMs, (then, at) => {
    if (then.chance.happens(0.5)) cancelOrder(then, at, order);
    else giveBackLater(then, at, 0, order, order.totalMinor);
  });
}

function cancelOrder(world: World, at: Instant, order: Order): void {
  const { chance, people } = world;
  if (people.isAway(people.accountAt(order.buyer, world.slice), world.slice)) return;
  const properties = chance.happens(CANCELLATION_NAMES_SELLER)
    ? aboutSeller(world, order)
    : { orderId: order.orderId };
  world.outbox.send(at, buyerIdOf(world, order), 'Order Cancelled', properties);
}

function shipOrder(world: World, at: Instant, order: Order): void {
  sendAsSeller(world, at, order, 'Order Shipped');
  later(world, at, world.chance.span(1, 5) * DAY_MS, (then, deliveredAt) =>
    deliverOrder(then, deliveredAt, order),
  );
}

function deliverOrder(world: World, at: Instant, order: Order): void {
  const { chance } = world;
  sendAsSeller(world, at, order, 'Order Delivered');
  if (chance.happens(disputeChance(world, order))) {
    disputeAfterwards(world, at, order);
  } else if (chance.happens(RETURNS_WITHOUT_DISPUTE)) {
    refundAfterwards(world, at, order);
  } else {
    payOutAfterwards(world, at, order, 7);
    if (chance.happens(REVIEWS)) reviewAfterwards(world, at, order, 1 + chance.pick(RATING_SHARES));
  }
}
