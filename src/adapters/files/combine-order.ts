import type { EventProperties, ProductLine } from '../../core/events/event.ts';
import type { Draft } from './draft.ts';
import { goodsOf } from './goods.ts';
import type { OrderLine, PlacedLine, RowNames } from './row-format.ts';

/** The line items of one order to that order: the sum of their values, at the time of the first of them. */
export function combineOrder(lines: readonly PlacedLine[], names: RowNames): Draft[] {
  const first = lines[0];
  if (first === undefined) return [];
  const { personId, orderId, sellerId } = first.item;
  let totalMinor = 0;
  let discountMinor = 0;
  let isOneSeller = true;
  for (const { item } of lines) {
    totalMinor += item.valueMinor;
    discountMinor += item.discountMinor ?? 0;
    if (item.sellerId !== sellerId) isOneSeller = false;
  }
  const products = isOneSeller ? productsOf(lines) : lines.map(({ item }) => shareOf(item));
  const properties: { -readonly [K in keyof EventProperties]: EventProperties[K] } = { orderId, totalMinor };
  if (discountMinor > 0) properties.discountMinor = discountMinor;
  if (isOneSeller && sellerId !== undefined) properties.sellerId = sellerId;
  if (products.length > 0) properties.products = products;
  const { at, file, row } = first;
  const event = { messageId: names(file, row), personId, at, name: 'Order Completed', properties };
  const draft: Draft = { at, file, line: row, part: 0, rows: lines.length, event };
  return [first.raw === undefined ? draft : { ...draft, raw: first.raw }];
}

/** What is known of the goods; nothing for files that tell only orders and values. */
function productsOf(lines: readonly PlacedLine[]): ProductLine[] {
  const products: ProductLine[] = [];
  for (const { item } of lines) {
    const { productId, category, quantity = 0, valueMinor } = item;
    if (productId === undefined) continue;
    const priceMinor = quantity > 0 ? Math.round(valueMinor / quantity) : valueMinor;
    products.push(goodsOf(productId, category, priceMinor, item.quantity));
  }
  return products;
}

/** Lines of several sellers share the order by value, so a line's price is its whole value. */
function shareOf({ productId, category, sellerId, valueMinor }: OrderLine): ProductLine {
  const share = goodsOf(productId, category, valueMinor);
  return sellerId === undefined ? share : { ...share, sellerId };
}
