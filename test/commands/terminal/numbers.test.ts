import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatQuantity,
  formatRate,
  formatShare,
} from '../../../src/commands/terminal/numbers.ts';

describe('numbers for people', () => {
  it('groups thousands', () => {
    expect([0, 999, 1000, 1234567, -1234].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '-1,234',
    ]);
  });

  it('knows one from many', () => {
    expect(formatQuantity(1, 'order')).toBe('1 order');
    expect(formatQuantity(0, 'order')).toBe('0 orders');
    expect(formatQuantity(23570, 'person', 'people')).toBe('23,570 people');
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [59_900, '59.9 s'],
    [59_999, '1 min 00 s'],
    [60_000, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
    [172_800_000, '2 d 00 h'],
    [Number.POSITIVE_INFINITY, 'for ever'],
  ])('says %d ms as %s', (durationMs, words) => {
    expect(formatDuration(durationMs)).toBe(words);
  });

  it('rounds rates to what can be compared', () => {
    expect(formatRate(62_345, 'events', 1000)).toBe('62,300 events/s');
    expect(formatRate(1, 'event', 3000)).toBe('0.333 event/s');
    expect(formatRate(1, 'event', 0)).toBe('');
  });

  it('says shares', () => {
    expect(formatShare(0.1234)).toBe('12.3 %');
  });
});
