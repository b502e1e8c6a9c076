import { describe, expect, it } from 'vitest';
import { nearestNames, suggest } from '../../../src/adapters/policy/nearest-names.ts';

describe('names near a wrong one', () => {
  it.each([
    ['ordrs_90d', ['orders_90d', 'orders_30d', 'sales_90d'], ['orders_90d']],
    ['orders_09d', ['orders_90d', 'orders_30d'], ['orders_90d']],
    ['ORDERS_90D', ['orders_90d', 'orders_30d'], ['orders_90d']],
    ['abvoe', ['at_least', 'above', 'below'], ['above']],
    ['a', ['b', 'c', 'd', 'e'], ['b', 'c', 'd']],
    ['horoscope', ['orders_90d', 'r', 'f'], []],
    ['', ['ab'], []],
  ])('%j among %j', (wrong, names, near) => {
    expect(nearestNames(wrong, names)).toEqual(near);
  });

  it('are offered in a question, or else something else is', () => {
    expect(suggest('x1', ['x2'], 'no')).toBe('did you mean x2?');
    expect(suggest('x1', ['x2', 'x3', 'x4'], 'no')).toBe('did you mean x2, x3 or x4?');
    expect(suggest('long_word', ['x2'], 'no')).toBe('no');
  });
});
