import { describe, expect, it } from 'vitest';
import { blankRow, type DriftRow } from '../../../../src/core/scoring/drift/drift-row.ts';
import { driftTable } from '../../../../src/core/scoring/drift/drift-table.ts';

const BLANK: DriftRow = {
  ...blankRow({
    measured_at: 0,
    kind: 'feature',
    name: 'orders_30d',
    stratum: 'all',
    n_reference: 20,
    n_current: 30,
  }),
  limit: null,
  alarm: false,
};

describe('the table of drift', () => {
  it('has a cell for every column, and says where a number does not exist', () => {
    const { columns, rows } = driftTable([BLANK]);
    expect(rows[0]).toHaveLength(columns.length);
    expect(rows[0]?.join('|')).toBe('|feature|orders_30d|all|20|30|–|–|–|–|–|');
  });

  it('tells alarms, ages, predictions and causes', () => {
    const lastCells = driftTable([
      { ...BLANK, psi: 2.5513, limit: 0.0431, p_value: 3.2e-68, alarm: true, tenure_part: 2.55 },
      { ...BLANK, expected: 0.2, observed: 0.08, observed_low: 0.0352, observed_high: 0.1516 },
      { ...BLANK, kind: 'segment_size', causes: { people_moved: -7, rule_edited: 12 } },
    ]).rows.map((row) => row.join('|'));
    expect(lastCells).toEqual([
      'ALARM|feature|orders_30d|all|20|30|2.551|0.043|–|–|3.2e-68|2.550 of it is tenure',
      '|feature|orders_30d|all|20|30|–|–|–|–|–|expected 0.200, observed 0.080 (0.035 to 0.152)',
      '|segment size|orders_30d|all|20|30|–|–|–|–|–|−7 people moved, +12 rule edited',
    ]);
  });
});
