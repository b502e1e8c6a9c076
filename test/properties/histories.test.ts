import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/core/features/catalogue.ts';
import { emptyWindows, mergeWindows, settleWindows } from '../../src/core/features/person-windows.ts';
import type { PersonWindows } from '../../src/core/features/person-windows.ts';
import { DUPLICATE_HORIZON_MS } from '../../src/core/features/seen.ts';
import { DAY_MS, HOUR_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import { environments, histories, type Arrival } from '../support/arbitraries.ts';
import {
  copyOf,
  decoded,
  encoded,
  encodedAfterForgetting,
  foldAll,
  foldInto,
  foldOne,
} from '../support/fold-history.ts';

const delays = fc.array(fc.integer({ min: 0, max: 30 * DAY_MS }), { minLength: 7, maxLength: 7 });

describe('the order in which facts arrive leaves no trace', () => {
  it('when all of them arrive at once, shuffled', () => {
    fc.assert(
      fc.property(
        histories({ days: 365, latestDays: 0, bursts: true, duplicates: false }),
        fc.integer(),
        ({ end, arrivals }, seed) => {
          const atOnce = arrivals.map(({ fact }) => ({ fact, receivedAt: end }));
          const straight = foldAll(atOnce);
          const mixed = foldAll(shuffled(atOnce, seed));
          expect(encodedAfterForgetting(mixed, end)).toBe(encodedAfterForgetting(straight, end));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('when each is late by a time of its own, while records are settled in between', () => {
    fc.assert(
      fc.property(
        histories({ days: 700, latestDays: 30, bursts: true, duplicates: false }),
        delays,
        fc.array(fc.integer({ min: 0, max: 700 * DAY_MS }), { maxLength: 5 }),
        ({ end, arrivals }, lateBy, settledAgo) => {
          const otherwise = delayed(arrivals, lateBy, end);
          const settledAt = settledAgo.map((ago) => end - ago);
          const straight = foldAll(arrivals);
          const other = emptyWindows();
          for (const arrival of otherwise) {
            for (const at of settledAt) if (at <= arrival.receivedAt) settleWindows(other, instant(at));
            foldInto(other, [arrival]);
          }
          expect(encodedAfterForgetting(other, end)).toBe(encodedAfterForgetting(straight, end));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('acts alone, late by up to a year', () => {
  it('leave no trace of their order or of when records were settled', () => {
    fc.assert(
      fc.property(
        histories({ days: 500, latestDays: 364, bursts: true, duplicates: false, actsOnly: true }),
        ({ end, arrivals }) => {
          const punctual = arrivals
            .map(({ fact }) => ({ fact, receivedAt: fact.at }))
            .sort((a, b) => a.receivedAt - b.receivedAt);
          const settled = emptyWindows();
          for (const arrival of arrivals) {
            settleWindows(settled, arrival.receivedAt);
            foldInto(settled, [arrival]);
          }
          const straight = encodedAfterForgetting(foldAll(punctual), end);
          expect(encodedAfterForgetting(foldAll(arrivals), end)).toBe(straight);
          expect(encodedAfterForgetting(settled, end)).toBe(straight);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a fact that comes again changes nothing', () => {
  it('within the duplicate horizon: any suffix of the stream, replayed', () => {
    fc.assert(
      fc.property(
        histories({ days: 360, latestDays: 0, bursts: true, duplicates: false }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ end, arrivals }, from, spread) => {
          const horizon = Math.floor(spread * DUPLICATE_HORIZON_MS);
          const recent = arrivals.map(({ fact }, i) => ({
            fact,
            receivedAt: plus(end, Math.floor((horizon * i) / arrivals.length)),
          }));
          const windows = foldAll(recent);
          const last = plus(end, horizon);
          settleWindows(windows, last);
          const before = encoded(windows);
          const suffix = recent.slice(Math.floor(from * recent.length));
          const outcomes = foldInto(
            windows,
            suffix.map(({ fact }) => ({ fact, receivedAt: last })),
          );
          expect(new Set(outcomes)).toEqual(new Set(suffix.length === 0 ? [] : ['duplicate']));
          expect(encoded(windows)).toEqual(before);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('long after it: orders, refunds, shipments and disputes under new message ids', () => {
    fc.assert(
      fc.property(
        histories({ days: 300, latestDays: 0, bursts: true, duplicates: false }),
        fc.integer({ min: 4, max: 60 }),
        ({ end, arrivals }, daysLater) => {
          const known = arrivals.filter(({ fact }) => fact.type !== 'act');
          const windows = foldAll(known.map(({ fact }) => ({ fact, receivedAt: end })));
          const before = encodedAfterForgetting(copyOf(windows), plus(end, daysLater * DAY_MS));
          for (const { fact } of known) {
            const again = { ...fact, key: fact.key + 2 ** 40 };
            const { outcome, sent } = foldOne(windows, again, plus(end, daysLater * DAY_MS));
            if (fact.type === 'order') expect({ outcome, sent }).toEqual({ outcome: 'restated', sent: [] });
          }
          expect(encodedAfterForgetting(windows, plus(end, daysLater * DAY_MS))).toBe(before);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('two histories of one person, merged', () => {
  it('are the history that was always one, whatever the split, the order and the grouping', () => {
    fc.assert(
      fc.property(
        histories({ days: 365, latestDays: 60, bursts: true, duplicates: true }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 5, maxLength: 11 }),
        ({ end, arrivals }, owners) => {
          const parts = [0, 1, 2].map((owner) =>
            // Copies of one fact stay together: nobody resends a message under another person's name.
            foldAll(arrivals.filter(({ fact }) => owners[fact.key % owners.length] === owner)),
          );
          const [a, b, c] = parts as [PersonWindows, PersonWindows, PersonWindows];
          const one = encodedAfterForgetting(foldAll(arrivals), end);
          const left = merged(merged(a, b, end), c, end);
          const right = merged(a, merged(b, c, end), end);
          const back = merged(c, merged(b, a, end), end);
          for (const grouping of [left, right, back]) expect(encodedAfterForgetting(grouping, end)).toBe(one);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('with an empty one is the history itself', () => {
    fc.assert(
      fc.property(
        histories({ days: 500, latestDays: 60, bursts: true, duplicates: true }),
        ({ end, arrivals }) => {
          const windows = foldAll(arrivals);
          const alone = encodedAfterForgetting(copyOf(windows), end);
          expect(encodedAfterForgetting(merged(emptyWindows(), windows, end), end)).toBe(alone);
          expect(encodedAfterForgetting(merged(windows, emptyWindows(), end), end)).toBe(alone);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the packed record', () => {
  it('comes back as it was: the same bytes and the same answer of every feature', () => {
    fc.assert(
      fc.property(
        histories({ days: 500, latestDays: 60, bursts: true, duplicates: true }),
        environments,
        fc.integer({ min: 0, max: 400 * DAY_MS }),
        fc.boolean(),
        ({ end, arrivals }, environment, later, isMoved) => {
          const windows = foldAll(arrivals);
          if (isMoved) windows.mergedInto = 'someone-else-é';
          const record = encoded(windows);
          const back = decoded(record);
          expect(encoded(back)).toEqual(record);
          expect(back.mergedInto).toBe(windows.mergedInto);
          expect(back.clock).toBe(windows.clock);
          for (const now of [end, plus(end, later)]) {
            for (const feature of CATALOGUE) {
              const [was, is] = [windows, back].map((w) => feature.read(w, now, environment));
              if (!Object.is(was, is)) expect.fail(`${feature.name} was ${was}, comes back as ${is}`);
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('cut short anywhere throws RangeError', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 0, bursts: false, duplicates: false }),
        ({ arrivals }) => {
          const record = encoded(foldAll(arrivals));
          for (let length = 0; length < record.length; length++) {
            expect(() => decoded(record.subarray(0, length))).toThrow(RangeError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('with any bytes spoilt comes back as something or throws RangeError, and never hangs', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 0, bursts: true, duplicates: false }),
        fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1 }),
        ({ arrivals }, spoils) => {
          const record = encoded(foldAll(arrivals));
          for (const { at, byte } of spoils) record[at % record.length] = byte;
          try {
            decoded(record);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(RangeError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('settling', () => {
  it('is invisible to every feature at every later instant', () => {
    fc.assert(
      fc.property(
        histories({ days: 700, latestDays: 100, bursts: true, duplicates: true }),
        environments,
        fc.array(fc.integer({ min: 0, max: 400 * DAY_MS }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 40 * HOUR_MS }),
        ({ end, arrivals }, environment, steps, later) => {
          const untouched = foldAll(arrivals);
          const settled = foldAll(arrivals);
          let now = end;
          for (const step of steps) {
            now = plus(now, step);
            settleWindows(settled, now);
            for (const at of [now, plus(now, later)]) {
              for (const feature of CATALOGUE) {
                const [without, withIt] = [untouched, settled].map((w) => feature.read(w, at, environment));
                if (!Object.is(without, withIt))
                  expect.fail(`${feature.name} at ${at} is ${without}, once settled ${withIt}`);
              }
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('does nothing within an hour in which it was done', () => {
    fc.assert(
      fc.property(
        histories({ days: 700, latestDays: 100, bursts: true, duplicates: true }),
        fc.integer({ min: 0, max: 800 * DAY_MS }),
        fc.integer({ min: 0, max: HOUR_MS - 1 }),
        ({ end, arrivals }, later, within) => {
          const windows = foldAll(arrivals);
          const hour = Math.ceil(plus(end, later) / HOUR_MS) * HOUR_MS;
          settleWindows(windows, instant(hour));
          const once = Buffer.from(encoded(windows)).toString('hex');
          settleWindows(windows, instant(hour + within));
          expect(Buffer.from(encoded(windows)).toString('hex')).toBe(once);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('reading', () => {
  it('between facts changes nothing that is read later', () => {
    fc.assert(
      fc.property(
        histories({ days: 400, latestDays: 100, bursts: false, duplicates: true }),
        environments,
        ({ end, arrivals }, environment) => {
          const read = emptyWindows();
          for (const arrival of arrivals) {
            foldInto(read, [arrival]);
            for (const feature of CATALOGUE) feature.read(read, arrival.receivedAt, environment);
          }
          const unread = foldAll(arrivals);
          for (const feature of CATALOGUE) {
            const [was, is] = [unread, read].map((w) => feature.read(w, end, environment));
            if (!Object.is(was, is))
              expect.fail(`${feature.name} is ${was}, but ${is} after earlier readings`);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

function merged(a: PersonWindows, b: PersonWindows, now: Instant): PersonWindows {
  const into = copyOf(a);
  mergeWindows(into, copyOf(b), now);
  return into;
}

function delayed(arrivals: readonly Arrival[], lateBy: readonly number[], end: Instant): Arrival[] {
  return arrivals
    .map(({ fact }, i) => ({
      fact,
      receivedAt: instant(Math.min(end, fact.at + (lateBy[i % lateBy.length] ?? 0))),
    }))
    .sort((a, b) => a.receivedAt - b.receivedAt);
}

/** By a linear congruence: reproducible from its seed alone. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const mixed = [...items];
  let state = seed >>> 0;
  for (let i = mixed.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = state % (i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}
