import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordArena } from '../../../src/adapters/memory/record-arena.ts';

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 4080, max: 4110 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5000, max: 60_000 }) },
);

interface Kept {
  readonly address: number;
  readonly bytes: Uint8Array;
}

describe('RecordArena', () => {
  it('keeps every record apart from every other, through any reserving, resizing and removing', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ what: fc.constantFrom('add', 'add', 'resize', 'remove'), who: fc.nat(), length }),
          {
            maxLength: 400,
            size: 'max',
          },
        ),
        (steps) => {
          const arena = new RecordArena();
          const kept: Kept[] = [];
          const fill = (address: number, size: number, mark: number): Kept => {
            const bytes = new Uint8Array(size).fill((mark % 251) + 1);
            arena.view(address, size).set(bytes);
            return { address, bytes };
          };
          steps.forEach(({ what, who, length: size }, i) => {
            const at = kept.length === 0 ? -1 : who % kept.length;
            const old = kept[at];
            if (what === 'add' || old === undefined) {
              kept.push(fill(arena.reserve(size), size, i));
            } else if (what === 'resize') {
              kept[at] = fill(arena.resize(old.address, old.bytes.length, size), size, i);
            } else {
              arena.remove(old.address, old.bytes.length);
              kept.splice(at, 1);
            }
          });
          const wrong = kept.filter(
            ({ address, bytes }) => Buffer.compare(arena.view(address, bytes.length), bytes) !== 0,
          );
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('uses freed room again', () => {
    const arena = new RecordArena();
    for (let i = 0; i < 200_000; i++) arena.remove(arena.reserve(400), 400);
    expect(arena.bytes).toBeLessThan(10_000_000);
    for (let i = 0; i < 2000; i++) arena.remove(arena.reserve(50_000), 50_000);
    expect(arena.bytes).toBeLessThan(10_000_000);
  });

  it('holds more than one page', () => {
    const arena = new RecordArena();
    const addresses = Array.from({ length: 40_000 }, (_, i) => {
      const address = arena.reserve(250);
      arena.view(address, 250).fill(i % 256);
      return address;
    });
    expect(
      addresses.filter((address, i) => !arena.view(address, 250).every((byte) => byte === i % 256)),
    ).toEqual([]);
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});
