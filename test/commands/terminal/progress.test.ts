import { describe, expect, it } from 'vitest';
import { startProgress } from '../../../src/commands/terminal/progress.ts';
import { instant } from '../../../src/core/time.ts';
import { testWorld, type TestWorldOptions } from '../../support/test-world.ts';

function start(options: TestWorldOptions) {
  const clock = { nowMs: 1_000_000 };
  const { world, stderr } = testWorld({ ...options, wallClock: () => instant(clock.nowMs) });
  const progress = startProgress(world, { label: 'replay', unit: 'events' });
  const at = (elapsedMs: number, done: number, share?: number): void => {
    clock.nowMs = 1_000_000 + elapsedMs;
    progress.report(share === undefined ? { done } : { done, share });
  };
  return { at, progress, stderr };
}

describe('progress', () => {
  it('is a plain line every five seconds where nobody watches', () => {
    const { at, progress, stderr } = start({ isTerminal: false });
    for (let elapsedMs = 0; elapsedMs <= 11_000; elapsedMs += 100)
      at(elapsedMs, elapsedMs * 60, elapsedMs / 20_000);
    progress.clear();
    expect(stderr()).toBe(
      'replay: 25.0 % · 300,000 events · 60,000 events/s · 15.0 s left\n' +
        'replay: 50.0 % · 600,000 events · 60,000 events/s · 10.0 s left\n',
    );
  });

  it('prints nothing for short work', () => {
    const { at, progress, stderr } = start({ isTerminal: false });
    at(4_999, 10);
    progress.clear();
    expect(stderr()).toBe('');
  });

  it('is one redrawn line on a terminal, ten times a second at most, and goes away', () => {
    const { at, progress, stderr } = start({ isTerminal: true });
    at(50, 1);
    at(100, 2);
    at(150, 3);
    at(200, 4);
    progress.clear();
    expect(stderr()).toBe(
      '\rreplay: 2 events · 20 events/s · 100 ms\u001b[K\rreplay: 4 events · 20 events/s · 200 ms\u001b[K\r\u001b[K',
    );
  });

  it('never fills the last column of a narrow terminal', () => {
    const { at, stderr } = start({ isTerminal: true, columns: 20 });
    at(1000, 123_456, 0.5);
    expect(stderr()).toBe('\rreplay: 50.0 % · 1…\u001b[K');
  });
});
