import { describe, expect, it } from 'vitest';
import { mergeShares, numericBins, tagBins } from '../../../../src/core/scoring/drift/coarse-bins.ts';

const SIZES = { mostBins: 10, leastExpected: 10, people: 1000 };
const UNIFORM = [...new Array<number>(40).fill(0.025), 0];

function shares(fine: readonly number[], people = SIZES.people): number[] {
  return mergeShares(numericBins(fine, { ...SIZES, people }), fine);
}

describe('bins of numbers', () => {
  it('are ten of equal share, and that of NaN', () => {
    const merged = shares(UNIFORM);
    expect(merged).toHaveLength(11);
    merged.slice(0, 10).forEach((share) => expect(share).toBeCloseTo(0.1, 12));
    expect(merged[10]).toBe(0);
  });

  it('are fewer rather than emptier', () => {
    expect(shares(UNIFORM, 45)).toHaveLength(5);
    expect(shares(UNIFORM, 12)).toHaveLength(2);
    expect(shares([...new Array<number>(40).fill(0.0025), 0.9], 200)).toHaveLength(3);
  });

  it('keep a frequent value apart from its neighbours', () => {
    const merged = shares([0.06, 0.8, 0.05, 0.05, 0.04, 0]);
    expect(merged[0]).toBeCloseTo(0.06, 12);
    expect(merged[1]).toBeCloseTo(0.8, 12);
  });

  it('are never less than half of what is due', () => {
    const merged = shares([0.249, 0.002, 0.249, 0.001, 0.249, 0.25, 0]).slice(0, -1);
    expect(Math.min(...merged)).toBeGreaterThan(0.05);
  });

  it('have one below a floor and one above a ceiling, and none beside open ends', () => {
    const bins = numericBins([0, 0, 0.7, 0.1, 0.2, 0, 0, 0], SIZES);
    expect(bins.of).toEqual([0, 0, 1, 2, 3, 4, 4, 5]);
    const open = numericBins([0, 0.01, ...new Array<number>(40).fill(0.0245), 0.01, 0, 0], SIZES);
    expect(new Set(open.of).size).toBe(11);
  });

  it('exist for numbers that nobody had', () => {
    const bins = numericBins([0, 0, 1], SIZES);
    expect(bins.of[0]).not.toBe(bins.of[2]);
  });
});

describe('bins of tags', () => {
  it('are one each, one for the rare, and one for those nobody held', () => {
    const bins = tagBins([0.5, 0.496, 0.003, 0.001, 0, 0], SIZES);
    const [a, b, c, d, e, other] = bins.of;
    expect(new Set([a, b, c]).size).toBe(3);
    expect(d).toBe(c);
    expect(other).toBe(e);
    expect([a, b, c]).not.toContain(e);
  });
});
