import { parseDecimal } from '../../../core/parse-number.ts';
import { combineOrder } from '../combine-order.ts';
import { goodsOf } from '../goods.ts';
import { badAmount, badTime, minorOf, nobody, personOf, timeOf, wordOf } from '../read-cells.ts';
import { recogniseHeader, type HeaderFormat } from '../recognise-header.ts';
import { rejected, type RowFormat } from '../row-format.ts';

type Column =
  'person' | 'basket' | 'time' | 'value' | 'product' | 'quantity' | 'loyalty' | 'coupon' | 'match';

const FORMAT: HeaderFormat<Column> = {
  columns: {
    person: ['household_id'],
    basket: ['basket_id'],
    time: ['transaction_timestamp'],
    value: ['sales_value'],
    product: ['product_id'],
    quantity: ['quantity'],
    loyalty: ['retail_disc'],
    coupon: ['coupon_disc'],
    match: ['coupon_match_disc'],
  },
  optional: ['product', 'quantity', 'loyalty', 'coupon', 'match'],
  companions: [
    { columns: ['household_id', 'coupon_upc', 'redemption_date'], note: 'coupon redemptions' },
    { columns: ['household_id', 'age', 'income'], note: 'demographics' },
    { columns: ['campaign_id', 'household_id'], note: 'campaigns by household' },
    { columns: ['campaign_id', 'campaign_type'], note: 'campaign descriptions' },
    { columns: ['campaign_id', 'coupon_upc', 'product_id'], note: 'coupons' },
    { columns: ['product_id', 'manufacturer_id'], note: 'products' },
    { columns: ['product_id', 'store_id', 'mailer_location'], note: 'promotions' },
  ],
  reader:
    (place) =>
    ({ cells }) => {
      const at = timeOf(cells[place.time]);
      if (at === undefined) return badTime('transaction_timestamp', cells[place.time]);
      const personId = personOf(cells[place.person]);
      if (personId === undefined) return nobody('household_id', at);
      const orderId = wordOf(cells[place.basket]);
      if (orderId === undefined) return rejected('missing_order_id', 'basket_id is empty', at);
      const valueMinor = minorOf(cells[place.value]);
      if (!(valueMinor >= 0)) return badAmount('sales_value', cells[place.value], valueMinor, at);
      const quantity = parseDecimal(cells[place.quantity] ?? '');
      const goods = goodsOf(wordOf(cells[place.product]), undefined, undefined, quantity);
      const discountMinor =
        offOf(cells[place.loyalty]) + offOf(cells[place.coupon]) + offOf(cells[place.match]);
      const item = { personId, orderId, valueMinor, discountMinor, ...goods };
      return { kind: 'line', at, group: `${personId}\n${orderId}`, item };
    },
};

/** What a discount column takes off; nothing where it cannot be read. */
function offOf(cell: string | undefined): number {
  return cell === undefined || cell === '0' ? 0 : Math.abs(minorOf(cell) || 0);
}

/**
 * dunnhumby Complete Journey (R package edition): the line items of a basket_id are one order of its household,
 * worth the sum of sales_value, at the time of the first. Discounts count whichever sign they are written with.
 *
 * The other tables of the set are recognised and left alone. So are coupon redemptions, though they could be read
 * as events: they are dated by day only, and what they took off is already on the line items as coupon_disc.
 */
export const completeJourney: RowFormat = {
  name: 'complete-journey',
  statesCurrency: false,
  recognise: ([line = '']) => recogniseHeader(line, FORMAT),
  combine: combineOrder,
};
