import { parseInstant } from '../../../core/parse-instant.ts';
import { goodsOf } from '../goods.ts';
import { badKind, badTime, nobody, personOf, wordOf } from '../read-cells.ts';
import type { RowFormat, RowReader } from '../row-format.ts';

const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pv: 'Product Viewed',
    cart: 'Product Added',
    fav: 'Product Added to Wishlist',
    buy: 'Order Completed',
  }),
);
const COLUMNS = 'user, item, category, behaviour, seconds';

/**
 * Taobao user behaviour: five columns, as a rule without a header. The set tells no prices, so a `buy` is an order
 * of its own of value 0.
 */
export const taobao: RowFormat = {
  name: 'taobao',
  statesCurrency: false,
  recognise: (lines) => {
    const rows = lines.map(cellsOf);
    if (rows.some((cells) => cells.length === 5 && NAMES.get(cells[3] ?? '') !== undefined)) {
      const headerRows =
        rows[0]?.length === 5 && NAMES.get(rows[0][3] ?? '') === undefined && !/\d/.test(rows[0][4] ?? '')
          ? 1
          : 0;
      return { kind: 'data', headerRows, cut: cellsOf, width: 5, read };
    }
    const found = `a first line ${JSON.stringify((lines[0] ?? '').slice(0, 80))}`;
    return {
      kind: 'foreign',
      found,
      needed: `rows of ${COLUMNS}, behaviour one of ${[...NAMES.keys()].join(', ')}`,
    };
  },
};

const read: RowReader = ({ cells, line }, idOf) => {
  const id = idOf(line);
  const at = parseInstant(cells[4] ?? '');
  if (at === undefined) return badTime('seconds', cells[4]);
  const personId = personOf(cells[0]);
  if (personId === undefined) return nobody('user', at);
  const kind = cells[3] ?? '';
  const name = NAMES.get(kind);
  if (name === undefined) return badKind('behaviour', kind, NAMES.keys(), at);
  const product = goodsOf(wordOf(cells[1]), wordOf(cells[2]));
  const properties = kind === 'buy' ? { orderId: id, totalMinor: 0, products: [product] } : product;
  return { kind: 'event', at, event: { messageId: id, personId, at, name, properties } };
};

function cellsOf(text: string): string[] {
  return text.split(',');
}
