import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithReference } from '../../src/core/scoring/drift/compare-with-reference.ts';
import {
  jensenShannonDivergence,
  populationStabilityIndex,
  smoothShares,
  stabilityPart,
} from '../../src/core/scoring/drift/divergence.ts';
import { freezeReference, type Snapshot } from '../../src/core/scoring/drift/drift-reference.ts';
import { splitSizeChanges, type TagMove, type TagSizes } from '../../src/core/scoring/drift/size-changes.ts';
import { instant } from '../../src/core/time.ts';

const counts = fc.array(fc.nat({ max: 50 }), { minLength: 2, maxLength: 12 });
const twoCounts = counts.chain((one) =>
  fc.tuple(fc.constant(one), fc.array(fc.nat({ max: 50 }), { minLength: one.length, maxLength: one.length })),
);

function sharesOf(people: readonly number[]): number[] {
  const total = people.reduce((sum, count) => sum + count, 0);
  return people.map((count) => (total === 0 ? 1 / people.length : count / total));
}

describe('divergences', () => {
  it('are 0 between equals, symmetric, and never negative; that of Jensen and Shannon is at most 1', () => {
    fc.assert(
      fc.property(twoCounts, ([one, other]) => {
        const [p, q] = [smoothShares(sharesOf(one), 100), smoothShares(sharesOf(other), 100)];
        expect(populationStabilityIndex(p, p)).toBe(0);
        expect(populationStabilityIndex(p, q)).toBeGreaterThanOrEqual(0);
        expect(populationStabilityIndex(p, q)).toBeCloseTo(populationStabilityIndex(q, p), 12);
        const [raw, otherRaw] = [sharesOf(one), sharesOf(other)];
        const js = jensenShannonDivergence(raw, otherRaw);
        expect(jensenShannonDivergence(raw, raw)).toBe(0);
        expect(js).toBeCloseTo(jensenShannonDivergence(otherRaw, raw), 12);
        expect(js).toBeGreaterThanOrEqual(-1e-15);
        expect(js).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it('add up along any way', () => {
    fc.assert(
      fc.property(twoCounts, ([one, other]) => {
        const [p, q] = [smoothShares(sharesOf(one), 100), smoothShares(sharesOf(other), 100)];
        const between = p.map((_, i) => q[(i + 1) % q.length] ?? 0);
        const parts = stabilityPart(p, q, p, between) + stabilityPart(p, q, between, q);
        expect(parts).toBeCloseTo(populationStabilityIndex(p, q), 12);
      }),
    );
  });
});

interface Person {
  readonly value: number;
  readonly tenure: number;
  readonly tag: string;
}

const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e6, max: 1e6 }), fc.constant(NaN));
const person: fc.Arbitrary<Person> = fc.record({
  value,
  tenure: fc.oneof(fc.integer({ min: -1, max: 50 }), fc.integer({ min: 0, max: 900 })),
  tag: fc.constantFrom('a', 'b', 'c', 'd'),
});
const crowd = fc.array(person, { minLength: 1, maxLength: 300, size: 'max' });

function snapshotOf(people: readonly Person[], map = (value: number): number => value): Snapshot {
  return {
    at: instant(0),
    tenureDays: people.map(({ tenure }) => tenure),
    columns: [
      { kind: 'feature', name: 'value', values: people.map((one) => map(one.value)) },
      { kind: 'segment', name: 'tag', tags: people.map(({ tag }) => tag) },
    ],
  };
}

function rowsOf(before: Snapshot, now: Snapshot) {
  const result = compareWithReference(freezeReference(before), now);
  return result.ok ? result.value.map(({ row }) => row) : [];
}

/** The largest difference of the two distribution functions, at every value of either. */
function naiveDistance(before: readonly Person[], now: readonly Person[]): number {
  const [a, b] = [before, now].map((people) =>
    people.flatMap(({ value }) => (Number.isNaN(value) ? [] : [value])),
  );
  const shareUpTo = (values: readonly number[] = [], limit: number): number =>
    values.filter((one) => one <= limit).length / values.length;
  return Math.max(...[...(a ?? []), ...(b ?? [])].map((at) => Math.abs(shareUpTo(a, at) - shareUpTo(b, at))));
}

describe('rows of drift', () => {
  it('do not depend on the order of people', () => {
    fc.assert(
      fc.property(crowd, crowd, (before, now) => {
        const turned = rowsOf(snapshotOf([...before].reverse()), snapshotOf([...now].reverse()));
        expect(turned).toEqual(rowsOf(snapshotOf(before), snapshotOf(now)));
      }),
      { numRuns: 50 },
    );
  });

  it('do not depend on the unit of a number', () => {
    fc.assert(
      fc.property(crowd, crowd, (before, now) => {
        // Powers of two keep every double apart from its neighbours.
        const scaled = (people: readonly Person[]): Snapshot => snapshotOf(people, (one) => 8 * one);
        expect(rowsOf(scaled(before), scaled(now))).toEqual(rowsOf(snapshotOf(before), snapshotOf(now)));
      }),
      { numRuns: 50 },
    );
  });

  it('show nothing between a crowd and itself', () => {
    fc.assert(
      fc.property(crowd, (people) => {
        for (const { psi, js, ks } of rowsOf(snapshotOf(people), snapshotOf(people)))
          for (const number of [psi, js, ks]) expect(number ?? 0).toBeCloseTo(0, 12);
      }),
      { numRuns: 50 },
    );
  });

  it('have all numbers that can be had, and count everybody once', () => {
    fc.assert(
      fc.property(crowd, crowd, (before, now) => {
        const rows = rowsOf(snapshotOf(before), snapshotOf(now)).filter(({ name }) => name === 'value');
        const [all, alike, ...bands] = rows;
        expect([all?.n_reference, all?.n_current]).toEqual([before.length, now.length]);
        const compared = bands.filter(({ psi }) => psi !== null);
        expect(alike?.n_current).toBe(compared.reduce((sum, { n_current }) => sum + n_current, 0));
        expect(alike?.n_reference).toBe(compared.reduce((sum, { n_reference }) => sum + n_reference, 0));
        for (const { psi, js, ks, p_value, drift_p_value, tenure_part } of rows)
          for (const number of [psi, js, ks, p_value, drift_p_value, tenure_part])
            expect(number === null || Number.isFinite(number)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('read the distance at cuts: never above the true one, and below by less than a cut holds', () => {
    fc.assert(
      fc.property(crowd, crowd, (before, now) => {
        const ks = rowsOf(snapshotOf(before), snapshotOf(now))[0]?.ks;
        fc.pre(ks !== null && ks !== undefined);
        const distance = naiveDistance(before, now);
        expect(ks).toBeLessThanOrEqual(distance + 1e-12);
        // A bin ends with the value that makes it a twenty-fifth of the reference's numbers; none is heavier itself.
        const numbers = before.filter(({ value }) => !Number.isNaN(value)).length;
        expect(ks).toBeGreaterThanOrEqual(distance - 2 * Math.max(1 / 25, 1 / numbers) - 1e-12);
      }),
      { numRuns: 100 },
    );
  });
});

describe('size changes', () => {
  const tag = fc.constantFrom('none', 'a', 'b', 'c', '__proto__', 'constructor');
  const dimension = fc.constantFrom('x', 'y', 'toString');
  const causes = [
    'event',
    'time',
    'refund',
    'merge',
    'late_event',
    'policy',
    'model',
    'refit',
    'population',
    '?',
  ];
  const move: fc.Arbitrary<TagMove> = fc.record({
    dimension,
    from: tag,
    to: tag,
    cause: fc.constantFrom(...causes),
  });
  const sizes: fc.Arbitrary<TagSizes> = fc.dictionary(dimension, fc.dictionary(tag, fc.nat({ max: 1000 })));

  it('are split so that the parts add up exactly', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.array(move, { maxLength: 60 }), (before, after, moves) => {
        for (const { before: was, after: is, causes } of splitSizeChanges(before, after, moves))
          expect(Object.values(causes).reduce((sum, people) => sum + people, 0)).toBe(is - was);
      }),
    );
  });

  it('leave nothing untold when the sizes are those the moves lead to', () => {
    fc.assert(
      fc.property(sizes, fc.array(move, { maxLength: 60 }), (before, moves) => {
        const after = new Map(
          Object.entries(before).flatMap(([name, tags]) =>
            Object.entries(tags).map(([tag, people]) => [`${name} ${tag}`, people] as const),
          ),
        );
        for (const { dimension, from, to } of moves) {
          after.set(`${dimension} ${from}`, (after.get(`${dimension} ${from}`) ?? 0) - 1);
          after.set(`${dimension} ${to}`, (after.get(`${dimension} ${to}`) ?? 0) + 1);
        }
        const reached: Record<string, Record<string, number>> = {};
        for (const [key, people] of after) {
          const [name = '', tag = ''] = key.split(' ');
          const tags = (Object.hasOwn(reached, name) ? reached[name] : undefined) ?? {};
          Object.defineProperty(tags, tag, { value: people, enumerable: true, writable: true });
          reached[name] = tags;
        }
        for (const { causes, tag } of splitSizeChanges(before, reached, moves)) {
          expect(tag).not.toBe('none');
          expect(causes).not.toHaveProperty('not_told');
        }
      }),
    );
  });
});
