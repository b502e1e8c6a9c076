import { DAY_MS, HOUR_MS, plus, type Instant } from '../../core/time.ts';
import { drawPriceMinor } from './catalogue.ts';
import { listingProperties } from './item-properties.ts';
import { NO_DISCOUNT, placeOrder, sendAsSeller, type Order } from './orders.ts';
import { refundAfterwards } from './refunds.ts';
import { drawItem } from './selling.ts';
import { payOutAfterwards } from './settlement.ts';
import { TIE } from './ties.ts';
import type { Visit } from './visit.ts';
import { later, type World } from './world.ts';

const TRADES = 0.4;
const OTHER_WAY_ROUND = 0.35;
const LOOPS_BACK = 0.15;

/**
 * A member of a ring lists something dear and another buys it within two minutes, without having looked at
 * it. Next time it goes the other way, so the money stays among them; now and then it is refunded besides.
 */
export function perhapsWashTrade(world: World, visit: Visit): void {
  const { chance, people } = world;
  if (people.tie[visit.person] !== TIE.wash || !chance.happens(TRADES)) return;
  const partner = people.partner[visit.person] ?? visit.person;
  const buyer = chance.happens(OTHER_WAY_ROUND) ? (people.partner[partner] ?? partner) : partner;
  const other = buyer === visit.person ? partner : buyer;
  const plain = drawItem(world, visit.person, world.slice);
  const item = { ...plain, priceMinor: drawPriceMinor(chance, plain.category, chance.span(1.3, 3)) };

  world.outbox.send(visit.at, visit.personId, 'Listing Created', listingProperties(item));
  world.outbox.send(plus(visit.at, chance.between(2_000, 15_000)), people.idOf(other), 'Signed In', {});
  const boughtAt = plus(visit.at, chance.between(20_000, 110_000));
  passOn(world, placeOrder(world, boughtAt, other, item, NO_DISCOUNT));
  visit.at = plus(visit.at, chance.between(120_000, 240_000));
}

/** Parcels of a ring go out at once, arrive soon and please everybody. */
function passOn(world: World, order: Order): void {
  const { chance } = world;
  later(world, order.placedAt, chance.span(1, 12) * HOUR_MS, (then, at) => {
    sendAsSeller(then, at, order, 'Order Shipped');
    later(then, at, chance.span(1, 3) * DAY_MS, (afterwards, deliveredAt) =>
      receive(afterwards, deliveredAt, order),
    );
  });
}

function receive(world: World, at: Instant, order: Order): void {
  sendAsSeller(world, at, order, 'Order Delivered');
  if (world.chance.happens(LOOPS_BACK)) refundAfterwards(world, at, order);
  else payOutAfterwards(world, at, order, 7);
}
