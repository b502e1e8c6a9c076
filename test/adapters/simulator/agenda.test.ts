import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda } from '../../../src/adapters/simulator/agenda.ts';

describe('Agenda', () => {
  it('does what a map from holder to slice does, across laps of the wheel', () => {
    const move = fc.record({
      holder: fc.nat(19),
      inSlices: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 4_090, max: 12_300 })),
      cancels: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(move, { maxLength: 6 }), { maxLength: 30 }), (turns) => {
        const agenda = new Agenda(20);
        const plain = new Map<number, number>();
        for (let slice = 0; slice < 13_000; slice++) {
          const expected = [...plain].filter(([, at]) => at === slice).map(([holder]) => holder);
          const due = [...agenda.takeDue(slice)];
          for (const holder of due) plain.delete(holder);
          if (due.length + expected.length > 0) {
            expect(due.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
          }
          for (const { holder, inSlices, cancels } of turns[slice % 400] ?? []) {
            if (cancels) {
              agenda.cancel(holder);
              plain.delete(holder);
            } else {
              agenda.schedule(holder, slice + inSlices);
              plain.set(holder, slice + inSlices);
            }
          }
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });
});
