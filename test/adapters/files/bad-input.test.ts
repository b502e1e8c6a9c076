import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseColumnMap } from '../../../src/adapters/files/column-map.ts';
import { failureOf, fileOf, folderOf, open, readAll, type HistoryChoice } from './a-history.ts';

const REES46 =
  'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n';
const ROW = '2019-10-01 00:00:00 UTC,view,44,21,,a,35.79,541,s\n';

/** What a person reads, with the test's folder left out. */
async function failure(path: string, choice: HistoryChoice): Promise<string> {
  const { code, text } = await failureOf(readAll(path, choice));
  return `${code}: ${text.replaceAll(/\/\S*\/history\/?/g, '')}`;
}

describe('an input that cannot be read', () => {
  it('for there is no such path', async () => {
    expect(await failure(join(folderOf({}), 'none.csv'), { format: 'rees46' })).toBe(
      'INPUT_NOT_FOUND: there is no none.csv → check the path and its permissions',
    );
  });

  it('for it can be read only once', async () => {
    expect(await failure('/dev/null', { format: 'rees46' })).toBe(
      'INPUT_NOT_FOUND: /dev/null is a pipe or a device, and an input is read more than once → ' +
        'write it to a file first, plain or gzip, and name that',
    );
    expect(await failure('-', { format: 'rees46' })).toMatch(
      /→ standard input is not read: write it to a file/,
    );
  });

  it('for the format has another name', async () => {
    expect(await failure(fileOf('a.csv', REES46 + ROW), { format: 'rees' })).toBe(
      'USAGE: there is no format "rees" → use rees46, which fits the input, or one of segment, cdnow, ' +
        'online-retail, complete-journey, retailrocket, rees46, taobao, csv',
    );
    expect(await failure(fileOf('a.csv', 'x,y\n1,2\n'), { format: 'json' })).toBe(
      'USAGE: there is no format "json" → use one of segment, cdnow, online-retail, complete-journey, ' +
        'retailrocket, rees46, taobao, csv',
    );
  });

  it('for it is in another format', async () => {
    expect(await failure(fileOf('a.csv', REES46 + ROW), { format: 'retailrocket' })).toBe(
      'INPUT_FORMAT: a.csv is not in format retailrocket: it lacks the columns timestamp, visitorid, event, ' +
        'itemid, transactionid; it has the columns event_time, event_type, product_id, category_id, ' +
        'category_code, brand, price, user_id, user_session → use --format rees46, which fits it',
    );
    expect(await failure(fileOf('a.csv', REES46 + ROW), { format: 'cdnow' })).toMatch(
      /^INPUT_FORMAT: a\.csv is not in format cdnow: it lacks rows of customer_id date number_of_cds dollar_value, parted by blanks; it has a first line "event_time,.*→ use --format rees46, which fits it$/,
    );
  });

  it('for a column is missing', async () => {
    expect(await failure(fileOf('a.csv', REES46.replace('user_id,', '') + ROW), { format: 'rees46' })).toBe(
      'INPUT_FORMAT: a.csv is not in format rees46: it lacks the columns user_id; it has the columns event_time, ' +
        'event_type, product_id, category_id, category_code, brand, price, user_session → ' +
        'name the format it is in, or --format csv with --map',
    );
    const map = parseColumnMap('person=who,time=t,value=v');
    expect(await failure(fileOf('a.csv', 'id,t,v\n1,2,3\n'), { format: 'csv', map })).toBe(
      'INPUT_FORMAT: a.csv is not in format csv: it lacks the columns who; it has the columns id, t, v → ' +
        'name columns of the file in --map; commas, semicolons and tabs part them',
    );
  });

  it('for the map is missing, or out of place', async () => {
    expect(await failure(fileOf('a.csv', 'id,t,v\n1,2,3\n'), { format: 'csv' })).toBe(
      'USAGE: --format csv needs --map → add --map person=…,time=…,value=… with the columns of the file: id, t, v',
    );
    const map = parseColumnMap('person=who,time=t,value=v');
    expect(await failure(fileOf('a.csv', REES46 + ROW), { format: 'rees46', map })).toBe(
      'USAGE: --map goes with --format csv, not with rees46 → leave one of the two out',
    );
  });

  it.each(['', '\n\n', '\uFEFF', gzipSync('')])('for it is empty: %j', async (content) => {
    expect(await failure(fileOf('a.csv', content), { format: 'rees46' })).toBe(
      'INPUT_EMPTY: no data rows: a.csv: empty → check that the export went through, and that the path names the data',
    );
  });

  it('for it has nothing but a header', async () => {
    expect(await failure(fileOf('a.csv', REES46), { format: 'rees46' })).toMatch(
      /^INPUT_EMPTY: no data rows: a\.csv: a header without rows → /,
    );
  });

  it('for the folder holds nothing, or only companions', async () => {
    expect(await failure(folderOf({ '.x': '' }), { format: 'rees46' })).toMatch(
      /^INPUT_EMPTY: the folder .*holds no data files/,
    );
    const folder = folderOf({ 'campaigns.csv': 'campaign_id,household_id\n1,105\n' });
    expect(await failure(folder, { format: 'complete-journey' })).toMatch(
      /^INPUT_EMPTY: no data rows: campaigns\.csv: campaigns by household, skipped → /,
    );
  });

  it('for a file of the folder is something else', async () => {
    const folder = folderOf({ 'a.csv': REES46 + ROW, 'b.csv': 'x,y\n1,2\n' });
    expect(await failure(folder, { format: 'rees46' })).toMatch(
      /^INPUT_FORMAT: b\.csv is not in format rees46/,
    );
  });

  it('for a file of the folder is there twice', async () => {
    const folder = folderOf({ 'a.csv': REES46 + ROW, 'a.csv.gz': gzipSync(REES46 + ROW) });
    expect(await failure(folder, { format: 'rees46' })).toMatch(
      /holds a\.csv both plain and compressed → remove one of the two, or name one file$/,
    );
  });

  it('for it is not text', async () => {
    const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]);
    expect(await failure(fileOf('a.png', image), { format: 'segment' })).toBe(
      'INPUT_FORMAT: a.png is not text → name a text file, plain or gzip',
    );
    const sheet = Buffer.from('PK\u0003\u0004\u0014\u0000');
    expect(await failure(fileOf('a.xlsx', sheet), { format: 'online-retail' })).toBe(
      'INPUT_FORMAT: a.xlsx is not text → save the sheet as CSV, or unpack the archive: only gzip is read packed',
    );
    const utf16 = Buffer.from(`\uFEFF${REES46}`, 'utf16le');
    expect(await failure(fileOf('a.csv', utf16), { format: 'rees46' })).toBe(
      'INPUT_FORMAT: a.csv is not text → save it as UTF-8: it is UTF-16',
    );
    const noise = Buffer.from(Array.from({ length: 5000 }, (_byte, i) => 128 + ((i * 73) % 128)));
    expect(await failure(fileOf('a.csv', noise), { format: 'rees46' })).toMatch(
      /^INPUT_FORMAT: a\.csv is not text/,
    );
  });

  it('for it is a JSON list and not lines', async () => {
    expect(await failure(fileOf('a.json', '[\n{"type":"track"}]'), { format: 'segment' })).toBe(
      'INPUT_FORMAT: a.json is not in format segment: it lacks one JSON object per line; it has a JSON list → ' +
        'name the format it is in, or --format csv with --map',
    );
  });

  it('for the gzip stream breaks off, or is none', async () => {
    const path = fileOf('a.csv.gz', gzipSync(REES46 + ROW.repeat(50)));
    truncateSync(path, 60);
    expect(await failure(path, { format: 'rees46' })).toBe(
      'INPUT_FORMAT: a.csv.gz is not a whole gzip file (unexpected end of file) → fetch or compress the file again',
    );
    writeFileSync(path, Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]));
    expect(await failure(path, { format: 'rees46' })).toMatch(
      /^INPUT_FORMAT: a\.csv\.gz is not a whole gzip file/,
    );
  });

  it('for a line has no end', async () => {
    const text = `${REES46}${ROW}${'x'.repeat(17 * 1024 * 1024)}`;
    expect(await failure(fileOf('a.csv', text), { format: 'rees46' })).toBe(
      'INPUT_FORMAT: a.csv:3 is longer than 16 MiB → write one record per line',
    );
  });

  it('for there is no room to sort it', async () => {
    const rows = Array.from({ length: 30 }, (_row, i) => `1,1,1,pv,${1511658000 - i}`).join('\n');
    const choice = { format: 'taobao', chunkBytes: 3000, tempDir: join(folderOf({}), 'none') };
    expect(await failure(fileOf('u.csv', rows), choice)).toBe(
      'TEMP_FOLDER: cannot write to the temporary folder none (ENOENT) → free space there, or set TMPDIR to a folder with more',
    );
  });

  it('for it changed while it was read', async () => {
    const row = (i: number) => `1,1,1,pv,${1511658000 + i}`;
    const rows = Array.from({ length: 30 }, (_row, i) => row(i));
    const path = fileOf('u.csv', rows.join('\n'));
    const history = await open(path, { format: 'taobao', chunkBytes: 3000 });
    const read = async () => {
      for await (const block of history.read({})) expect(block.length).toBeGreaterThan(0);
    };
    await read();
    writeFileSync(path, [...rows.slice(1), row(0)].join('\n'));
    expect(await failureOf(read())).toEqual({
      code: 'INPUT_FORMAT',
      text: 'u.csv:30 is out of order, which it was not a moment ago → run again when nothing writes to the input any more',
    });
  });
});
