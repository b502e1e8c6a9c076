import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankRow, type Finding } from '../../../../src/core/scoring/drift/drift-row.ts';
import { holmLevel, judgeDrift } from '../../../../src/core/scoring/drift/judge-drift.ts';

const BLANK = blankRow({
  measured_at: 0,
  kind: 'feature',
  name: 'orders_30d',
  stratum: 'like tenure',
  n_reference: 100,
  n_current: 100,
});

/** A test whose p-value is 10 to the power of minus its statistic. */
function finding(statistic: number): Finding {
  return {
    row: BLANK,
    test: { statistic, pValue: 10 ** -statistic, limitAt: (level) => -Math.log10(level) },
  };
}

describe('the alarm', () => {
  it('is that of one test at its own level', () => {
    const [row] = judgeDrift([finding(3.1)], 0.001);
    expect(row?.limit).toBeCloseTo(3, 10);
    expect(row?.alarm).toBe(true);
  });

  it('asks more the more is tested with it', () => {
    const rows = judgeDrift([finding(3.1), ...Array.from({ length: 99 }, () => finding(0))], 0.001);
    expect(rows[0]?.limit).toBeCloseTo(5, 10);
    expect(rows.some(({ alarm }) => alarm)).toBe(false);
  });

  it('is not given where nothing was tested, and that asks nothing of others', () => {
    const rows = judgeDrift([{ row: BLANK }, finding(3.1)], 0.001);
    expect(rows.map(({ alarm, limit }) => [alarm, limit === null])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(judgeDrift([])).toEqual([]);
  });

  it("rejects what Holm's procedure rejects", () => {
    const pValues = fc.array(
      fc.double({ min: 0, max: 9, noNaN: true }).map((power) => 10 ** -power),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(pValues, fc.double({ min: 1e-4, max: 0.2, noNaN: true }), (all, rate) => {
        const rejected: number[] = [];
        for (const pValue of [...all].sort((a, b) => a - b)) {
          if (pValue > rate / (all.length - rejected.length)) break;
          rejected.push(pValue);
        }
        const level = holmLevel(all, rate);
        expect(all.filter((pValue) => pValue <= level).sort((a, b) => a - b)).toEqual(rejected);
      }),
    );
  });
});
