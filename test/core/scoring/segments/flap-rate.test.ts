import { describe, expect, it } from 'vitest';
import { flapRate, type TagChange } from '../../../../src/core/scoring/segments/flap-rate.ts';
import { DAY_MS, instant, plus } from '../../../../src/core/time.ts';

const START = instant(Date.UTC(2025, 0, 1));
const END = plus(START, 365 * DAY_MS);

/** Changes of one person and dimension: `walk('a', [0, 'b'], [10, 'a'])` is at b on day 0 and at a again on day 10. */
function walk(first: string, ...steps: readonly (readonly [number, string])[]): TagChange[] {
  return steps.map(([day, to], i) => ({
    personId: 'p',
    dimension: 'value_segment',
    from: i === 0 ? first : (steps[i - 1]?.[1] ?? ''),
    to,
    effectiveAt: plus(START, day * DAY_MS),
  }));
}

describe('the flap rate', () => {
  it('is the share of changes that are taken back within 30 days', () => {
    const changes = walk('a', [0, 'b'], [10, 'a'], [100, 'b']);
    expect(flapRate(changes, END)).toEqual({ changes: 3, reverted: 1, rate: 1 / 3, undecided: 0 });
  });

  it('counts a return on the thirtieth day and none after it', () => {
    expect(flapRate(walk('a', [0, 'b'], [30, 'a']), END).reverted).toBe(1);
    expect(flapRate(walk('a', [0, 'b'], [30 + 1 / DAY_MS, 'a']), END).reverted).toBe(0);
  });

  it('counts a return by way of others', () => {
    // a → b is reverted by c → a; neither of the other two is.
    expect(flapRate(walk('a', [0, 'b'], [10, 'c'], [20, 'a']), END)).toMatchObject({
      changes: 3,
      reverted: 1,
    });
  });

  it('counts every swing of a tag that goes to and fro', () => {
    const changes = walk('a', [0, 'b'], [5, 'a'], [10, 'b'], [15, 'a']);
    expect(flapRate(changes, END)).toMatchObject({ changes: 4, reverted: 3 });
  });

  it('leaves out how a tag begins, and no other change from none', () => {
    const changes = walk('none', [0, 'key'], [5, 'none'], [10, 'key']);
    expect(flapRate(changes, END)).toMatchObject({ changes: 2, reverted: 1 });
  });

  it('does not count what is too young to tell, reverted or not', () => {
    const changes = walk('a', [0, 'b'], [340, 'a'], [350, 'b']);
    expect(flapRate(changes, END)).toEqual({ changes: 1, reverted: 0, rate: 0, undecided: 2 });
    expect(flapRate(changes, plus(START, 370 * DAY_MS))).toMatchObject({ changes: 2, undecided: 1 });
  });

  it('keeps people and dimensions apart, whatever the order of the list', () => {
    const [first, second] = walk('a', [0, 'b'], [10, 'a']) as [TagChange, TagChange];
    const apart = [first, { ...second, personId: 'q' }, { ...second, dimension: 'style' }];
    expect(flapRate(apart, END)).toMatchObject({ changes: 3, reverted: 0 });
    const changes = walk('a', [0, 'b'], [10, 'a'], [100, 'b']);
    expect(flapRate(changes.toReversed(), END)).toEqual(flapRate(changes, END));
  });

  it('takes another window', () => {
    expect(flapRate(walk('a', [0, 'b'], [10, 'a']), END, 5 * DAY_MS).reverted).toBe(0);
  });

  it('of nothing is no number', () => {
    expect(flapRate([], END)).toEqual({ changes: 0, reverted: 0, rate: NaN, undecided: 0 });
  });
});
