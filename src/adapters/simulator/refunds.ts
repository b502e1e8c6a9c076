import { DAY_MS, HOUR_MS, type Instant } from '../../core/time.ts';
import { CURRENCY } from './item-properties.ts';
import { aboutSeller, buyerIdOf, type Order } from './orders.ts';
import { later, type World } from './world.ts';

/** All with the amount, all without it, a part, two parts. */
const KIND_SHARES = [0.3, 0.25, 0.3, 0.15];
const SENT_TWICE = 0.08;

/** Gives money back for the order, at once or in parts, a few hours to days from `at`. */
export function refundAfterwards(world: World, at: Instant, order: Order): void {
  const { chance } = world;
  const waitMs = chance.span(2, 72) * HOUR_MS;
  const partMinor = Math.round((order.totalMinor * chance.span(0.1, 0.6)) / 100) * 100;
  switch (chance.pick(KIND_SHARES)) {
    case 0:
      giveBackLater(world, at, waitMs, order, order.totalMinor);
      break;
    case 1:
      giveBackLater(world, at, waitMs, order);
      break;
    case 2:
      giveBackLater(world, at, waitMs, order, partMinor);
      break;
    default:
      giveBackLater(world, at, waitMs, order, partMinor);
      giveBackLater(world, at, waitMs + chance.span(1, 12) * DAY_MS, order, order.totalMinor - partMinor);
  }
}

/** One refund; without an amount it is all of the order. Some are sent twice, under two messageIds. */
export function giveBackLater(
  world: World,
  at: Instant,
  waitMs: number,
  order: Order,
  totalMinor?: number,
): void {
  const refundId = `r${(++world.issued.refunds).toString(36)}`;
  const giveBack = (then: World, refundedAt: Instant): void => {
    const amount = totalMinor === undefined ? {} : { totalMinor, currency: CURRENCY };
    const properties = { ...aboutSeller(then, order), refundId, ...amount };
    then.outbox.send(refundedAt, buyerIdOf(then, order), 'Order Refunded', properties);
  };
  later(world, at, waitMs, giveBack);
  if (world.chance.happens(SENT_TWICE)) {
    later(world, at, waitMs + world.chance.span(1, 30) * HOUR_MS, giveBack);
  }
}
