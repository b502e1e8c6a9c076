import { describe, expect, it } from 'vitest';
import { SweepTurns, type Sweeper } from '../../../src/runtime/worker/sweep-turns.ts';

function sweepers(names: string): { readonly all: readonly Sweeper[]; readonly woken: string[] } {
  const woken: string[] = [];
  return { all: [...names].map((name) => ({ wake: () => void woken.push(name) })), woken };
}

const nobody: Sweeper = { wake: () => undefined };

describe('turns of sweeping', () => {
  it('are for one at a time, in the order in which they asked', () => {
    const turns = new SweepTurns();
    const { all, woken } = sweepers('abc');
    const [a = nobody, b = nobody, c = nobody] = all;
    expect([turns.enter(a), turns.enter(b), turns.enter(c)]).toEqual([true, false, false]);
    turns.leave(a);
    expect(woken).toEqual(['b']);
    expect([turns.enter(a), turns.enter(c), turns.enter(b)]).toEqual([false, false, true]);
    turns.leave(b);
    turns.enter(c);
    turns.leave(c);
    turns.enter(a);
    turns.leave(a);
    expect(woken).toEqual(['b', 'c', 'a']);
    expect(turns.isBusy).toBe(false);
  });

  it('may follow one another while nobody else asks', () => {
    const turns = new SweepTurns();
    for (let i = 0; i < 3; i++) {
      expect(turns.enter(nobody)).toBe(true);
      expect(turns.isBusy).toBe(true);
      turns.leave(nobody);
      expect(turns.isBusy).toBe(false);
    }
  });

  it('pass on from who was woken and leaves the line', () => {
    const turns = new SweepTurns();
    const { all, woken } = sweepers('abc');
    const [a = nobody, b = nobody, c = nobody] = all;
    for (const one of all) turns.enter(one);
    turns.leave(a);
    turns.leave(b);
    expect(woken).toEqual(['b', 'c']);
    expect(turns.enter(c)).toBe(true);
  });

  it('are not given to another by who only leaves the line', () => {
    const turns = new SweepTurns();
    const { all, woken } = sweepers('abc');
    const [a = nobody, b = nobody, c = nobody] = all;
    for (const one of all) turns.enter(one);
    turns.leave(b);
    expect(woken).toEqual([]);
    turns.leave(a);
    expect(woken).toEqual(['c']);
    expect(turns.enter(c)).toBe(true);
  });
});
