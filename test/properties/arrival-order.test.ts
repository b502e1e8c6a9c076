import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseColumnMap } from '../../src/adapters/files/column-map.ts';
import { rowsOf, readAll, type HistoryChoice } from '../adapters/files/a-history.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const RETAIL = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

/** Rows of each kind of format, some of them broken, with times that often coincide. */
const seconds = fc.integer({ min: 1_511_658_000, max: 1_511_658_020 });
const person = fc.integer({ min: 0, max: 3 });
const click = fc.tuple(person, seconds).map(([who, when]) => `${who},1,2,pv,${when}`);
const retailLine = fc
  .record({
    invoice: fc.integer({ min: 1, max: 6 }),
    product: fc.constantFrom('A', 'B'),
    pieces: fc.integer({ min: 0, max: 5 }),
    isReturn: fc.boolean(),
    day: fc.integer({ min: 1, max: 9 }),
    price: fc.constantFrom('1.00', '2.50', '-1', 'x'),
    who: fc.constantFrom('7', '8', ''),
    text: fc.constantFrom('plain', '"a, b"', '"two\nlines"', '"lost'),
  })
  .map(({ invoice, product, pieces, isReturn, day, price, who, text }) => {
    const quantity = isReturn ? -pieces : pieces;
    return `${isReturn ? 'C' : ''}${invoice},${product},${text},${quantity},2011-01-0${day},${price},${who},UK`;
  });
const mappedOrder = fc
  .tuple(person, seconds, fc.integer({ min: 1, max: 4 }), fc.constantFrom('s1', 's2', ''))
  .map(([who, when, order, seller]) => `${who},${when},5,${order},${seller}`);
const call = fc.tuple(person, seconds, fc.boolean()).map(([who, when, isReceived]) =>
  JSON.stringify({
    ...(isReceived ? { receivedAt: new Date(when * 1000).toISOString() } : {}),
    ...{ type: 'track', messageId: String(when), userId: who, timestamp: when, event: 'X' },
  }),
);
const broken = fc.constantFrom('broken', '{"type":', '1,2');

interface Kind {
  readonly choice: HistoryChoice;
  readonly head: string;
  readonly row: fc.Arbitrary<string>;
}
const map = parseColumnMap('person=p,time=t,value=v,order=o,seller=s');
const KINDS: Readonly<Record<string, Kind>> = {
  taobao: { choice: { format: 'taobao' }, head: '9,1,2,pv,1511658010', row: click },
  'online-retail': { choice: { format: 'online-retail' }, head: RETAIL, row: retailLine },
  csv: { choice: { format: 'csv', map }, head: 'p,t,v,o,s', row: mappedOrder },
  segment: { choice: { format: 'segment' }, head: '{}', row: call },
};

describe.each(Object.entries(KINDS))('%s', (_name, { choice, head, row }) => {
  it('comes in the same order from memory, from disk, and packed', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'rows.txt');
    const lines = fc.array(fc.oneof({ weight: 9, arbitrary: row }, { weight: 1, arbitrary: broken }), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(
        lines,
        fc.boolean(),
        fc.integer({ min: 1, max: 9000 }),
        async (drawn, isSorted, chunkBytes) => {
          const text = [head, ...(isSorted ? [...drawn].sort() : drawn)].join('\n');
          writeFileSync(path, text);
          const inMemory = await readAll(path, choice);
          expect(await readAll(path, { ...choice, chunkBytes, tempDir: folder })).toEqual(inMemory);
          writeFileSync(path, gzipSync(text));
          expect(await readAll(path, choice)).toEqual(inMemory);
          const arrivals = inMemory.map(({ receivedAt }) => receivedAt);
          expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
          expect(rowsOf(inMemory)).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});
