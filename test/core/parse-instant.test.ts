import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EARLIEST_AT, parseInstant, parseSlashInstant } from '../../src/core/parse-instant.ts';
import { instant, isoOf } from '../../src/core/time.ts';

const asIso = (value: string | number) => {
  const at = parseInstant(value);
  return at === undefined ? undefined : isoOf(at);
};

describe('parseInstant', () => {
  it.each([
    ['2019-10-01', '2019-10-01T00:00:00.000Z'],
    ['19970201', '1997-02-01T00:00:00.000Z'],
    ['2019-10-01T08:26Z', '2019-10-01T08:26:00.000Z'],
    ['2019-10-01 8:26', '2019-10-01T08:26:00.000Z'],
    ['2019-10-01 00:00:01 UTC', '2019-10-01T00:00:01.000Z'],
    ['2017-01-28 19:06:53', '2017-01-28T19:06:53.000Z'],
    ['2019-10-01T00:00:00.5+02:00', '2019-09-30T22:00:00.500Z'],
    ['2019-10-01T00:00:00-0530', '2019-10-01T05:30:00.000Z'],
    ['2019-10-01T00:00:00+02', '2019-09-30T22:00:00.000Z'],
    ['2019-10-01T00:00:00.123999999Z', '2019-10-01T00:00:00.123Z'],
    [' 2019-10-01 ', '2019-10-01T00:00:00.000Z'],
    ['1511658000', '2017-11-26T01:00:00.000Z'],
    ['1511658000123', '2017-11-26T01:00:00.123Z'],
    ['1511658000.25', '2017-11-26T01:00:00.250Z'],
    [1511658000, '2017-11-26T01:00:00.000Z'],
    [1511658000123, '2017-11-26T01:00:00.123Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['1990-01-01', '1990-01-01T00:00:00.000Z'],
  ])('reads %s', (value, iso) => {
    expect(asIso(value)).toBe(iso);
  });

  it.each([
    ...['', 'yesterday', '1899-12-31', '1989-12-31T23:59:59.999Z', '2023-02-29', '2023-13-01', '2023-00-10'],
    ...['2023-01-32', '2023-01-01T24:00', '2023-01-01T10', '2023-01-01T10:60', '2023-01-01T10:00:60'],
    ...[
      '2023-01-01T10:00:00.',
      '2023-01-01T10:00:00+2',
      '2023-01-01T10:00:00 CET',
      '2023-01-01x',
      '20230230',
    ],
    ...['2023-1-1', '12', '0', '-1511658000', '1e12', 'NaN', '99999999999999999'],
    ...[Number.NaN, Number.POSITIVE_INFINITY, 0, -1],
  ])('refuses %s', (value) => {
    expect(parseInstant(value)).toBeUndefined();
  });

  it('agrees with the calendar of the language on every instant', () => {
    const ms = fc.integer({ min: EARLIEST_AT, max: Date.UTC(9999, 11, 31) }).map(instant);
    fc.assert(
      fc.property(ms, (at) => {
        expect(parseInstant(isoOf(at))).toBe(at);
        expect(parseInstant(at < 100_000_000_000 ? NaN : at)).toBe(at);
      }),
    );
  });
});

describe('parseSlashInstant', () => {
  it.each([
    ['12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
    ['12/01/2010 08:26:30', '2010-12-01T08:26:30.000Z'],
    ['1/13/11', '2011-01-13T00:00:00.000Z'],
    ['1/13/97 10:00', '1997-01-13T10:00:00.000Z'],
  ])('reads %s as month/day/year', (value, iso) => {
    expect(isoOf(parseSlashInstant(value) ?? instant(0))).toBe(iso);
  });

  it.each(['13/1/2010', '2/30/2010', '12/1/2010x', '12/1', '', '1/1/1899 0:00'])('refuses %s', (value) => {
    expect(parseSlashInstant(value)).toBeUndefined();
  });
});
