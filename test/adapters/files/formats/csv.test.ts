import { describe, expect, it } from 'vitest';
import { parseColumnMap } from '../../../../src/adapters/files/column-map.ts';
import { failureOf, fileOf, linesOf, readAll, rejectionsOf } from '../a-history.ts';

function read(rows: readonly string[], map: string) {
  return readAll(fileOf('a.csv', rows.join('\n')), { format: 'csv', map: parseColumnMap(map) });
}

describe('csv', () => {
  it('reads each row as an order when nothing more is mapped', async () => {
    const rows = ['Who,When,How much', 'u1,2020-01-01,"10.50"', 'u1,1/2/2020 9:30,3'];
    expect(linesOf(await read(rows, 'person=who,time=when,value=how much'))).toEqual([
      '2020-01-01T00:00:00.000Z row 2 of 1: u1 Order Completed {"orderId":"csv:a.csv:2","totalMinor":1050}',
      '2020-01-02T09:30:00.000Z row 3 of 1: u1 Order Completed {"orderId":"csv:a.csv:3","totalMinor":300}',
    ]);
  });

  it('reads every kind', async () => {
    const rows = [
      'id,at,amount,no,shop,what,text',
      'u1,2020-01-01,10,o1,s1,order,"two\nlines"',
      'u1,2020-01-02,4,o1,s1,refund,',
      'u1,2020-01-03,,o1,,Refund,',
      'u1,2020-01-04,-10,o1,,cancel,',
      'u1,2020-01-05,7,,s1,view,',
      'u1,2020-01-06,,,,cart,',
      'u1,2020-01-07,,,,wishlist,',
      'u1,2020-01-08,x,,,search,',
    ];
    expect(
      linesOf(await read(rows, 'person=id,time=at,value=amount,order=no,seller=shop,kind=what')),
    ).toEqual([
      '2020-01-01T00:00:00.000Z row 2 of 1: u1 Order Completed {"orderId":"o1","totalMinor":1000,"sellerId":"s1"}',
      '2020-01-02T00:00:00.000Z row 4 of 1: u1 Order Refunded {"orderId":"o1","totalMinor":400,"refundId":"csv:a.csv:4","sellerId":"s1"}',
      '2020-01-03T00:00:00.000Z row 5 of 1: u1 Order Refunded {"orderId":"o1","refundId":"csv:a.csv:5"}',
      '2020-01-04T00:00:00.000Z row 6 of 1: u1 Order Cancelled {"orderId":"o1"}',
      '2020-01-05T00:00:00.000Z row 7 of 1: u1 Product Viewed {"priceMinor":700,"sellerId":"s1"}',
      '2020-01-06T00:00:00.000Z row 8 of 1: u1 Product Added {}',
      '2020-01-07T00:00:00.000Z row 9 of 1: u1 Product Added to Wishlist {}',
      '2020-01-08T00:00:00.000Z row 10 of 1: u1 Products Searched {}',
    ]);
  });

  it('makes rows of one order number one order, shared among its sellers by value', async () => {
    const rows = [
      'p,t,v,o,s',
      'u1,2020-01-01,10,o1,s1',
      'u2,2020-01-01,1,o1,s1',
      'u1,2020-01-02,5,o1,s2',
      'u1,2020-01-01,2,,s1',
    ];
    expect(linesOf(await read(rows, 'person=p,time=t,value=v,order=o,seller=s'))).toEqual([
      '2020-01-01T00:00:00.000Z row 2 of 2: u1 Order Completed {"orderId":"o1","totalMinor":1500,' +
        '"products":[{"priceMinor":1000,"sellerId":"s1"},{"priceMinor":500,"sellerId":"s2"}]}',
      '2020-01-01T00:00:00.000Z row 3 of 1: u2 Order Completed {"orderId":"o1","totalMinor":100,"sellerId":"s1"}',
      '2020-01-01T00:00:00.000Z row 5 of 1: u1 Order Completed {"orderId":"csv:a.csv:5","totalMinor":200,"sellerId":"s1"}',
    ]);
  });

  it('reads semicolons and tabs', async () => {
    for (const separator of [';', '\t']) {
      const rows = [['p', 't', 'v'].join(separator), ['u', '2020-01-01', '1.5'].join(separator)];
      expect(linesOf(await read(rows, 'person=p,time=t,value=v'))[0]).toContain('"totalMinor":150');
    }
  });

  it('counts what it cannot use', async () => {
    const rows = [
      'p,t,v,o,k',
      'u,2020-01-01,-1,o1,order',
      'u,2020-01-01,,o1,order',
      'u,2020-01-01,1,,refund',
      'u,2020-01-01,1,,cancel',
      'u,2020-01-01,-1,o1,refund',
      'u,2020-01-01,1,o1,gift',
      'u,1899-12-31,1,o1,order',
      'u,2020-01-0',
    ];
    const rejections = rejectionsOf(await read(rows, 'person=p,time=t,value=v,order=o,kind=k'));
    expect(rejections.map(({ place, reason, detail }) => `${place} ${reason}: ${detail}`)).toEqual([
      'a.csv:2 negative_amount: v is "-1"',
      'a.csv:3 invalid_amount: v is ""; expected a number',
      'a.csv:4 missing_order_id: a refund needs the order it takes back',
      'a.csv:5 missing_order_id: a cancel needs the order it takes back',
      'a.csv:6 negative_amount: v is "-1"',
      'a.csv:7 malformed: k is "gift"; expected one of order, refund, cancel, view, cart, wishlist, search',
      'a.csv:8 invalid_timestamp: t is "1899-12-31"; expected a time from 1990 on',
      'a.csv:9 malformed: 2 columns instead of 5',
    ]);
  });

  it('says how a time or an amount of other customs has to be written', async () => {
    const rows = ['p;t;v', 'u;2020-01-01;1.234,50', 'u;2020-01-01;€ 5', 'u;02.01.2020;1', 'u;13/1/2020;1'];
    const rejections = rejectionsOf(await read(rows, 'person=p,time=t,value=v'));
    expect(rejections.map(({ detail }) => detail)).toEqual([
      'v is "1.234,50"; expected a plain number like 1234.50',
      'v is "€ 5"; expected a plain number like 1234.50',
      't is "02.01.2020"; expected year-month-day (2010-12-31) from 1990 on',
      't is "13/1/2020"; expected month/day/year from 1990 on',
    ]);
  });
});

describe('a column map', () => {
  it('names columns for what they hold', () => {
    expect(parseColumnMap('person=User ID, time=a=b ,value=v,kind=k')).toEqual({
      person: 'User ID',
      time: 'a=b',
      value: 'v',
      kind: 'k',
    });
  });

  it.each([
    ['person=a,time=b', '--map lacks value'],
    ['time=b', '--map lacks person and value'],
    ['person=a,time=b,value=c,price=d', '--map has an entry that is not understood: "price=d"'],
    ['person=a,time=,value=c', '--map has an entry that is not understood: "time="'],
    ['person', '--map has an entry that is not understood: "person"'],
    ['person=a,person=b,time=c,value=d', '--map names person twice'],
  ])('%s is refused', async (text, problem) => {
    const { code, text: said } = await failureOf(Promise.resolve().then(() => parseColumnMap(text)));
    const mend =
      'write --map person=COLUMN,time=COLUMN,value=COLUMN[,order=COLUMN][,seller=COLUMN][,kind=COLUMN]';
    expect([code, said]).toEqual(['USAGE', `${problem} → ${mend}`]);
  });
});
