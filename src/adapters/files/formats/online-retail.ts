import { toMinor } from '../../../core/money.ts';
import { parseDecimal } from '../../../core/parse-number.ts';
import { netReturns } from '../net-returns.ts';
import { badAmount, badTime, nobody, personOf, timeOf, wordOf } from '../read-cells.ts';
import { recogniseHeader, type HeaderFormat } from '../recognise-header.ts';
import { rejected, type RowFormat } from '../row-format.ts';

type Column = 'invoice' | 'product' | 'quantity' | 'time' | 'price' | 'person';

const FORMAT: HeaderFormat<Column> = {
  columns: {
    invoice: ['InvoiceNo', 'Invoice'],
    product: ['StockCode'],
    quantity: ['Quantity'],
    time: ['InvoiceDate'],
    price: ['UnitPrice', 'Price'],
    person: ['CustomerID'],
  },
  reader:
    (place) =>
    ({ cells }) => {
      const at = timeOf(cells[place.time]);
      if (at === undefined) return badTime('InvoiceDate', cells[place.time]);
      const personId = personOf(cells[place.person])?.replace(/^(\d+)\.0*$/, '$1');
      if (personId === undefined) return nobody('CustomerID', at);
      const orderId = wordOf(cells[place.invoice]);
      if (orderId === undefined) return rejected('missing_order_id', 'InvoiceNo is empty', at);
      const isReturn = /^c/i.test(orderId);
      const pieces = parseDecimal(cells[place.quantity] ?? '');
      const quantity = isReturn ? 0 - pieces : pieces;
      if (!(quantity >= 0)) {
        const expected = isReturn
          ? 'a cancellation takes a negative quantity'
          : 'only a cancellation takes a negative one';
        const reason = Number.isNaN(pieces) || isReturn ? 'invalid_amount' : 'negative_amount';
        return rejected(
          reason,
          `Quantity is ${JSON.stringify(cells[place.quantity] ?? '')}; ${expected}`,
          at,
        );
      }
      const unitPrice = parseDecimal(cells[place.price] ?? '');
      const valueMinor = toMinor(quantity * unitPrice, '');
      if (!(unitPrice >= 0 && Number.isSafeInteger(valueMinor))) {
        return badAmount('UnitPrice', cells[place.price], unitPrice, at);
      }
      const productId = wordOf(cells[place.product]);
      const item = {
        personId,
        orderId,
        valueMinor,
        ...(productId === undefined ? {} : { productId }),
        quantity,
        unitPrice,
        ...(isReturn ? { isReturn } : {}),
      };
      return { kind: 'line', at, group: personId, item };
    },
};

/**
 * UCI Online Retail (and II): a row is one line item; lines that share an InvoiceNo are one order, at the time of
 * its first line. An InvoiceNo starting with C is a cancellation, netted by net-returns.ts. `17850.0` is customer
 * 17850; rows without a customer are rejected. Amounts are taken in the reporting currency.
 */
export const onlineRetail: RowFormat = {
  name: 'online-retail',
  statesCurrency: false,
  recognise: ([line = '']) => recogniseHeader(line, FORMAT),
  combine: netReturns,
};
