import { describe, expect, it } from 'vitest';
import { compareWithReference } from '../../../../src/core/scoring/drift/compare-with-reference.ts';
import {
  freezeReference,
  type Column,
  type DriftReference,
  type Snapshot,
} from '../../../../src/core/scoring/drift/drift-reference.ts';
import { seededRandom } from '../../../../src/core/seeded-random.ts';
import { instant } from '../../../../src/core/time.ts';
import { normal } from '../../../support/ageing-people.ts';
import { alarmsOf, comparedRows, rowOf } from '../../../support/compared-rows.ts';

const PEOPLE = 1000;

/** A thousand people of one tenure and one column. */
function snapshot(column: Column): Snapshot {
  return { at: instant(0), tenureDays: new Array<number>(PEOPLE).fill(100), columns: [column] };
}

function feature(valueOf: (person: number) => number): Snapshot {
  const values = Float64Array.from({ length: PEOPLE }, (_, person) => valueOf(person));
  return snapshot({ kind: 'feature', name: 'orders_30d', values });
}

function tags(tagOf: (person: number) => string): Snapshot {
  const names = Array.from({ length: PEOPLE }, (_, person) => tagOf(person));
  return snapshot({ kind: 'segment', name: 'buyer_class', tags: names });
}

function draws(seed: number, shift = 0): Snapshot {
  const random = seededRandom(seed, 'draws');
  return feature(() => normal(random) + shift);
}

describe('a feature', () => {
  const sees = (before: Snapshot, now: Snapshot): boolean =>
    rowOf(comparedRows(before, now), before.columns[0]?.name ?? '', 'like tenure').alarm;

  it('that is the same shows nothing at all', () => {
    const [before, now] = [draws(1), draws(1)];
    for (const row of comparedRows(before, now))
      expect([row.psi, row.js, row.ks, row.p_value, row.alarm]).toEqual([0, 0, 0, 1, false]);
  });

  it('that moved is seen, and the row says by how much', () => {
    const row = rowOf(comparedRows(draws(1), draws(2, 0.5)), 'orders_30d', 'like tenure');
    expect(row.alarm).toBe(true);
    // A normal value that moves by half a standard deviation: d² = .25, and Φ(.25) − Φ(−.25) = .1974.
    expect(row.psi).toBeGreaterThan(0.17);
    expect(row.psi).toBeLessThan(0.35);
    expect(row.ks).toBeGreaterThan(0.14);
    expect(row.ks).toBeLessThan(0.26);
    expect(row.psi).toBeGreaterThan(row.limit ?? NaN);
    expect(row.p_value).toBeLessThan(1e-6);
  });

  it.each([
    ['a constant that becomes another', () => 5, () => 5.000001],
    ['a constant of which a tenth changes', () => 5, (i: number) => (i % 10 === 0 ? 6 : 5)],
    ['a floor that is broken', (i: number) => i % 3, (i: number) => (i % 10 === 0 ? -1 : i % 3)],
    ['a ceiling that is broken', (i: number) => i % 3, (i: number) => (i % 10 === 0 ? 3 : i % 3)],
    ['numbers that go missing', (i: number) => i % 7, (i: number) => (i % 10 === 0 ? NaN : i % 7)],
    ['missing numbers that come', () => NaN, (i: number) => (i % 10 === 0 ? i : NaN)],
    [
      'two values that change places',
      (i: number) => (i % 4 === 0 ? 1 : 0),
      (i: number) => (i % 4 === 0 ? 0 : 1),
    ],
    ['finite numbers that become infinite', (i: number) => i, (i: number) => (i % 5 === 0 ? Infinity : i)],
  ])('is seen to be %s', (_what, before, now) => {
    expect(sees(feature(before), feature(now))).toBe(true);
    expect(sees(feature(before), feature(before))).toBe(false);
  });

  it('without any number has no distance', () => {
    const row = rowOf(
      comparedRows(
        feature(() => NaN),
        feature(() => NaN),
      ),
      'orders_30d',
      'like tenure',
    );
    expect([row.psi, row.ks, row.p_value, row.alarm]).toEqual([0, null, null, false]);
  });
});

describe('tags', () => {
  const before = tags((i) => (i % 2 === 0 ? 'active' : 'dormant'));

  it('of changed shares are seen, as is one that never was', () => {
    for (const now of [
      tags((i) => (i % 3 === 0 ? 'active' : 'dormant')),
      tags((i) => (i % 50 === 0 ? 'vip' : i % 2 === 0 ? 'active' : 'dormant')),
    ])
      expect(alarmsOf(comparedRows(before, now))).toContain('buyer_class, like tenure');
    expect(alarmsOf(comparedRows(before, before))).toEqual([]);
  });

  it('have no distance', () => {
    expect(rowOf(comparedRows(before, before), 'buyer_class', 'all')).toMatchObject({
      ks: null,
      p_value: null,
    });
  });
});

describe('a reference', () => {
  const before = draws(1);
  const reference = freezeReference(before);

  it('survives JSON', () => {
    const copy = JSON.parse(JSON.stringify(reference)) as DriftReference;
    expect(copy).toEqual(reference);
    expect(rowsOf(copy, draws(2, 1))).toEqual(rowsOf(reference, draws(2, 1)));
  });

  it('refuses what it was not made for', () => {
    const [column] = before.columns;
    const other: Column = { kind: 'score', name: 'orders_30d', values: [] };
    const refusal = (snapshot: Snapshot, by: DriftReference = reference): unknown => {
      const result = compareWithReference(by, snapshot);
      return result.ok ? undefined : result.error;
    };
    expect(refusal({ ...before, columns: [] })).toEqual({ reason: 'missing', what: 'orders_30d' });
    expect(refusal({ ...before, columns: [other] })).toEqual({ reason: 'missing', what: 'orders_30d' });
    expect(refusal({ ...before, columns: [other, ...(column === undefined ? [] : [column])] })).toEqual({
      reason: 'unknown',
      what: 'orders_30d',
    });
    const old = { ...reference, format: 0 } as unknown as DriftReference;
    expect(refusal(before, old)).toEqual({ reason: 'format', what: '0' });
  });

  it('takes a column of another length for the bug it is', () => {
    expect(() => compareWithReference(reference, { ...before, tenureDays: [1, 2] })).toThrow(
      'column orders_30d has 1000 people, the snapshot 2',
    );
  });

  it('says nothing of too few people', () => {
    const few: Snapshot = {
      at: instant(0),
      tenureDays: new Array<number>(19).fill(100),
      columns: [{ kind: 'feature', name: 'orders_30d', values: new Array<number>(19).fill(99) }],
    };
    const rows = rowsOf(reference, few);
    expect(rows.find(({ stratum }) => stratum === 'like tenure')).toMatchObject({
      n_reference: 0,
      n_current: 0,
      psi: null,
    });
    expect(rows.find(({ stratum }) => stratum === '91-180 days')).toMatchObject({
      n_reference: 1000,
      n_current: 19,
      psi: null,
    });
    expect(
      rowsOf(reference, {
        ...few,
        tenureDays: [],
        columns: [{ ...few.columns[0], values: [] } as Column],
      })[0],
    ).toMatchObject({ stratum: 'all', n_current: 0, psi: null });
  });

  it('compares people of unknown tenure with their like', () => {
    const unknown = { ...before, tenureDays: new Array<number>(PEOPLE).fill(NaN) };
    const rows = rowsOf(freezeReference(unknown), { ...draws(2, 1), tenureDays: unknown.tenureDays });
    expect(rows.map(({ stratum }) => stratum)).toEqual(['all', 'like tenure', 'tenure unknown']);
    expect(rows[2]?.psi).toBeGreaterThan(0.5);
  });
});

function rowsOf(reference: DriftReference, now: Snapshot) {
  const result = compareWithReference(reference, now);
  return result.ok ? result.value.map(({ row }) => row) : [];
}
