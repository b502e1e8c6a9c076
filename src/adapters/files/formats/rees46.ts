import { goodsOf } from '../goods.ts';
import { badAmount, badKind, badTime, minorOf, nobody, personOf, timeOf, wordOf } from '../read-cells.ts';
import { recogniseHeader, type HeaderFormat } from '../recognise-header.ts';
import type { RowFormat } from '../row-format.ts';

type Column = 'time' | 'kind' | 'product' | 'category' | 'categoryId' | 'price' | 'person';

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    view: 'Product Viewed',
    cart: 'Product Added',
    remove_from_cart: 'Product Removed',
  }),
);

const FORMAT: HeaderFormat<Column> = {
  columns: {
    time: ['event_time'],
    kind: ['event_type'],
    product: ['product_id'],
    category: ['category_code'],
    categoryId: ['category_id'],
    price: ['price'],
    person: ['user_id'],
  },
  optional: ['category', 'categoryId'],
  reader:
    (place) =>
    ({ cells, line }, idOf) => {
      const id = idOf(line);
      const at = timeOf(cells[place.time]);
      if (at === undefined) return badTime('event_time', cells[place.time]);
      const personId = personOf(cells[place.person]);
      if (personId === undefined) return nobody('user_id', at);
      const kind = cells[place.kind] ?? '';
      const name = NAMES.get(kind);
      if (name === undefined && kind !== 'purchase') {
        return badKind('event_type', kind, [...NAMES.keys(), 'purchase'], at);
      }
      const price = cells[place.price];
      const priceMinor = minorOf(price);
      const isPriced = name === undefined || (price ?? '') !== '';
      if (isPriced && !(priceMinor >= 0)) return badAmount('price', price, priceMinor, at);
      const category = wordOf(cells[place.category]) ?? wordOf(cells[place.categoryId]);
      const product = goodsOf(wordOf(cells[place.product]), category, priceMinor);
      const properties =
        name === undefined ? { orderId: id, totalMinor: priceMinor, products: [product] } : product;
      return {
        kind: 'event',
        at,
        event: { messageId: id, personId, at, name: name ?? 'Order Completed', properties },
      };
    },
};

/**
 * REES46 multi-category store: views, carts, removals and purchases. The set has no order numbers: each purchase
 * row is an order of its own, of one piece at its price. Products without a category_code go by their category_id.
 */
export const rees46: RowFormat = {
  name: 'rees46',
  statesCurrency: false,
  recognise: ([line = '']) => recogniseHeader(line, FORMAT),
};
