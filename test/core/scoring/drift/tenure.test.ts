import { describe, expect, it } from 'vitest';
import {
  bandName,
  bandOf,
  cellOf,
  DEFAULT_TENURE_BANDS as BANDS,
  tenureCells,
  wholeDays,
} from '../../../../src/core/scoring/drift/tenure.ts';

describe('tenure bands', () => {
  it.each([
    [NaN, 'tenure unknown'],
    [-3, 'tenure unknown'],
    [0, '0-30 days'],
    [30.9, '0-30 days'],
    [31, '31-90 days'],
    [365.5, '181-365 days'],
    [366, 'over 365 days'],
  ])('put %d days into %s', (days, name) => {
    expect(bandName(BANDS, bandOf(BANDS, wholeDays(days)))).toBe(name);
  });
});

describe('tenure cells', () => {
  it('hold ten people or more and stay in their band', () => {
    const days = Float64Array.from({ length: 400 }, (_, i) => i);
    const cells = tenureCells(BANDS, days);
    expect(cells.reduce((sum, { people }) => sum + people, 0)).toBe(400);
    for (const { fromDay, toDay, people, band } of cells) {
      expect([bandOf(BANDS, fromDay), bandOf(BANDS, toDay)]).toEqual([band, band]);
      const isLast = cells.every((cell) => cell.band !== band || cell.fromDay <= fromDay);
      expect(people >= 10 || isLast || toDay - fromDay >= 7).toBe(true);
    }
  });

  it('are at most 32 a band, however many people', () => {
    const days = Float64Array.from({ length: 50_000 }, (_, i) => 181 + (i % 180));
    expect(tenureCells(BANDS, days).length).toBeLessThanOrEqual(32);
  });

  it('do not reach across a gap: those in it have nobody like them', () => {
    const days = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? 400 : 900) + (i % 5));
    const cells = tenureCells(BANDS, days);
    expect(cellOf(cells, 402)).toBeGreaterThanOrEqual(0);
    expect(cellOf(cells, 902)).toBeGreaterThanOrEqual(0);
    expect([399, 650, 905, -1].map((day) => cellOf(cells, day))).toEqual([-1, -1, -1, -1]);
  });

  it('cover every day between near neighbours', () => {
    const cells = tenureCells(
      BANDS,
      Float64Array.from({ length: 60 }, (_, i) => 200 + 2 * i),
    );
    for (let day = 200; day <= 318; day++) expect(cellOf(cells, day)).toBeGreaterThanOrEqual(0);
  });

  it('have one of their own for unknown tenure', () => {
    const cells = tenureCells(BANDS, Float64Array.of(-1, -1, 5));
    expect(cells[cellOf(cells, -1)]).toEqual({ band: 0, fromDay: -1, toDay: -1, people: 2 });
  });
});
