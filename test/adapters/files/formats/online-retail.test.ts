import { describe, expect, it } from 'vitest';
import { eventsOf, fileOf, linesOf, readAll, rejectionsOf, rowsOf } from '../a-history.ts';

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

function read(rows: readonly string[], header = HEADER) {
  return readAll(fileOf('retail.csv', [header, ...rows].join('\n')), { format: 'online-retail' });
}

describe('online-retail', () => {
  it('makes the lines of an invoice one order, at the time of its first line', async () => {
    const records = await read([
      '536365,85123A,"WHITE, ""HANGING""",6,12/1/2010 8:26,2.55,17850.0,United Kingdom',
      '536366,22633,HAND WARMER,1,12/1/2010 8:28,1.85,17851,United Kingdom',
      '536365,71053,LANTERN,2,12/1/2010 8:27,3.39,17850.0,United Kingdom',
    ]);
    expect(linesOf(records)).toEqual([
      '2010-12-01T08:26:00.000Z row 2 of 2: 17850 Order Completed {"orderId":"536365","totalMinor":2208,' +
        '"products":[{"productId":"85123A","priceMinor":255,"quantity":6},{"productId":"71053","priceMinor":339,"quantity":2}]}',
      '2010-12-01T08:28:00.000Z row 3 of 1: 17851 Order Completed {"orderId":"536366","totalMinor":185,' +
        '"products":[{"productId":"22633","priceMinor":185,"quantity":1}]}',
    ]);
    expect(eventsOf(records)[0]?.messageId).toBe('online-retail:retail.csv:2');
  });

  it('reads ISO times and the headers of the second edition', async () => {
    const header = '\uFEFFInvoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country';
    const [event] = eventsOf(await read(['1,A,,2,2009-12-01 07:45:00,1.5,13085.0,UK'], header));
    expect(event).toMatchObject({
      personId: '13085',
      at: Date.UTC(2009, 11, 1, 7, 45),
      properties: { totalMinor: 300 },
    });
  });

  it('takes a cancellation out of what was bought before: same price first, latest first', async () => {
    const records = await read([
      '1,A,,4,2011-01-01 10:00,2.00,7,UK',
      '2,A,,4,2011-01-02 10:00,2.00,7,UK',
      '3,A,,4,2011-01-03 10:00,3.00,7,UK',
      'C4,A,,-6,2011-01-04 10:00,2.00,7,UK',
      'C5,A,,-3,2011-01-05 10:00,2.00,7,UK',
    ]);
    expect(linesOf(records).slice(3)).toEqual([
      '2011-01-04T10:00:00.000Z row 5 of 1: 7 Order Refunded {"orderId":"2","totalMinor":800,' +
        '"refundId":"online-retail:retail.csv:5>2","productId":"A","quantity":4}',
      '2011-01-04T10:00:00.000Z row 5 of 0: 7 Order Refunded {"orderId":"1","totalMinor":400,' +
        '"refundId":"online-retail:retail.csv:5>1","productId":"A","quantity":2}',
      '2011-01-05T10:00:00.000Z row 6 of 1: 7 Order Refunded {"orderId":"1","totalMinor":400,' +
        '"refundId":"online-retail:retail.csv:6>1","productId":"A","quantity":2}',
      '2011-01-05T10:00:00.000Z row 6 of 0: 7 Order Refunded {"orderId":"3","totalMinor":300,' +
        '"refundId":"online-retail:retail.csv:6>3","productId":"A","quantity":1}',
    ]);
    expect(rowsOf(records)).toBe(5);
  });

  it('counts what matches nothing: never bought, bought later, bought by another, other goods', async () => {
    const rows = [
      'C1,A,,-1,2011-01-01 10:00,2.00,7,UK',
      '2,A,,1,2011-01-02 10:00,2.00,7,UK',
      'C3,A,,-1,2011-01-03 10:00,2.00,8,UK',
      'C4,B,,-1,2011-01-04 10:00,2.00,7,UK',
      'C5,A,,-1,2011-01-05 10:00,2.00,7,UK',
      'C6,A,,-1,2011-01-06 10:00,2.00,7,UK',
    ];
    const records = await read(rows);
    expect(rowsOf(records)).toBe(6);
    expect(rejectionsOf(records)).toEqual([
      {
        place: 'retail.csv:2',
        reason: 'unmatched_return',
        detail: '7 returned 1 of A and holds none bought earlier',
      },
      {
        place: 'retail.csv:4',
        reason: 'unmatched_return',
        detail: '8 returned 1 of A and holds none bought earlier',
      },
      {
        place: 'retail.csv:5',
        reason: 'unmatched_return',
        detail: '7 returned 1 of B and holds none bought earlier',
      },
      {
        place: 'retail.csv:7',
        reason: 'unmatched_return',
        detail: '7 returned 1 of A and holds none bought earlier',
      },
    ]);
    expect(records.flatMap(({ event, raw }) => (event.ok ? [] : [raw]))).toEqual([
      rows[0],
      rows[2],
      rows[3],
      rows[5],
    ]);
    expect(records.filter(({ event, raw }) => event.ok && raw !== undefined)).toEqual([]);
  });

  it('counts a return that matches in part as matched', async () => {
    const records = await read(['1,A,,2,2011-01-01 10:00,2.00,7,UK', 'C2,A,,-5,2011-01-02 10:00,2.00,7,UK']);
    expect(rejectionsOf(records)).toEqual([]);
    expect(eventsOf(records)[1]?.properties).toMatchObject({ totalMinor: 400, quantity: 2 });
  });

  it('orders a purchase and its return within a minute as they stand in the file', async () => {
    const records = await read(['1,A,,1,2011-01-01 10:00,2,7,UK', 'C2,A,,-1,2011-01-01 10:00,2,7,UK']);
    expect(eventsOf(records).map(({ name }) => name)).toEqual(['Order Completed', 'Order Refunded']);
  });

  it('counts what it cannot use', async () => {
    const records = await read([
      '1,A,,1,2011-01-01 10:00,2.00,,UK',
      '1,A,,1,13/31/2011 10:00,2.00,7,UK',
      '1,A,,-1,2011-01-01 10:00,2.00,7,UK',
      'C1,A,,1,2011-01-01 10:00,2.00,7,UK',
      '1,A,,one,2011-01-01 10:00,2.00,7,UK',
      '1,A,,1,2011-01-01 10:00,-2.00,7,UK',
      ',A,,1,2011-01-01 10:00,2.00,7,UK',
      '1,A,,1,2011-01-01 10:00,2.00,7',
    ]);
    expect(rowsOf(records)).toBe(8);
    const reasons = rejectionsOf(records).map(({ place, reason }) => `${place} ${reason}`);
    expect(reasons.sort()).toEqual([
      'retail.csv:2 missing_person',
      'retail.csv:3 invalid_timestamp',
      'retail.csv:4 negative_amount',
      'retail.csv:5 invalid_amount',
      'retail.csv:6 invalid_amount',
      'retail.csv:7 negative_amount',
      'retail.csv:8 missing_order_id',
      'retail.csv:9 malformed',
    ]);
  });
});
