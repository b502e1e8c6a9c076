import { describe, expect, it } from 'vitest';
import { Prng } from '../../../src/adapters/simulator/prng.ts';

function draws(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw).sort((a, b) => a - b);
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? NaN;
}

describe('Prng', () => {
  it('is sfc32: a literal second implementation gives the same words', () => {
    let [a, b, c, d] = [7, 0, 0x811c9dc5, 1];
    const literal = (): number => {
      const t = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + t) | 0;
      return t >>> 0;
    };
    for (let i = 0; i < 15; i++) literal();
    const chance = new Prng(7, '');
    for (let i = 0; i < 1_000; i++) expect(chance.word()).toBe(literal());
  });

  it('repeats itself for a seed and a name, and for nothing else', () => {
    const first = (seed: number, name: string): number[] => {
      const chance = new Prng(seed, name);
      return Array.from({ length: 8 }, () => chance.word());
    };
    expect(first(1, 'a')).toEqual(first(1, 'a'));
    expect(first(1, 'a')).not.toEqual(first(2, 'a'));
    expect(first(1, 'a')).not.toEqual(first(1, 'b'));
    expect(first(1, 'a')).not.toEqual(first(-1, 'a'));
  });

  it('draws each distribution with its mean and quantiles', () => {
    const chance = new Prng(3, 'distributions');
    const many = 200_000;
    expect(meanOf(draws(many, () => chance.uniform()))).toBeCloseTo(0.5, 2);
    expect(meanOf(draws(many, () => chance.geometric(2.5)))).toBeCloseTo(2.5, 1);
    expect(meanOf(draws(many, () => chance.between(-3, 4)))).toBeCloseTo(0, 1);

    const exponential = draws(many, () => chance.exponential());
    expect(meanOf(exponential)).toBeCloseTo(1, 1);
    expect(quantile(exponential, 0.5)).toBeCloseTo(Math.LN2, 1);
    expect(quantile(exponential, 0.95)).toBeCloseTo(Math.log(20), 1);

    const skewed = draws(many, () => chance.skewed());
    expect(quantile(skewed, 0.5)).toBeCloseTo(1, 1);
    expect(quantile(skewed, 0.9)).toBeCloseTo(3, 1);
    expect(
      quantile(
        draws(many, () => chance.mildlySkewed()),
        0.9,
      ),
    ).toBeCloseTo(Math.sqrt(3), 1);
  });

  it('picks in proportion to weights', () => {
    const chance = new Prng(4, 'weights');
    const picked = [0, 0, 0];
    for (let i = 0; i < 100_000; i++) {
      const index = chance.pick([0.2, 0, 0.8]);
      picked[index] = (picked[index] ?? 0) + 1;
    }
    expect(picked[0]).toBeGreaterThan(19_000);
    expect(picked[0]).toBeLessThan(21_000);
    expect(picked[1]).toBe(0);
  });
});
