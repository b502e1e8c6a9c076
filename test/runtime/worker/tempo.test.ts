import { describe, expect, it } from 'vitest';
import { DAY_MS, instant, plus } from '../../../src/core/time.ts';
import { Tempo } from '../../../src/runtime/worker/tempo.ts';

const LIVE = { turnRecords: 5000, lingerMs: 20, settleMs: 500, sweepPeople: 64 };
const NOW = instant(Date.UTC(2025, 0, 10));

describe('the tempo of a worker', () => {
  it('is the live one at first, and while what happens now is taken in', () => {
    const tempo = new Tempo(LIVE);
    expect(tempo).toMatchObject({ isCatchingUp: false, lingerMs: 20 });
    tempo.turned(plus(NOW, -5_000), NOW);
    expect(tempo).toMatchObject({ isCatchingUp: false, lingerMs: 20 });
    expect([tempo.sweepPeople(5_000), tempo.crowdPeople]).toEqual([64, 256]);
  });

  it('takes twice as much each turn while a past is caught up on, up to a limit, and then little at once', () => {
    const tempo = new Tempo(LIVE);
    const lingers = Array.from({ length: 8 }, () => {
      tempo.turned(plus(NOW, -DAY_MS), NOW);
      return tempo.lingerMs;
    });
    expect(lingers).toEqual([40, 80, 160, 320, 640, 1280, 2000, 2000]);
    expect(tempo).toMatchObject({ isCatchingUp: true });
    expect([10, 5_000].map((records) => tempo.sweepPeople(records))).toEqual([64, 5_000]);
    tempo.turned(plus(NOW, -500), NOW);
    expect(tempo).toMatchObject({ isCatchingUp: false, lingerMs: 20 });
  });

  it('begins with turns of few records, whatever there is', () => {
    const tempo = new Tempo(LIVE);
    const most = Array.from({ length: 8 }, () => {
      const { turnRecords } = tempo;
      tempo.turned(plus(NOW, -DAY_MS), NOW);
      return turnRecords;
    });
    expect(most).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('holds nobody for far behind who only lets what arrives settle for long', () => {
    const tempo = new Tempo({ ...LIVE, settleMs: 600_000 });
    tempo.turned(plus(NOW, -600_001), NOW);
    expect(tempo.isCatchingUp).toBe(false);
  });

  it('is never quicker than what was set', () => {
    const tempo = new Tempo({ ...LIVE, lingerMs: 5_000 });
    tempo.turned(plus(NOW, -DAY_MS), NOW);
    expect(tempo).toMatchObject({ lingerMs: 5_000 });
  });
});
