import type { ColumnMap } from '../column-map.ts';
import { combineOrder } from '../combine-order.ts';
import { badAmount, badKind, badTime, minorOf, nobody, personOf, timeOf, wordOf } from '../read-cells.ts';
import { recogniseHeader } from '../recognise-header.ts';
import { rejected, type RowFormat, type RowReader } from '../row-format.ts';

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    order: 'Order Completed',
    refund: 'Order Refunded',
    cancel: 'Order Cancelled',
    view: 'Product Viewed',
    cart: 'Product Added',
    wishlist: 'Product Added to Wishlist',
    search: 'Products Searched',
  }),
);

/**
 * Any CSV with a header, read through a column map. Without a kind column every row is an order. `value` is the
 * value of an order, what a refund gives back (empty: all of it) and the price on a view, cart or wishlist row
 * (may be empty); it is not read on the others, since a cancellation takes back the whole order. Amounts are
 * never negative: the kind says the direction. Order rows of a person that share an order number are line items
 * of one order, at the time of the first; without an order number each row is an order of its own.
 */
export function csvFormat(map: ColumnMap): RowFormat {
  const columns: Record<string, readonly string[]> = {
    person: [map.person],
    time: [map.time],
    value: [map.value],
    ...(map.order === undefined ? {} : { order: [map.order] }),
    ...(map.seller === undefined ? {} : { seller: [map.seller] }),
    ...(map.kind === undefined ? {} : { kind: [map.kind] }),
  };
  return {
    name: 'csv',
    statesCurrency: false,
    recognise: ([line = '']) => recogniseHeader(line, { columns, reader: (place) => readerAt(place, map) }),
    ...(map.order === undefined ? {} : { combine: combineOrder }),
  };
}

function readerAt(place: Readonly<Partial<Record<string, number>>>, map: ColumnMap): RowReader {
  const { person = -1, time = -1, value = -1, order = -1, seller = -1, kind: kindAt = -1 } = place;
  return ({ cells, line }, idOf) => {
    const id = idOf(line);
    const at = timeOf(cells[time]);
    if (at === undefined) return badTime(map.time, cells[time]);
    const personId = personOf(cells[person]);
    if (personId === undefined) return nobody(map.person, at);
    const kind = kindAt < 0 ? 'order' : (cells[kindAt] ?? '').trim().toLowerCase();
    const name = NAMES.get(kind);
    if (name === undefined) return badKind(map.kind ?? 'kind', cells[kindAt], NAMES.keys(), at);
    const amount = (cells[value] ?? '').trim();
    const minor = minorOf(amount);
    const isValued = kind === 'order' || (amount !== '' && kind !== 'cancel' && kind !== 'search');
    if (isValued && !(minor >= 0)) return badAmount(map.value, amount, minor, at);
    const orderId = wordOf(cells[order]);
    const sellerId = wordOf(cells[seller]);
    const other = sellerId === undefined ? {} : { sellerId };
    const event = { messageId: id, personId, at, name };
    switch (kind) {
      case 'order': {
        const item = { personId, orderId: orderId ?? id, valueMinor: minor, ...other };
        if (orderId !== undefined) return { kind: 'line', at, group: `${personId}\n${orderId}`, item };
        return {
          kind: 'event',
          at,
          event: { ...event, properties: { orderId: id, totalMinor: minor, ...other } },
        };
      }
      case 'refund':
      case 'cancel': {
        if (orderId === undefined)
          return rejected('missing_order_id', `a ${kind} needs the order it takes back`, at);
        const total = isValued ? { totalMinor: minor } : {};
        const refund = kind === 'refund' ? { refundId: id } : {};
        return {
          kind: 'event',
          at,
          event: { ...event, properties: { orderId, ...total, ...refund, ...other } },
        };
      }
      default: {
        const price = isValued ? { priceMinor: minor } : {};
        return { kind: 'event', at, event: { ...event, properties: { ...price, ...other } } };
      }
    }
  };
}
