import { describe, expect, it } from 'vitest';
import { binCount, binOf, valueCuts } from '../../../../src/core/scoring/drift/value-cuts.ts';

function cutsOf(...values: number[]): number[] {
  return valueCuts([Float64Array.from(values)]);
}

describe('cuts between values', () => {
  it('give a constant a bin of its own, to the last bit', () => {
    const cuts = cutsOf(0.1, 0.1, 0.1);
    const bin = binOf(cuts, 0.1);
    expect(binOf(cuts, 0.1 + 2 ** -56)).toBe(bin + 1);
    expect(binOf(cuts, 0.1 - 2 ** -56)).toBe(bin - 1);
  });

  it('give a frequent value a bin of its own among others', () => {
    const cuts = cutsOf(
      ...Array.from({ length: 70 }, () => 0),
      ...Array.from({ length: 30 }, (_, i) => i + 1),
    );
    const bin = binOf(cuts, 0);
    expect(binOf(cuts, -0)).toBe(bin);
    expect(binOf(cuts, 1e-300)).toBe(bin + 1);
    expect(binOf(cuts, -1e-300)).toBe(bin - 1);
  });

  it('part distinct values evenly', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i);
    const cuts = cutsOf(...values);
    const counts = new Array<number>(binCount(cuts)).fill(0);
    for (const value of values) {
      const bin = binOf(cuts, value);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(new Set(counts.slice(0, -1))).toEqual(new Set([40]));
  });

  it('give NaN a bin of its own and infinities the outermost', () => {
    const cuts = cutsOf(NaN, 1, 2, NaN, 3, Infinity, Infinity, -Infinity, -Infinity);
    expect(cuts.every(Number.isFinite)).toBe(true);
    expect(binOf(cuts, NaN)).toBe(binCount(cuts) - 1);
    expect(binOf(cuts, Infinity)).toBe(binCount(cuts) - 2);
    expect(binOf(cuts, -Infinity)).toBe(0);
    expect(new Set([-Infinity, 1, 2, Infinity].map((value) => binOf(cuts, value))).size).toBeGreaterThan(2);
  });

  it('are none for nobody', () => {
    expect(cutsOf()).toEqual([]);
    expect(cutsOf(NaN)).toEqual([]);
    expect([binOf([], 3), binOf([], NaN)]).toEqual([0, 1]);
  });

  it('see what is special in any of the groups', () => {
    const young = Float64Array.from({ length: 50 }, (_, i) => i / 1000);
    const old = Float64Array.from({ length: 5000 }, (_, i) => 100 + i);
    const cuts = valueCuts([Float64Array.from([...young, ...old]), young, old]);
    expect(new Set([...young].map((value) => binOf(cuts, value))).size).toBeGreaterThan(10);
  });
});
