import { describe, expect, it } from 'vitest';
import { describeWithData } from '../../../support/real-data.ts';
import { eventsOf, folderOf, linesOf, open, readAll, recordsOf, rowsOf } from '../a-history.ts';

const HEADER =
  'household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp';
const TRANSACTIONS = [
  HEADER,
  '2261,309,316,940996,2,3.86,0.43,0,0,5,2017-01-28 19:06:53',
  '2131,368,320,873902,1,1.59,0,0,0,10,2017-01-01 03:31:57',
  '2261,309,316,940997,1,1.00,0,-0.5,0.25,5,2017-01-28 19:06:53',
  '',
].join('\r\n');

describe('complete-journey', () => {
  it('makes the line items of a basket one order', async () => {
    const records = await readAll(folderOf({ 'transactions.csv': TRANSACTIONS }), {
      format: 'complete-journey',
    });
    expect(linesOf(records)).toEqual([
      '2017-01-01T03:31:57.000Z row 3 of 1: 2131 Order Completed {"orderId":"320","totalMinor":159,' +
        '"products":[{"productId":"873902","priceMinor":159,"quantity":1}]}',
      '2017-01-28T19:06:53.000Z row 2 of 2: 2261 Order Completed {"orderId":"316","totalMinor":486,"discountMinor":118,' +
        '"products":[{"productId":"940996","priceMinor":193,"quantity":2},{"productId":"940997","priceMinor":100,"quantity":1}]}',
    ]);
  });

  it('knows the other tables of the set and leaves them alone', async () => {
    const folder = folderOf({
      'transactions.csv': TRANSACTIONS,
      'campaigns.csv': 'campaign_id,household_id\n1,105\n',
      'campaign_descriptions.csv':
        'campaign_id,campaign_type,start_date,end_date\n1,B,2017-03-03,2017-04-09\n',
      'coupon_redemptions.csv':
        'household_id,coupon_upc,campaign_id,redemption_date\n1029,513,26,2017-01-01\n',
      'coupons.csv': 'coupon_upc,product_id,campaign_id\n1,2,3\n',
      'demographics.csv': 'household_id,age,income\n1,65+,35-49K\n',
      'products.csv': 'product_id,manufacturer_id,department\n1,2,x\n',
      'promotions.csv': 'product_id,store_id,display_location,mailer_location,week\n1,2,3,4,5\n',
    });
    const history = await open(folder, { format: 'complete-journey' });
    expect(history.notes).toEqual([
      'campaign_descriptions.csv: campaign descriptions, skipped',
      'campaigns.csv: campaigns by household, skipped',
      'coupon_redemptions.csv: coupon redemptions, skipped',
      'coupons.csv: coupons, skipped',
      'demographics.csv: demographics, skipped',
      'products.csv: products, skipped',
      'promotions.csv: promotions, skipped',
    ]);
    expect(rowsOf(await recordsOf(history))).toBe(3);
  });
});

describeWithData('complete-journey', (folder) => {
  it('reads 75,000 line items as 47,243 orders of 2,377 households', async () => {
    const records = await readAll(folder, { format: 'complete-journey' });
    const events = eventsOf(records);
    expect(rowsOf(records)).toBe(75_000);
    expect(events.length).toBe(47_243);
    expect(new Set(events.map(({ personId }) => personId)).size).toBe(2_377);
  });
});
