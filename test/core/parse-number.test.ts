import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMajor } from '../../src/core/money.ts';
import { parseDecimal, parseMinor } from '../../src/core/parse-number.ts';

describe('parseDecimal', () => {
  it.each([
    ['11.77', 11.77],
    [' 12 ', 12],
    ['+.5', 0.5],
    ['-3.', -3],
    ['1e3', 1000],
    [4.5, 4.5],
  ])('reads %s', (value, number) => {
    expect(parseDecimal(value)).toBe(number);
  });

  it.each(['', ' ', '.', '0x10', 'Infinity', '1e999', '1,5', '12 CNY', 'NaN', Number.NaN, Infinity])(
    'refuses %s',
    (value) => {
      expect(parseDecimal(value)).toBeNaN();
    },
  );
});

describe('parseMinor', () => {
  it.each([
    ['11.77', undefined, 1177],
    [1.005, 'CNY', 101],
    ['120', 'JPY', 120],
    ['1.2345', 'KWD', 1235],
    ['-5', 'USD', -500],
    [-0.001, 'USD', 0],
  ])('reads %s %s', (value, currency, minor) => {
    expect(parseMinor(value, currency)).toBe(minor);
  });

  it.each(['free', '', 1e300, '90071992547409.93'])('refuses %s', (value) => {
    expect(parseMinor(value)).toBeNaN();
  });

  it('gives back every amount up to 2^50 minor units', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.constantFrom('CNY', 'JPY', 'KWD'),
        (minor, currency) => {
          expect(parseMinor(toMajor(minor, currency), currency)).toBe(minor);
          expect(parseMinor(String(toMajor(minor, currency)), currency)).toBe(minor);
        },
      ),
    );
  });
});
