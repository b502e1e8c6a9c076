import { DAY_MS, type Instant } from '../../core/time.ts';
import { CURRENCY } from './item-properties.ts';
import { aboutSeller, buyerIdOf, sendAsSeller, type Order } from './orders.ts';
import { later, type World } from './world.ts';

const PAID_OUT = 0.88;

/** The seller gets the price less the commission, `days` to a day more from `at`. */
export function payOutAfterwards(world: World, at: Instant, order: Order, days: number): void {
  later(world, at, world.chance.span(days, days + 1) * DAY_MS, (then, paidAt) => {
    const totalMinor = Math.round(order.totalMinor * PAID_OUT);
    sendAsSeller(then, paidAt, order, 'Payout Paid', { totalMinor, currency: CURRENCY });
  });
}

/** The buyer rates the seller some days from `at`, unless away by then. */
export function reviewAfterwards(world: World, at: Instant, order: Order, rating: number): void {
  later(world, at, world.chance.span(0.5, 9) * DAY_MS, (then, reviewedAt) => {
    const { people } = then;
    if (people.isAway(people.accountAt(order.buyer, then.slice), then.slice)) return;
    then.outbox.send(reviewedAt, buyerIdOf(then, order), 'Product Reviewed', {
      ...aboutSeller(then, order),
      productId: order.productId,
      category: order.category,
      rating,
    });
  });
}
