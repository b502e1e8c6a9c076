import { describe, expect, it } from 'vitest';
import { hash32 } from '../../src/core/hash.ts';
import { seededRandom } from '../../src/core/seeded-random.ts';

function words(seed: number, stream: string): number[] {
  const random = seededRandom(seed, stream);
  return Array.from({ length: 8 }, () => random.word());
}

describe('seededRandom', () => {
  it('is sfc32: a literal second implementation in wide arithmetic gives the same words', () => {
    const mask = 0xffffffffn;
    let [a, b, c, counter] = [7n, 3n, BigInt(hash32('trees')), 1n];
    const literal = (): number => {
      const sum = (a + b + counter) & mask;
      counter = (counter + 1n) & mask;
      a = b ^ (b >> 9n);
      b = (c + (c << 3n)) & mask;
      c = (((c << 21n) | (c >> 11n)) + sum) & mask;
      return Number(sum);
    };
    for (let i = 0; i < 15; i++) literal();
    const random = seededRandom(3 * 2 ** 32 + 7, 'trees');
    for (let i = 0; i < 1_000; i++) expect(random.word()).toBe(literal());
  });

  it('repeats itself for a seed and a stream, and for nothing else', () => {
    expect(words(1, 'a')).toEqual(words(1, 'a'));
    expect(words(1, 'a')).not.toEqual(words(2, 'a'));
    expect(words(1, 'a')).not.toEqual(words(1, 'b'));
    expect(words(1, 'a')).not.toEqual(words(1 + 2 ** 32, 'a'));
  });

  it('spreads whole numbers evenly over their range', () => {
    const random = seededRandom(11, 'dice');
    const draws = 60_000;
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < draws; i++) {
      const side = random.below(6);
      counts[side] = (counts[side] ?? NaN) + 1;
    }
    const expected = draws / 6;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 99.9 % point of χ² with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.5);
  });

  it('stays in [0, 1)', () => {
    const random = seededRandom(5, 'unit');
    const draws = Array.from({ length: 10_000 }, () => random.uniform());
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(draws.reduce((sum, u) => sum + u, 0) / draws.length).toBeCloseTo(0.5, 1);
  });
});
