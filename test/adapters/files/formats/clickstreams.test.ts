import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithData } from '../../../support/real-data.ts';
import {
  eventsOf,
  fileOf,
  folderOf,
  linesOf,
  open,
  readAll,
  recordsOf,
  rejectionsOf,
  rowsOf,
} from '../a-history.ts';

describe('rees46', () => {
  const HEADER =
    'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session';
  it('reads views, carts and purchases', async () => {
    const rows = [
      HEADER,
      '2019-10-01 00:00:00 UTC,view,44,21,,"a, b",35.79,541,s',
      '2019-10-01 00:00:01 UTC,cart,39,20,appliances.heater,aqua,33.20,554,s',
      '2019-10-01 00:00:02 UTC,remove_from_cart,39,20,appliances.heater,aqua,,554,s',
      '2019-10-01 00:00:03 UTC,purchase,39,20,appliances.heater,aqua,33.20,554,s',
    ];
    expect(linesOf(await readAll(fileOf('oct.csv', rows.join('\n')), { format: 'rees46' }))).toEqual([
      '2019-10-01T00:00:00.000Z row 2 of 1: 541 Product Viewed {"productId":"44","category":"21","priceMinor":3579}',
      '2019-10-01T00:00:01.000Z row 3 of 1: 554 Product Added {"productId":"39","category":"appliances.heater","priceMinor":3320}',
      '2019-10-01T00:00:02.000Z row 4 of 1: 554 Product Removed {"productId":"39","category":"appliances.heater"}',
      '2019-10-01T00:00:03.000Z row 5 of 1: 554 Order Completed {"orderId":"rees46:oct.csv:5","totalMinor":3320,' +
        '"products":[{"productId":"39","category":"appliances.heater","priceMinor":3320}]}',
    ]);
  });

  it('counts what it cannot use', async () => {
    const rows = [
      HEADER,
      '2019-10-01 00:00:00 UTC,stare,44,21,,a,35.79,541,s',
      '2019-10-01 00:00:00 UTC,constructor,44,21,,a,35.79,541,s',
      '2019-10-01 00:00:00 UTC,purchase,44,21,,a,,541,s',
      '2019-10-01 00:00:00 UTC,view,44,21,,a,-79.37,541,s',
      '2019-10-01 00:00:00 UTC,view,44,21,,a,1,,s',
    ];
    const rejections = rejectionsOf(await readAll(fileOf('oct.csv', rows.join('\n')), { format: 'rees46' }));
    expect(rejections.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      'malformed: event_type is "stare"; expected one of view, cart, remove_from_cart, purchase',
      'malformed: event_type is "constructor"; expected one of view, cart, remove_from_cart, purchase',
      'invalid_amount: price is ""; expected a number',
      'negative_amount: price is "-79.37"',
      'missing_person: user_id is empty',
    ]);
  });
});

describe('retailrocket', () => {
  const EVENTS = [
    'timestamp,visitorid,event,itemid,transactionid',
    '1433221332117,257597,view,355908,',
    '1433224214164,992329,addtocart,248676,',
    '1433221999827,111016,transaction,318965,7',
    '1433221999900,111016,transaction,318966,7',
  ].join('\n');

  it('reads views, carts and transactions, whose rows are one order', async () => {
    expect(linesOf(await readAll(fileOf('events.csv', EVENTS), { format: 'retailrocket' }))).toEqual([
      '2015-06-02T05:02:12.117Z row 2 of 1: 257597 Product Viewed {"productId":"355908"}',
      '2015-06-02T05:13:19.827Z row 4 of 2: 111016 Order Completed {"orderId":"7","totalMinor":0,' +
        '"products":[{"productId":"318965","priceMinor":0},{"productId":"318966","priceMinor":0}]}',
      '2015-06-02T05:50:14.164Z row 3 of 1: 992329 Product Added {"productId":"248676"}',
    ]);
  });

  it('knows the other files of the set and leaves them alone', async () => {
    const folder = folderOf({
      'category_tree.csv': 'categoryid,parentid\n1016,213\n',
      'events.csv': EVENTS,
      'item_properties_part1.csv': 'timestamp,itemid,property,value\n1435460400000,460429,categoryid,1338\n',
    });
    const history = await open(folder, { format: 'retailrocket' });
    expect(history.notes).toEqual([
      'category_tree.csv: category tree, skipped',
      'item_properties_part1.csv: item properties, skipped',
    ]);
    expect(rowsOf(await recordsOf(history))).toBe(4);
  });
});

describe('taobao', () => {
  it('reads four behaviours; a purchase is an order of value 0', async () => {
    const rows = [
      '1,22,25,pv,1511544070',
      '1,23,25,buy,1511561733',
      '1,24,25,cart,1511572885',
      '2,25,26,fav,1511593493',
    ];
    expect(linesOf(await readAll(fileOf('u.csv', rows.join('\n')), { format: 'taobao' }))).toEqual([
      '2017-11-24T17:21:10.000Z row 1 of 1: 1 Product Viewed {"productId":"22","category":"25"}',
      '2017-11-24T22:15:33.000Z row 2 of 1: 1 Order Completed {"orderId":"taobao:u.csv:2","totalMinor":0,' +
        '"products":[{"productId":"23","category":"25"}]}',
      '2017-11-25T01:21:25.000Z row 3 of 1: 1 Product Added {"productId":"24","category":"25"}',
      '2017-11-25T07:04:53.000Z row 4 of 1: 2 Product Added to Wishlist {"productId":"25","category":"26"}',
    ]);
  });

  it('passes over a header, and counts what it cannot use', async () => {
    const rows = [
      'user,item,category,behaviour,seconds',
      '1,22,25,pv,1511544070',
      '1,22,25,pv,-3',
      '1,22,25,see,1511544070',
      '1,22',
    ];
    const records = await readAll(fileOf('u.csv', rows.join('\n')), { format: 'taobao' });
    expect(rowsOf(records)).toBe(4);
    expect(rejectionsOf(records).map(({ place, reason }) => `${place} ${reason}`)).toEqual([
      'u.csv:3 invalid_timestamp',
      'u.csv:4 malformed',
      'u.csv:5 malformed',
    ]);
  });
});

describeWithData('rees46', (folder) => {
  it('reads 17,434 events, 214 of them purchases, of 4,504 people', async () => {
    const events = eventsOf(await readAll(join(folder, '2019-Oct_head.csv'), { format: 'rees46' }));
    expect(events.length).toBe(17_434);
    expect(events.filter(({ name }) => name === 'Order Completed').length).toBe(214);
    expect(new Set(events.map(({ personId }) => personId)).size).toBe(4_504);
  });
});

describeWithData('taobao', (folder) => {
  it('reads 96,168 events of everyone and 4,321 of 43 people', async () => {
    const everyone = eventsOf(
      await readAll(join(folder, 'UserBehavior_2017-11-26_2h.csv'), { format: 'taobao' }),
    );
    expect(everyone.length).toBe(96_168);
    expect(new Set(everyone.map(({ personId }) => personId)).size).toBe(58_732);
    const few = await readAll(join(folder, 'UserBehavior_43users_9days.csv'), { format: 'taobao' });
    expect(eventsOf(few).length).toBe(4_321);
    const arrivals = few.map(({ receivedAt }) => receivedAt);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  });
});
