import { describe, expect, it } from 'vitest';
import { asItArrives } from '../../src/commands/as-it-arrives.ts';
import { instant } from '../../src/core/time.ts';

async function* blocksOf(...blocks: readonly (readonly number[])[]) {
  for (const block of blocks) yield await Promise.resolve(block.map((at) => ({ receivedAt: instant(at) })));
}

/** A clock that only waiting moves; what was passed on at which time. */
async function passTimes(startAt: number, ...blocks: readonly (readonly number[])[]) {
  const clock = { now: startAt, waits: [] as number[] };
  const passed: [now: number, arrivals: readonly number[]][] = [];
  const pace = {
    wallClock: () => instant(clock.now),
    wait: (durationMs: number) => {
      clock.now += durationMs;
      clock.waits.push(durationMs);
      return Promise.resolve();
    },
  };
  for await (const block of asItArrives(blocksOf(...blocks), pace))
    passed.push([clock.now, block.map(({ receivedAt }) => receivedAt)]);
  return { passed, waits: clock.waits };
}

describe('as it arrives', () => {
  it('passes on what is past at once, and waits for nothing', async () => {
    const { passed, waits } = await passTimes(1000, [1, 2, 999], [1000]);
    expect(passed).toEqual([
      [1000, [1, 2, 999]],
      [1000, [1000]],
    ]);
    expect(waits).toEqual([]);
  });

  it('passes nothing on before its time, and together what arrives together', async () => {
    const { passed, waits } = await passTimes(1000, [900, 1500, 1500, 1700]);
    expect(passed).toEqual([
      [1000, [900]],
      [1500, [1500, 1500]],
      [1700, [1700]],
    ]);
    expect(waits).toEqual([500, 200]);
  });

  it('lets its reader look around at least once a minute', async () => {
    const { passed, waits } = await passTimes(0, [150_000]);
    expect(waits).toEqual([60_000, 60_000, 30_000]);
    expect(passed).toEqual([
      [0, []],
      [60_000, []],
      [120_000, []],
      [150_000, [150_000]],
    ]);
  });
});
