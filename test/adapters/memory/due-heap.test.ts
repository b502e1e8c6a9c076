import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../../src/adapters/memory/due-heap.ts';
import { NEVER, instant, type Instant } from '../../../src/core/time.ts';

const due = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NEVER) },
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 40 }).map(instant) },
);

describe('DueHeap', () => {
  it('gives people in order of due, then number, whatever was set before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 60 }), due), { maxLength: 300 }),
        due,
        fc.integer({ min: 0, max: 70 }),
        (sets, until, limit) => {
          const heap = new DueHeap();
          const model = new Map<number, Instant>();
          for (const [person, at] of sets) {
            heap.set(person, at);
            model.set(person, at);
          }
          expect(heap.first(until, limit)).toEqual(firstOf(model, until, limit));
          expect(heap.first(until, limit)).toEqual(firstOf(model, until, limit));
          for (const [person, at] of model) expect(heap.dueOf(person)).toBe(at);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps its order while it grows, shrinks and is asked in between', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const next = numbersFrom(seed);
        const heap = new DueHeap();
        const model = new Map<number, Instant>();
        for (let round = 0; round < 12; round++) {
          const isShrinking = round % 3 === 2;
          for (let i = 0; i < 700; i++) {
            const person = next() % 5000;
            const at = next() % (isShrinking ? 2 : 10) === 0 ? NEVER : instant(next() % 100_000);
            heap.set(person, at);
            model.set(person, at);
          }
          const until = instant(next() % 100_000);
          expect(heap.first(until, 80)).toEqual(firstOf(model, until, 80));
        }
        expect(heap.first(NEVER, 10_000)).toEqual(firstOf(model, NEVER, 10_000));
      }),
      { numRuns: 8 },
    );
  });

  it('knows nobody it was not told of', () => {
    const heap = new DueHeap();
    expect(heap.first(NEVER, 5)).toEqual([]);
    expect(heap.dueOf(3)).toBe(NEVER);
    expect(heap.dueOf(1_000_000)).toBe(NEVER);
    heap.set(100_000, instant(5));
    expect(heap.first(instant(5), 5)).toEqual([100_000]);
    expect(heap.first(instant(4), 5)).toEqual([]);
  });
});

function firstOf(model: ReadonlyMap<number, Instant>, until: Instant, limit: number): number[] {
  return [...model]
    .filter(([, at]) => at !== NEVER && at <= until)
    .sort(([a, atA], [b, atB]) => atA - atB || a - b)
    .slice(0, limit)
    .map(([person]) => person);
}

/** By a linear congruence: reproducible from its seed alone. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
