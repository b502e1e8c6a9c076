import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PersonTable } from '../../../src/adapters/memory/person-table.ts';
import { NEVER, instant, type Instant } from '../../../src/core/time.ts';

interface Kept {
  readonly record: string;
  readonly dueAt: Instant;
}

/** Ids that begin alike, are of one length, or are of no plain letters. */
const id = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 30 }).map((n) => `p${n}`) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 }).map((n) => `${'x'.repeat(4094)}${n}`) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }).map((n) => `${'ö'.repeat(4096)}${n}`) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
);
const record = fc.uint8Array({ maxLength: 40 });
const due = fc.option(fc.integer({ min: 0, max: 50 }).map(instant), { nil: NEVER });

describe('PersonTable', () => {
  it('is a map with a due queue', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(id, record, due), { maxLength: 200, size: 'max' }),
        fc.array(id, { maxLength: 10 }),
        due,
        (sets, asked, until) => {
          const table = new PersonTable();
          const model = new Map<string, Kept>();
          for (const [personId, bytes, dueAt] of sets) {
            table.set(personId, bytes, dueAt);
            model.set(personId, { record: textOf(bytes), dueAt });
          }
          expect(table.size).toBe(model.size);
          for (const personId of [...asked, ...model.keys()]) {
            const found = table.get(personId);
            expect(found === undefined ? undefined : textOf(found)).toBe(model.get(personId)?.record);
          }
          const entries = [...table.entries()].map((one) => [one.personId, textOf(one.record), one.dueAt]);
          // In the order in which they came.
          expect(entries).toEqual([...model].map(([personId, kept]) => [personId, kept.record, kept.dueAt]));
          const expected = [...model]
            .filter(([, { dueAt }]) => dueAt !== NEVER && dueAt <= until)
            .sort(([, a], [, b]) => a.dueAt - b.dueAt);
          expect(table.dueBy(until, 1000)).toEqual(expected.map(([personId]) => personId));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('finds everybody again after it has grown many times', () => {
    const table = new PersonTable();
    const count = 50_000;
    for (let i = 0; i < count; i++)
      table.set(`person-${i}`, Uint8Array.of(i & 255, i >> 8), instant(count - i));
    for (let i = 0; i < count; i += 3) table.set(`person-${i}`, new Uint8Array(i % 90).fill(7), NEVER);
    let wrong = 0;
    for (let i = 0; i < count; i++) {
      const expected = i % 3 === 0 ? new Uint8Array(i % 90).fill(7) : Uint8Array.of(i & 255, i >> 8);
      const found = table.get(`person-${i}`);
      if (found === undefined || Buffer.compare(found, expected) !== 0) wrong += 1;
    }
    expect([wrong, table.size]).toEqual([0, count]);
    expect(table.get(`person-${count}`)).toBeUndefined();
    expect(table.dueBy(instant(4), 10)).toEqual([49_999, 49_997, 49_996].map((i) => `person-${i}`));
    expect(table.bytes / count).toBeLessThan(400);
  });
});

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
