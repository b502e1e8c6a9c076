import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseColumnMap } from '../../../src/adapters/files/column-map.ts';
import type { ReadProgress } from '../../../src/adapters/files/progress-meter.ts';
import { instant, isoOf } from '../../../src/core/time.ts';
import { eventSourceContract } from '../../contracts/event-source-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
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
} from './a-history.ts';

const at = (iso: string) => instant(Date.parse(iso));
const map = parseColumnMap('person=p,time=t,value=v');
const csv = { format: 'csv', map } as const;
const ROWS = ['p,t,v', 'u1,2020-01-03,3', 'u2,2020-01-01,1', 'u3,2020-01-02,2'];
const TEXT = `${ROWS.join('\n')}\n`;

/** Forty taobao rows, out of order, one in ten of them broken. */
const CLICKS = Array.from({ length: 40 }, (_row, i) =>
  i % 10 === 7 ? `broken ${i}` : `${i % 5},${i},9,pv,${1511658000 + ((i * 7919) % 101)}`,
).join('\n');

eventSourceContract('a history in memory', () => open(fileOf('u.csv', CLICKS), { format: 'taobao' }));
eventSourceContract('a history sorted on disk', () =>
  open(fileOf('u.csv', CLICKS), { format: 'taobao', chunkBytes: 3000 }),
);
eventSourceContract('a history streamed as it is', () => {
  const sorted = CLICKS.split('\n').filter((row) => !row.startsWith('broken'));
  sorted.sort((a, b) => Number(a.split(',')[4]) - Number(b.split(',')[4]));
  return open(fileOf('u.csv', ['broken', ...sorted, 'broken'].join('\n')), {
    format: 'taobao',
    chunkBytes: 3000,
  });
});

describe('a history', () => {
  it('comes in order of time, its source named after format and file', async () => {
    const records = await readAll(fileOf('a.csv', TEXT), csv);
    expect(records.map(({ place, source, offset }) => [place, source, offset])).toEqual([
      ['a.csv:3', 'csv:a.csv', 0],
      ['a.csv:4', 'csv:a.csv', 1],
      ['a.csv:2', 'csv:a.csv', 2],
    ]);
  });

  it.each([
    ['gzip, whatever its name', gzipSync(TEXT)],
    ['gzip in two members', Buffer.concat([gzipSync(TEXT.slice(0, 9)), gzipSync(TEXT.slice(9))])],
    ['with a byte order mark', `\uFEFF${TEXT}`],
    ['with CRLF', TEXT.replaceAll('\n', '\r\n')],
    ['without an end to its last line', TEXT.trimEnd()],
    ['with every field quoted', ROWS.map((row) => `"${row.replaceAll(',', '","')}"`).join('\n')],
  ])('is the same %s', async (_what, content) => {
    expect(await readAll(fileOf('a.csv', content), csv)).toEqual(await readAll(fileOf('a.csv', TEXT), csv));
  });

  it('is named without .gz', async () => {
    const zipped = await readAll(fileOf('a.csv.gz', gzipSync(TEXT)), csv);
    expect(zipped).toEqual(await readAll(fileOf('a.csv', TEXT), csv));
  });

  it('passes over blank lines and counts them as lines', async () => {
    const records = await readAll(fileOf('a.csv', '\n\np,t,v\n\n \nu,2020-01-01,1\n\n'), csv);
    expect(records.map(({ place }) => place)).toEqual(['a.csv:6']);
  });

  it('may consist of the files of a folder, which share one order', async () => {
    const folder = folderOf({
      'b.csv': 'p,t,v\nu1,2020-01-02,1\nu2,2020-01-04,1\n',
      'a.csv.gz': gzipSync('v,t,p\n1,2020-01-03,u3\n1,2020-01-02,u4\n'),
      'empty.csv': '',
      'header.csv': 'p,t,v\n',
      'README.md': '# about',
      '.hidden': 'x',
    });
    const history = await open(folder, csv);
    expect(history.sources).toEqual(['csv:history/']);
    expect(history.notes).toEqual([
      '.hidden: not data, skipped',
      'README.md: not data, skipped',
      'empty.csv: empty',
      'header.csv: a header without rows',
    ]);
    expect((await recordsOf(history)).map(({ place }) => place)).toEqual([
      'a.csv:3',
      'b.csv:2',
      'a.csv:2',
      'b.csv:3',
    ]);
  });
});

describe('rows with something wrong', () => {
  it('stand where they stood, at the time of the last row that told it', async () => {
    const rows = ['half', 'u1,2020-01-02,1', 'half', 'u2,2020-01-03,x', 'half', 'u3,2020-01-01,1'];
    const records = await readAll(fileOf('a.csv', ['p,t,v', ...rows].join('\n')), csv);
    expect(linesOf(records)).toEqual([
      '2020-01-01T00:00:00.000Z row 2 of 1: malformed',
      '2020-01-01T00:00:00.000Z row 7 of 1: u3 Order Completed {"orderId":"csv:a.csv:7","totalMinor":100}',
      '2020-01-02T00:00:00.000Z row 3 of 1: u1 Order Completed {"orderId":"csv:a.csv:3","totalMinor":100}',
      '2020-01-02T00:00:00.000Z row 4 of 1: malformed',
      '2020-01-03T00:00:00.000Z row 5 of 1: invalid_amount',
      '2020-01-03T00:00:00.000Z row 6 of 1: malformed',
    ]);
    expect(records.flatMap(({ raw }) => raw ?? [])).toEqual(['half', 'half', 'u2,2020-01-03,x', 'half']);
  });

  it('are quoted up to 2,000 characters', async () => {
    const [record] = await readAll(fileOf('a.csv', `p,t,v\n${'x'.repeat(5000)}\nu,2020-01-01,1`), csv);
    expect(record?.raw).toBe('x'.repeat(2000));
  });

  it('include half a line at the end, and a quote that never closes costs one row', async () => {
    const text = 'p,t,v\nu1,2020-01-01,1\n"u2,2020-01-02,1\nu3,2020-01-03,1\n"u4",2020-01-04,1\nu5,2020-01';
    const records = await readAll(fileOf('a.csv', text), csv);
    expect(rowsOf(records)).toBe(5);
    expect(rejectionsOf(records)).toEqual([
      { place: 'a.csv:3', reason: 'malformed', detail: 'a quote opens and does not close' },
      { place: 'a.csv:6', reason: 'malformed', detail: '2 columns instead of 3' },
    ]);
  });

  it('from the future are refused and move no other row', async () => {
    const text =
      'p,t,v\nu1,2020-01-01T10:00,1\nu2,2999-01-01,1\nu3,2020-01-01T10:05,1\nu4,2020-01-01T10:05:00.001,1\n';
    const records = await readAll(fileOf('a.csv', text), { ...csv, wallClockAt: at('2020-01-01T10:00Z') });
    expect(linesOf(records)).toEqual([
      '2020-01-01T10:00:00.000Z row 2 of 1: u1 Order Completed {"orderId":"csv:a.csv:2","totalMinor":100}',
      '2020-01-01T10:00:00.000Z row 3 of 1: future_timestamp',
      '2020-01-01T10:05:00.000Z row 4 of 1: u3 Order Completed {"orderId":"csv:a.csv:4","totalMinor":100}',
      '2020-01-01T10:05:00.000Z row 5 of 1: future_timestamp',
    ]);
  });

  it('after the stated end are refused, whatever else is wrong with them', async () => {
    const rows = ['u1,2020-01-01T23:59:59.999,1', 'u2,2020-01-02,1', ',2020-01-03,1', 'half'];
    const path = fileOf('a.csv', ['p,t,v', ...rows].join('\n'));
    const records = await readAll(path, { ...csv, until: at('2020-01-01T23:59:59.999Z') });
    expect(rejectionsOf(records).map(({ place, reason }) => `${place} ${reason}`)).toEqual([
      'a.csv:3 after_until',
      'a.csv:4 after_until',
      'a.csv:5 after_until',
    ]);
    expect(rejectionsOf(records)[0]?.detail).toBe(
      '2020-01-02T00:00:00.000Z is after 2020-01-01T23:59:59.999Z',
    );
    expect(records.flatMap(({ raw }) => raw ?? [])).toEqual(rows.slice(1));
  });

  it('after the stated end keep the rows of an order together and the offsets as they are', async () => {
    const retail = [
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '1,A,,1,2020-01-01,2,7,UK',
      '2,A,,1,2020-01-02,2,7,UK',
      '3,A,,1,2020-01-05,2,7,UK',
      '3,B,,1,2020-01-01,2,7,UK',
      'C4,A,,-3,2020-01-06,2,7,UK',
      'C5,Z,,-3,2020-01-06,2,7,UK',
    ].join('\n');
    const path = fileOf('r.csv', retail);
    const all = await readAll(path, { format: 'online-retail' });
    const cut = await readAll(path, { format: 'online-retail', until: at('2020-01-03T00:00Z') });
    expect(cut.map(({ offset, rows, receivedAt }) => [offset, rows, receivedAt])).toEqual(
      all.map(({ offset, rows, receivedAt }) => [offset, rows, receivedAt]),
    );
    expect(cut.map(({ event, rows }) => (event.ok ? 'ok' : `${event.error.reason} ${rows}`))).toEqual([
      'ok',
      'ok',
      'after_until 2',
      ...['after_until 1', 'after_until 0', 'after_until 0', 'after_until 1'],
    ]);
    expect(rowsOf(cut)).toBe(6);
  });
});

describe('segment', () => {
  const call = (fields: object) =>
    JSON.stringify({ type: 'track', messageId: 'm', event: 'X', userId: 'u', ...fields });

  it('comes in order of receivedAt, or of its own time where that is missing', async () => {
    const lines = [
      call({ userId: 'a', timestamp: '2020-01-05', receivedAt: '2020-01-03' }),
      call({ userId: 'b', timestamp: '2020-01-02' }),
      '{"type":"tra',
      call({ userId: 'c', timestamp: '2020-01-01', receivedAt: '2020-01-04' }),
    ];
    const records = await readAll(fileOf('e.ndjson', lines.join('\n')), { format: 'segment' });
    expect(linesOf(records)).toEqual([
      '2020-01-02T00:00:00.000Z row 2 of 1: b X {}',
      '2020-01-02T00:00:00.000Z row 3 of 1: malformed',
      '2020-01-03T00:00:00.000Z row 1 of 1: a X {}',
      '2020-01-04T00:00:00.000Z row 4 of 1: c X {}',
    ]);
    expect(eventsOf(records).map((event) => isoOf(event.at).slice(0, 10))).toEqual([
      '2020-01-02',
      '2020-01-05',
      '2020-01-01',
    ]);
  });

  it('believes no row about its arrival that turns out to be broken, however it is read', async () => {
    const received = (second: number) =>
      JSON.stringify({ receivedAt: isoOf(instant(at('2020-01-02') + second)) });
    const whole = (second: number) =>
      `${received(second).slice(0, -1)},${call({ timestamp: '2020-01-01' }).slice(1)}`;
    const lines = ['half', ...[5, 6, 7].map(whole), received(0), whole(8)];
    const path = fileOf('e.ndjson', lines.join('\n'));
    const inMemory = await readAll(path, { format: 'segment' });
    expect(inMemory.map(({ receivedAt }) => receivedAt - at('2020-01-02'))).toEqual([5, 5, 6, 7, 7, 8]);
    expect(await readAll(path, { format: 'segment', chunkBytes: 300 })).toEqual(inMemory);
  });

  it('asks the wall clock only about events without a receiver', async () => {
    const lines = [
      call({ timestamp: '2020-01-01' }),
      call({ timestamp: '2030-01-01', receivedAt: '2030-01-01' }),
      call({ timestamp: '2030-01-01' }),
    ];
    const records = await readAll(fileOf('e.ndjson', lines.join('\n')), {
      format: 'segment',
      wallClockAt: at('2021-01-01T00:00Z'),
    });
    expect(records.map(({ event, place }) => [place, event.ok])).toEqual([
      ['e.ndjson:1', true],
      ['e.ndjson:2', true],
      ['e.ndjson:3', false],
    ]);
  });
});

describe('reading', () => {
  const big = Array.from({ length: 2000 }, (_row, i) => `${i},${i},9,pv,${1511658000 + i}`).join('\n');

  it.each([
    ['in memory', undefined, big],
    ['streamed', 3000, big],
    ['on disk', 3000, `${big}\n1,1,1,pv,1511658000`],
  ])('%s tells how far it is, and ends at the whole', async (_how, chunkBytes, text) => {
    const reports: ReadProgress[] = [];
    const path = fileOf('u.csv', text);
    await readAll(path, { format: 'taobao', chunkBytes, onProgress: (progress) => reports.push(progress) });
    const done = reports.map(({ bytesRead }) => bytesRead);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(reports.at(-1)?.bytesRead).toBe(reports.at(-1)?.bytesTotal);
    expect(reports.length).toBeLessThan(10);
  });

  it('leaves nothing behind: at the end, when left early, and when it fails', async () => {
    const tempDir = temporaryFolder();
    const path = fileOf('u.csv', CLICKS);
    const history = await open(path, { format: 'taobao', chunkBytes: 3000, tempDir });
    for await (const block of history.read({})) {
      expect(block.length).toBeGreaterThan(0);
      expect(readdirSync(tempDir).length).toBe(1);
    }
    expect(readdirSync(tempDir)).toEqual([]);
    for await (const block of history.read({})) if (block.length > 0) break;
    expect(readdirSync(tempDir)).toEqual([]);
    const failing = async () => {
      for await (const block of history.read({})) throw new Error(`after ${block.length}`);
    };
    await expect(failing()).rejects.toThrow('after');
    expect(readdirSync(tempDir)).toEqual([]);
  });

  it('keeps ids apart from the text they were cut from', async () => {
    const id = 'customer-with-a-long-id';
    const [event] = eventsOf(await readAll(fileOf('a.csv', `p,t,v\n${id},2020-01-01,1`), csv));
    expect(event?.personId).toBe(id);
  });

  it('does not look into folders of a folder', async () => {
    const folder = folderOf({ 'a.csv': TEXT });
    const history = await open(join(folder, '..'), csv).catch((error: unknown) => (error as Error).message);
    expect(history).toMatch(/holds no data files$/);
  });
});
