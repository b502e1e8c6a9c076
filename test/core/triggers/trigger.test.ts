import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/time.ts';
import { noteFiring, type Firing } from '../../../src/core/triggers/trigger.ts';

describe('of two notes that a rule fired', () => {
  it.each([
    ['the earlier first', [5, 9]],
    ['the later first', [9, 5]],
  ])('the later stands: %s', (_, instants) => {
    const firings: Firing[] = [{ rule: 1, firedAt: instant(7) }];
    for (const at of instants) noteFiring(firings, { rule: 0, firedAt: instant(at) });
    expect(firings).toEqual([
      { rule: 1, firedAt: 7 },
      { rule: 0, firedAt: 9 },
    ]);
  });
});
