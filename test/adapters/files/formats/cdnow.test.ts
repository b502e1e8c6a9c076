import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithData } from '../../../support/real-data.ts';
import { eventsOf, fileOf, folderOf, linesOf, open, readAll, rejectionsOf, rowsOf } from '../a-history.ts';

const MASTER = [
  ' customer_id  date number_of_cds  dollar_value',
  ' 00001 19970101  1   11.77',
  ' 00002 19970112  1   0.00',
  ' 00002 19970112  5   77.00',
  '',
].join('\r\n');
const SAMPLE = ' 00004 0001 19970101  2   29.33\r\n';

describe('cdnow', () => {
  it('reads each row as an order of its own, those of value 0 too', async () => {
    const records = await readAll(fileOf('CDNOW_master.txt', MASTER), { format: 'cdnow' });
    expect(linesOf(records)).toEqual([
      '1997-01-01T00:00:00.000Z row 2 of 1: 00001 Order Completed {"orderId":"cdnow:CDNOW_master.txt:2","totalMinor":1177,"quantity":1}',
      '1997-01-12T00:00:00.000Z row 3 of 1: 00002 Order Completed {"orderId":"cdnow:CDNOW_master.txt:3","totalMinor":0,"quantity":1}',
      '1997-01-12T00:00:00.000Z row 4 of 1: 00002 Order Completed {"orderId":"cdnow:CDNOW_master.txt:4","totalMinor":7700,"quantity":5}',
    ]);
    expect(eventsOf(records)[0]?.messageId).toBe('cdnow:CDNOW_master.txt:2');
  });

  it('reads a file without a header, and the sample by its master numbers', async () => {
    const bare = await readAll(fileOf('a.txt', ' 00001 19970101 1 11.77\n'), { format: 'cdnow' });
    expect(eventsOf(bare).map(({ personId }) => personId)).toEqual(['00001']);
    const sample = await readAll(fileOf('b.txt', SAMPLE), { format: 'cdnow' });
    expect(linesOf(sample)).toEqual([
      '1997-01-01T00:00:00.000Z row 1 of 1: 00004 Order Completed {"orderId":"cdnow:b.txt:1","totalMinor":2933,"quantity":2}',
    ]);
  });

  it('leaves the sample out beside the master file', async () => {
    const folder = folderOf({ 'CDNOW_master.txt': MASTER, 'CDNOW_sample.txt': SAMPLE });
    const history = await open(folder, { format: 'cdnow' });
    expect(history.notes).toEqual(['CDNOW_sample.txt: an excerpt of the master file, skipped']);
    expect(rowsOf(await readAll(folder, { format: 'cdnow' }))).toBe(3);
  });

  it('counts what it cannot use', async () => {
    const rows = [
      ' 1 19970101 1 5.00',
      ' 1 18990101 1 5.00',
      ' 1 19970230 1 5.00',
      ' 1 19970102 1 -5.00',
      ' 1 19970103 1 five',
      ' 1 19970104 1.5 5.00',
      ' 1 1997010',
    ];
    const records = await readAll(fileOf('a.txt', rows.join('\n')), { format: 'cdnow' });
    expect(rowsOf(records)).toBe(7);
    expect(rejectionsOf(records)).toEqual([
      {
        place: 'a.txt:2',
        reason: 'invalid_timestamp',
        detail: 'date is "18990101"; expected a time from 1990 on',
      },
      {
        place: 'a.txt:3',
        reason: 'invalid_timestamp',
        detail: 'date is "19970230"; expected a time from 1990 on',
      },
      { place: 'a.txt:4', reason: 'negative_amount', detail: 'dollar_value is "-5.00"' },
      { place: 'a.txt:5', reason: 'invalid_amount', detail: 'dollar_value is "five"; expected a number' },
      { place: 'a.txt:6', reason: 'malformed', detail: 'number_of_cds is 1.5; expected a whole number' },
      { place: 'a.txt:7', reason: 'malformed', detail: '2 columns instead of 4' },
    ]);
  });
});

describeWithData('cdnow', (folder) => {
  it('reads every order of the master file', async () => {
    const records = await readAll(join(folder, 'CDNOW_master.txt'), { format: 'cdnow' });
    const events = eventsOf(records);
    expect(records.length).toBe(69_659);
    expect(events.length).toBe(69_659);
    expect(new Set(events.map(({ personId }) => personId)).size).toBe(23_570);
    expect(events.filter(({ properties }) => properties.totalMinor === 0).length).toBe(80);
  });

  it('reads every order of the sample', async () => {
    const events = eventsOf(await readAll(join(folder, 'CDNOW_sample.txt'), { format: 'cdnow' }));
    expect(events.length).toBe(6_919);
    expect(new Set(events.map(({ personId }) => personId)).size).toBe(2_357);
  });
});
