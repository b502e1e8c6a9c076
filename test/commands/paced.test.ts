import { describe, expect, it } from 'vitest';
import { paced } from '../../src/commands/paced.ts';
import { instant } from '../../src/core/time.ts';

/** A clock that only waiting moves; records when each item passed. */
async function passTimes(blocks: readonly (readonly string[])[], rate: number | undefined, slowMs = 0) {
  const clock = { nowMs: 0 };
  const passed: [string, number][] = [];
  const pace = {
    rate,
    wallClock: () => instant(clock.nowMs),
    wait: (durationMs: number) => {
      clock.nowMs += durationMs;
      return Promise.resolve();
    },
  };
  for await (const items of paced(blocks, pace)) {
    for (const item of items) passed.push([item, clock.nowMs]);
    clock.nowMs += slowMs;
  }
  return passed;
}

describe('a steady rate', () => {
  it('spreads a block over its time', async () => {
    expect(await passTimes([['a', 'b', 'c'], ['d']], 2)).toEqual([
      ['a', 0],
      ['b', 500],
      ['c', 1000],
      ['d', 1500],
    ]);
  });

  it('goes in steps of a tenth of a second at most', async () => {
    const block = Array.from({ length: 100 }, (_, i) => `${i}`);
    const passed = await passTimes([block], 100);
    expect(passed.map(([, atMs]) => atMs)).toEqual(block.map((_, i) => Math.floor(i / 10) * 100));
  });

  it('catches up after a slow reader', async () => {
    const passed = await passTimes([['a', 'b', 'c']], 1, 600);
    expect(passed).toEqual([
      ['a', 0],
      ['b', 1000],
      ['c', 2000],
    ]);
    expect(await passTimes([['a', 'b', 'c']], 1, 1500)).toEqual([
      ['a', 0],
      ['b', 1500],
      ['c', 3000],
    ]);
  });

  it('without a rate waits for nothing and cuts nothing', async () => {
    const block = Array.from({ length: 5000 }, (_, i) => `${i}`);
    expect((await passTimes([block], undefined)).every(([, atMs]) => atMs === 0)).toBe(true);
  });
});
