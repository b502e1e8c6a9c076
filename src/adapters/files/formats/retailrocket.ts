import { combineOrder } from '../combine-order.ts';
import { goodsOf } from '../goods.ts';
import { badKind, badTime, nobody, personOf, timeOf, wordOf } from '../read-cells.ts';
import { recogniseHeader, type HeaderFormat } from '../recognise-header.ts';
import type { RowFormat } from '../row-format.ts';

type Column = 'time' | 'person' | 'kind' | 'product' | 'order';

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({ view: 'Product Viewed', addtocart: 'Product Added' }),
);

const FORMAT: HeaderFormat<Column> = {
  columns: {
    time: ['timestamp'],
    person: ['visitorid'],
    kind: ['event'],
    product: ['itemid'],
    order: ['transactionid'],
  },
  companions: [
    { columns: ['categoryid', 'parentid'], note: 'category tree' },
    { columns: ['itemid', 'property', 'value'], note: 'item properties' },
  ],
  reader:
    (place) =>
    ({ cells, line }, idOf) => {
      const id = idOf(line);
      const at = timeOf(cells[place.time]);
      if (at === undefined) return badTime('timestamp', cells[place.time]);
      const personId = personOf(cells[place.person]);
      if (personId === undefined) return nobody('visitorid', at);
      const product = goodsOf(wordOf(cells[place.product]));
      const kind = cells[place.kind] ?? '';
      const name = NAMES.get(kind);
      if (name !== undefined) {
        return { kind: 'event', at, event: { messageId: id, personId, at, name, properties: product } };
      }
      if (kind !== 'transaction') return badKind('event', kind, [...NAMES.keys(), 'transaction'], at);
      const orderId = wordOf(cells[place.order]) ?? id;
      return {
        kind: 'line',
        at,
        group: `${personId}\n${orderId}`,
        item: { personId, orderId, valueMinor: 0, ...product },
      };
    },
};

/**
 * RetailRocket: views, carts and transactions with times in milliseconds. Rows of a visitor that share a
 * transactionid are one order; the set tells no prices, so its value is 0. The category tree and the item
 * properties are recognised and left alone.
 */
export const retailrocket: RowFormat = {
  name: 'retailrocket',
  statesCurrency: false,
  recognise: ([line = '']) => recogniseHeader(line, FORMAT),
  combine: combineOrder,
};
