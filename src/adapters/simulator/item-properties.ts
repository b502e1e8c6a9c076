import type { EventProperties } from '../../core/events/event.ts';
import { categoryOf } from './catalogue.ts';
import type { Item } from './market.ts';
import type { World } from './world.ts';

export const CURRENCY = 'CNY';

export function productIdOf(itemNumber: number): string {
  return `i${itemNumber.toString(36)}`;
}

export function listingIdOf(itemNumber: number): string {
  return `l${itemNumber.toString(36)}`;
}

/** How events about looking at or wanting an item describe it. */
export function productProperties(world: World, item: Item): EventProperties {
  return {
    productId: productIdOf(item.number),
    category: categoryOf(item.category).name,
    priceMinor: item.priceMinor,
    currency: CURRENCY,
    sellerId: world.people.idOf(item.seller),
  };
}

/** How events about offering an item describe it. */
export function listingProperties(item: Item): EventProperties {
  return {
    listingId: listingIdOf(item.number),
    productId: productIdOf(item.number),
    category: categoryOf(item.category).name,
    priceMinor: item.priceMinor,
    currency: CURRENCY,
  };
}
