import { describe, expect, it } from 'vitest';
import { instant, plus } from '../../../src/core/time.ts';
import type { Progress } from '../../../src/ports/state-store.ts';
import { KnownProgress } from '../../../src/runtime/worker/known-progress.ts';

const BEGIN = instant(Date.UTC(2026, 0, 1));

/** A store whose partition is further with every question, and which fails when it is told to. */
function world(reuseMs: number) {
  const state = { now: BEGIN, asked: 0, isDown: false };
  const progress = (): Promise<readonly Progress[]> => {
    state.asked += 1;
    if (state.isDown) return Promise.reject(new Error('down'));
    return Promise.resolve([{ until: plus(BEGIN, state.asked), sent: {}, taken: {} }]);
  };
  return { state, known: new KnownProgress({ progress }, () => state.now, reuseMs) };
}

describe('the progress that is known', () => {
  it('is asked for once by all who ask within the time, and anew after it', async () => {
    const { state, known } = world(100);
    const [first, second] = await Promise.all([known.progress(), known.progress()]);
    expect(second).toEqual(first);
    state.now = plus(BEGIN, 99);
    expect(await known.progress()).toEqual(first);
    state.now = plus(BEGIN, 100);
    expect(await known.progress()).not.toEqual(first);
    expect(state.asked).toBe(2);
  });

  it('is asked for every time where nothing may be given again', async () => {
    const { state, known } = world(0);
    await known.progress();
    await known.progress();
    expect(state.asked).toBe(2);
  });

  it('is asked for again after a failure', async () => {
    const { state, known } = world(100);
    state.isDown = true;
    await expect(known.progress()).rejects.toThrow('down');
    state.isDown = false;
    expect(await known.progress()).toHaveLength(1);
  });
});
