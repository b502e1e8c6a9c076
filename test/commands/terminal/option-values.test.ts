import { describe, expect, it } from 'vitest';
import {
  parseInstantOption,
  positiveNumber,
  wholeNumber,
} from '../../../src/commands/terminal/option-values.ts';
import { isoOf } from '../../../src/core/time.ts';

describe('date options', () => {
  it.each([
    ['1997-06-30', '1997-06-30T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T23:59:59.999Z'],
    ['1997-06-30T12:00:00Z', '1997-06-30T12:00:00.000Z'],
    ['1997-06-30T12:00:00.250Z', '1997-06-30T12:00:00.250Z'],
    ['1997-06-30T12:00:00+02:00', '1997-06-30T10:00:00.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(isoOf(parseInstantOption(text))).toBe(iso);
  });

  it.each([
    '',
    'yesterday',
    '30.6.1997',
    '1997-6-30',
    '1997-02-30',
    '2023-02-29',
    '1997-06-30T12:00',
    '19970630',
  ])('refuses %j', (text) => {
    expect(() => parseInstantOption(text)).toThrow('Write a date like 1997-06-30');
  });
});

describe('number options', () => {
  it('takes whole numbers in the range, grouped or not', () => {
    const parse = wholeNumber(1, 1_000_000);
    expect(['1', '20', '1000000', '1,000,000', '1_000', '1e3'].map(parse)).toEqual([
      1, 20, 1e6, 1e6, 1000, 1000,
    ]);
  });

  it.each(['', ' ', 'x', '0', '-1', '1.5', '1000001', 'NaN', 'Infinity', '1,0', '0x'])(
    'refuses %j',
    (text) => {
      expect(() => wholeNumber(1, 1_000_000)(text)).toThrow('Give a whole number, from 1 to 1000000.');
    },
  );

  it('names an open range without its end', () => {
    expect(() => wholeNumber(5)('4')).toThrow('Give a whole number, 5 or more.');
  });

  it('takes positive numbers', () => {
    expect(['0.5', '20', '1_000'].map(positiveNumber)).toEqual([0.5, 20, 1000]);
    for (const text of ['', '0', '-1', 'fast', 'Infinity'])
      expect(() => positiveNumber(text)).toThrow('above 0');
  });
});
