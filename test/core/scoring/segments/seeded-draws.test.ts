import { describe, expect, it } from 'vitest';
import { resampleOf, sampleOf, seededDraws } from '../../../../src/core/scoring/segments/seeded-draws.ts';

describe('seeded draws', () => {
  it('follow from the seed', () => {
    const [first, again, other] = [seededDraws(1), seededDraws(1), seededDraws(2)];
    const draws = Array.from({ length: 100 }, () => first());
    expect(Array.from({ length: 100 }, () => again())).toEqual(draws);
    expect(Array.from({ length: 100 }, () => other())).not.toEqual(draws);
  });

  it('are uniform over [0, 1)', () => {
    const draw = seededDraws(3);
    const counts = new Array<number>(20).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const at = Math.floor(draw() * 20);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    expect(counts.length).toBe(20);
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
    // The 99.9 % quantile with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8);
  });
});

describe('a sample', () => {
  const all = Array.from({ length: 50 }, (_, i) => i);

  it('has its size, its order and nobody twice', () => {
    const sample = sampleOf(all, 20, 1);
    expect(sample.length).toBe(20);
    expect([...new Set(sample)].sort((a, b) => a - b)).toEqual(sample);
  });

  it('holds everybody equally often', () => {
    const counts = new Array<number>(50).fill(0);
    for (let seed = 0; seed < 2_000; seed++)
      for (const one of sampleOf(all, 10, seed)) counts[one] = (counts[one] ?? 0) + 1;
    // 400 expected, with a standard deviation of 18.
    expect(Math.min(...counts)).toBeGreaterThan(320);
    expect(Math.max(...counts)).toBeLessThan(480);
  });

  it('of few is all of them', () => {
    expect(sampleOf(all, 50, 1)).toEqual(all);
    expect(sampleOf([], 3, 1)).toEqual([]);
  });

  it('drawn with replacement has as many, some of them twice', () => {
    const sample = resampleOf(all, 1);
    expect(sample.length).toBe(50);
    expect(sample.every((one) => all.includes(one))).toBe(true);
    expect(new Set(sample).size).toBeLessThan(45);
    expect(new Set(sample).size).toBeGreaterThan(20);
  });
});
