import { describe, expect, it } from 'vitest';
import { StillClock } from '../../support/still-clock.ts';
import { SweepTurns, type Sweeper } from '../../../src/runtime/worker/sweep-turns.ts';

const nobody: Sweeper = { wake: () => undefined };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function three() {
  const clock = new StillClock();
  const woken: string[] = [];
  const [a = nobody, b = nobody, c = nobody] = [...'abc'].map((name) => ({
    wake: () => void woken.push(name),
  }));
  return { turns: new SweepTurns(clock), clock, woken, a, b, c };
}

describe('turns of sweeping', () => {
  it('are for one at a time, in the order in which they asked', async () => {
    const { turns, woken, a, b, c } = three();
    expect([turns.enter(a), turns.enter(b), turns.enter(c)]).toEqual([true, false, false]);
    turns.leave(a);
    await settled();
    expect(woken).toEqual(['b']);
    expect([turns.enter(a), turns.enter(c), turns.enter(b)]).toEqual([false, false, true]);
    for (const one of [b, c, a]) {
      expect(turns.isBusy).toBe(true);
      turns.enter(one);
      turns.leave(one);
      await settled();
    }
    expect(woken).toEqual(['b', 'c', 'a']);
    expect(turns.isBusy).toBe(false);
  });

  it('are followed by a rest as long as they took', async () => {
    const { turns, clock, woken, a, b } = three();
    turns.enter(a);
    clock.pass(30);
    turns.leave(a);
    await settled();
    expect([turns.enter(a), turns.enter(b), turns.isBusy]).toEqual([false, false, true]);
    clock.pass(29);
    await settled();
    expect([turns.enter(a), woken]).toEqual([false, []]);
    clock.pass(1);
    await settled();
    expect([turns.enter(a), woken]).toEqual([true, ['a']]);
  });

  it('pass on from who was woken and leaves the line', async () => {
    const { turns, woken, a, b, c } = three();
    for (const one of [a, b, c]) turns.enter(one);
    turns.leave(a);
    await settled();
    turns.leave(b);
    expect(woken).toEqual(['b', 'c']);
    expect(turns.enter(c)).toBe(true);
  });

  it('are not given to another by who only leaves the line', async () => {
    const { turns, woken, a, b, c } = three();
    for (const one of [a, b, c]) turns.enter(one);
    turns.leave(b);
    expect(woken).toEqual([]);
    turns.leave(a);
    turns.leave(b);
    await settled();
    expect(woken).toEqual(['c']);
    expect(turns.enter(c)).toBe(true);
  });
});
