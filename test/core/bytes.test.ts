import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/core/bytes.ts';
import { hash32, hash48 } from '../../src/core/hash.ts';

type Value =
  | { readonly kind: 'byte' | 'unsigned' | 'signed' | 'fixed48'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string };

const values: fc.Arbitrary<Value[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), value: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant('unsigned' as const), value: wholeNumbers(2 ** 53) }),
    fc.record({ kind: fc.constant('signed' as const), value: wholeNumbers(2 ** 52) }),
    fc.record({ kind: fc.constant('signed' as const), value: wholeNumbers(2 ** 52).map((n) => -n + 0) }),
    fc.record({ kind: fc.constant('fixed48' as const), value: wholeNumbers(2 ** 48 - 1) }),
    fc.record({
      kind: fc.constant('string' as const),
      value: fc.string({ unit: 'grapheme', maxLength: 3000 }),
    }),
  ),
);

describe('packed records', () => {
  it('are read as they were written, to the last byte', () => {
    fc.assert(
      fc.property(values, (written) => {
        const reader = new ByteReader(recordOf(written));
        for (const one of written) expect(reader[one.kind]()).toBe(one.value);
        expect(reader.atEnd).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('cut short anywhere throw RangeError', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (written, share) => {
        const record = recordOf(written);
        if (record.length === 0) return;
        const reader = new ByteReader(record.subarray(0, Math.floor(record.length * share)));
        expect(() => {
          for (const one of written) reader[one.kind]();
        }).toThrow(RangeError);
      }),
    );
  });

  it('with a number that never ends throw RangeError', () => {
    expect(() => new ByteReader(new Uint8Array(100).fill(0xff)).unsigned()).toThrow(RangeError);
  });

  it('several in one writer do not disturb one another', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (records) => {
        const writer = new ByteWriter();
        const written = records.map((record) => {
          const mark = writer.mark();
          for (const one of record) write(writer, one);
          return writer.since(mark);
        });
        expect(written.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
          records.map((record) => Buffer.from(recordOf(record)).toString('hex')),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('hash48', () => {
  it('is a whole number below 2^48 that fixed48 can hold, the same for ever', () => {
    expect(['order-1', 'order-2', 'é'].map((text) => hash48(text))).toEqual([
      134695423531729, 141388936403782, 73617382370934,
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const hash = hash48(text);
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 48).toBe(true);
        expect(hash32(text)).toBe(hash % 2 ** 32);
      }),
    );
  });

  it('tells ids apart that differ in one character', () => {
    const ids = Array.from({ length: 200_000 }, (_, i) => `o${i.toString(36)}`);
    expect(new Set(ids.map((id) => hash48(id))).size).toBe(ids.length);
  });
});

/** Around powers of two most of all: there the number of bytes changes. */
function wholeNumbers(most: number): fc.Arbitrary<number> {
  const edges = fc
    .tuple(fc.integer({ min: 0, max: 53 }), fc.integer({ min: -1, max: 1 }))
    .map(([bits, aside]) => Math.min(most, Math.max(0, 2 ** bits + aside)));
  return fc.oneof(edges, fc.integer({ min: 0, max: Math.min(most, Number.MAX_SAFE_INTEGER) }));
}

function recordOf(written: readonly Value[]): Uint8Array {
  const writer = new ByteWriter();
  for (const one of written) write(writer, one);
  return writer.since(0);
}

function write(writer: ByteWriter, one: Value): void {
  if (one.kind === 'string') writer.string(one.value);
  else writer[one.kind](one.value);
}
