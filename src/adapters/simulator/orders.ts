import type { EventProperties } from '../../core/events/event.ts';
import type { Instant } from '../../core/time.ts';
import { categoryOf } from './catalogue.ts';
import { CURRENCY, productIdOf } from './item-properties.ts';
import type { Item } from './market.ts';
import type { World } from './world.ts';

/** An order on its way from payment to payout. */
export interface Order {
  readonly orderId: string;
  readonly buyer: number;
  readonly seller: number;
  readonly productId: string;
  readonly category: string;
  /** What the buyer paid: the price less the discount. */
  readonly totalMinor: number;
  readonly placedAt: Instant;
  /** The shop did not pass the order on for so long that the buyer gave up on it; 0 for nearly all. */
  readonly heldBackMs: number;
}

export interface Discount {
  readonly coupon?: string;
  readonly discountMinor: number;
}

export const NO_DISCOUNT: Discount = { discountMinor: 0 };

const MOST_COUNTED = 65_535;

/** The account buys the item: sends `Order Completed` and returns the order for what follows. */
export function placeOrder(
  world: World,
  at: Instant,
  buyer: number,
  item: Item,
  { coupon, discountMinor }: Discount,
  heldBackMs = 0,
): Order {
  const { people, issued, ordersOf } = world;
  const orderId = `o${(++issued.orders).toString(36)}`;
  const totalMinor = item.priceMinor - discountMinor;
  const productId = productIdOf(item.number);
  const category = categoryOf(item.category).name;
  const sellerId = people.idOf(item.seller);
  const properties: EventProperties = {
    orderId,
    totalMinor,
    currency: CURRENCY,
    sellerId,
    products: [{ productId, category, priceMinor: item.priceMinor, quantity: 1, sellerId }],
    discountMinor,
    ...(coupon === undefined ? {} : { coupon }),
  };
  world.outbox.send(at, people.idOf(buyer), 'Order Completed', properties, heldBackMs);
  ordersOf[buyer] = Math.min(MOST_COUNTED, (ordersOf[buyer] ?? 0) + 1);
  return { orderId, buyer, seller: item.seller, productId, category, totalMinor, placedAt: at, heldBackMs };
}

/** The buyer's present id: the account they bought with may have been merged since. */
export function buyerIdOf(world: World, order: Order): string {
  return world.people.idOf(world.people.accountAt(order.buyer, world.slice));
}

/** The seller's part of an event of the buyer about an order. */
export function aboutSeller(world: World, order: Order): EventProperties {
  return { orderId: order.orderId, sellerId: world.people.idOf(order.seller) };
}

/** Sends an event of the seller's side about an order. */
export function sendAsSeller(
  world: World,
  at: Instant,
  order: Order,
  name: 'Order Shipped' | 'Order Delivered' | 'Dispute Answered' | 'Payout Paid',
  more: EventProperties = {},
): void {
  const buyerId = buyerIdOf(world, order);
  world.outbox.send(at, world.people.idOf(order.seller), name, { orderId: order.orderId, buyerId, ...more });
}
