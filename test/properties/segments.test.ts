import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kmeansClustering } from '../../src/adapters/kmeans/kmeans-clustering.ts';
import { assignPoint } from '../../src/core/scoring/segments/assign-segment.ts';
import type { ClusterPoints } from '../../src/core/scoring/segments/clustering-steps.ts';
import { fitSegments } from '../../src/core/scoring/segments/fit-segments.ts';
import { squaredDistance, type Points } from '../../src/core/scoring/segments/nearest-centroid.ts';
import { adjustedRandIndex, bestJaccards } from '../../src/core/scoring/segments/partition-agreement.ts';
import { inPlaceOf, refitSegments } from '../../src/core/scoring/segments/refit-segments.ts';
import { STYLE_INPUTS, VALUE_INPUTS } from '../../src/core/scoring/segments/segment-inputs.ts';
import { NAMINGS, SEGMENT_NAMES, segmentNames } from '../../src/core/scoring/segments/segment-names.ts';
import { silhouette } from '../../src/core/scoring/segments/silhouette.ts';
import { PLAN, segmentModel } from '../core/scoring/segments/a-segment-model.ts';
import { RFM, shuffled, threeKinds } from '../core/scoring/segments/some-people.ts';

const { cluster, match } = kmeansClustering;
const INPUTS = { value_segment: VALUE_INPUTS, style: STYLE_INPUTS };

const scaledNumber = fc.double({ min: -4, max: 4, noNaN: true });
const pointsOf = (width: number, minLength: number, maxLength: number) =>
  fc.array(fc.array(scaledNumber, { minLength: width, maxLength: width }), { minLength, maxLength });
const naming = fc.constantFrom(...NAMINGS);
const namedCentroids = naming.chain((rule) =>
  fc.record({
    rule: fc.constant(rule),
    centroids: pointsOf(INPUTS[rule].length, 1, 8),
    seed: fc.integer(),
  }),
);

/** The order of `count` things after shuffling. */
const orderOf = (count: number, seed: number): number[] =>
  shuffled(
    Array.from({ length: count }, (_, i) => i),
    seed,
  );

describe('names of segments', () => {
  it('go with the centroids, whatever the order of these', () => {
    fc.assert(
      fc.property(namedCentroids, ({ rule, centroids, seed }) => {
        const names = segmentNames(rule, INPUTS[rule], centroids);
        const order = orderOf(centroids.length, seed);
        const turned = order.map((i) => centroids[i] ?? []);
        expect(segmentNames(rule, INPUTS[rule], turned)).toEqual(order.map((i) => names[i]));
        expect(names.length).toBe(centroids.length);
        for (const name of names) expect(SEGMENT_NAMES[rule]).toContain(name);
      }),
      { numRuns: 2_000 },
    );
  });

  it('and the whole model do not depend on the order of the people or of the clusters found', () => {
    const inputs = RFM.map((input) =>
      input.role === 'value' ? { ...input, missing: 'mean' as const } : input,
    );
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 999 }), (order, seed) => {
        const kinds = threeKinds(15, seed);
        const rows = [...kinds, [NaN, 1, 1], [3, 1, NaN], [3, 2, NaN], [8, 1, 5], [8, 1, 4], [8, 1, NaN]];
        const turning: ClusterPoints = (points, options) => shuffled(cluster(points, options), order);
        const plan = { ...PLAN, inputs, seed };
        expect(fitSegments(shuffled(rows, order), plan, turning)).toEqual(fitSegments(rows, plan, cluster));
      }),
      { numRuns: 20 },
    );
  });

  it('stay with their people when a refit finds the clusters in another order', () => {
    const model = segmentModel(threeKinds(20, 1));
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 999 }), (order, seed) => {
        const rows = threeKinds(20, seed);
        const turning: ClusterPoints = (points, options) => shuffled(cluster(points, options), order);
        const plan = { version: 'v2', seed };
        const turned = refitSegments(model, shuffled(rows, order), plan, turning, match);
        expect(turned).toEqual(refitSegments(model, rows, plan, cluster, match));
        expect(turned.ok && turned.value.candidate.names).toEqual(model.names);
      }),
      { numRuns: 20 },
    );
  });
});

describe('assignment', () => {
  const situation = fc.integer({ min: 1, max: 4 }).chain((width) =>
    fc.record({
      centroids: pointsOf(width, 1, 8),
      letters: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 8, maxLength: 8 }),
      point: fc.array(scaledNumber, { minLength: width, maxLength: width }),
      held: fc.option(fc.constantFrom('a', 'b', 'c', 'gone'), { nil: undefined }),
      switchRatio: fc.double({ min: 1, max: 3, noNaN: true }),
      seed: fc.integer(),
    }),
  );
  const modelOf = (one: { centroids: Points; letters: readonly string[]; switchRatio: number }) => ({
    centroids: one.centroids,
    names: one.letters.slice(0, one.centroids.length),
    switchRatio: one.switchRatio,
  });
  const distanceTo = (model: ReturnType<typeof modelOf>, point: readonly number[], name: string): number =>
    Math.min(
      ...model.centroids.flatMap((centroid, i) =>
        model.names[i] === name ? [Math.sqrt(squaredDistance(point, centroid))] : [],
      ),
    );

  it('goes to the nearest name, and away from the held one only if that is nearer by the ratio', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const model = modelOf(one);
        const { name, distance, nearest, nearestDistance } = assignPoint(model, one.point, one.held);
        const least = Math.min(...['a', 'b', 'c'].map((other) => distanceTo(model, one.point, other)));
        expect(nearestDistance).toBe(least);
        expect(distanceTo(model, one.point, nearest)).toBe(least);
        expect(distanceTo(model, one.point, name)).toBe(distance);
        if (one.held === undefined || !model.names.includes(one.held)) expect(name).toBe(nearest);
        else if (name === one.held) {
          const toHeld = distanceTo(model, one.point, one.held);
          expect(least).toBeGreaterThanOrEqual(toHeld / model.switchRatio);
        } else expect(distance).toBeLessThan(distanceTo(model, one.point, one.held) / model.switchRatio);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is settled: whoever was assigned stays until their numbers change', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const model = modelOf(one);
        const { name } = assignPoint(model, one.point, one.held);
        expect(assignPoint(model, one.point, name).name).toBe(name);
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not depend on the order of the centroids', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const model = modelOf(one);
        const order = orderOf(model.centroids.length, one.seed);
        const turned = {
          ...model,
          centroids: order.map((i) => model.centroids[i] ?? []),
          names: order.map((i) => model.names[i] ?? ''),
        };
        expect(assignPoint(turned, one.point, one.held)).toEqual(assignPoint(model, one.point, one.held));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('matching', () => {
  const squareOf = (cost: fc.Arbitrary<number>) =>
    fc
      .integer({ min: 1, max: 6 })
      .chain((size) =>
        fc.array(fc.array(cost, { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
      );

  it.each([
    { costs: 'few different ones', cost: fc.integer({ min: 0, max: 4 }) },
    { costs: 'any', cost: fc.double({ min: 0, max: 1e6, noNaN: true }) },
  ])('is the cheapest of all assignments, with costs that are $costs', ({ cost }) => {
    fc.assert(
      fc.property(squareOf(cost), (costs) => {
        const columns = match(costs);
        expect([...columns].sort((a, b) => a - b)).toEqual(costs.map((_, i) => i));
        const total = columns.reduce((sum, column, row) => sum + (costs[row]?.[column] ?? NaN), 0);
        expect(total).toBeCloseTo(cheapest(costs, 0, new Set()), 6);
      }),
      { numRuns: 500 },
    );
  });

  it('puts centroids back where they were', () => {
    const whole = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 3 });
    const different = fc.uniqueArray(whole, { minLength: 1, maxLength: 8, selector: String });
    fc.assert(
      fc.property(different, fc.integer(), (centroids, seed) => {
        expect(inPlaceOf(centroids, shuffled(centroids, seed), match)).toEqual(centroids);
      }),
      { numRuns: 500 },
    );
  });

  /** Tries every assignment of the rows from `row` on to the columns that are not taken. */
  function cheapest(costs: Points, row: number, taken: ReadonlySet<number>): number {
    if (row === costs.length) return 0;
    return Math.min(
      ...costs.flatMap((_, column) =>
        taken.has(column)
          ? []
          : [(costs[row]?.[column] ?? NaN) + cheapest(costs, row + 1, new Set([...taken, column]))],
      ),
    );
  }
});

describe('measures of clusters', () => {
  const twoLabellings = fc.integer({ min: 2, max: 40 }).chain((count) => {
    const labelling = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: count, maxLength: count });
    return fc.record({ a: labelling, b: labelling, seed: fc.integer() });
  });

  it('the adjusted Rand index is what counting pairs gives, both ways round, whatever the labels are called', () => {
    fc.assert(
      fc.property(twoLabellings, ({ a, b, seed }) => {
        const index = adjustedRandIndex(Int32Array.from(a), Int32Array.from(b));
        expect(index).toBeCloseTo(naiveRand(a, b), 9);
        expect(adjustedRandIndex(Int32Array.from(b), Int32Array.from(a))).toBeCloseTo(index, 12);
        const called = orderOf(6, seed);
        const renamed = Int32Array.from(a, (label) => called[label] ?? -1);
        expect(adjustedRandIndex(renamed, Int32Array.from(b))).toBeCloseTo(index, 12);
        expect(adjustedRandIndex(renamed, Int32Array.from(a))).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('the best Jaccard index is that of sets', () => {
    fc.assert(
      fc.property(twoLabellings, ({ a, b }) => {
        const people = (labels: readonly number[], label: number): Set<number> =>
          new Set(labels.flatMap((one, i) => (one === label ? [i] : [])));
        bestJaccards(Int32Array.from(a), Int32Array.from(b)).forEach((best, label) => {
          const mine = people(a, label);
          const indices = [...new Set(b)].map((other) => {
            const theirs = people(b, other);
            const common = [...mine].filter((one) => theirs.has(one)).length;
            return common / (mine.size + theirs.size - common);
          });
          expect(best).toBeCloseTo(mine.size === 0 ? 0 : Math.max(...indices), 12);
        });
      }),
    );
  });

  it('the silhouette is what its definition gives, person by person', () => {
    const labelled = pointsOf(2, 3, 25).chain((points) =>
      fc.record({
        points: fc.constant(points),
        labels: fc.array(fc.integer({ min: 0, max: 3 }), {
          minLength: points.length,
          maxLength: points.length,
        }),
      }),
    );
    fc.assert(
      fc.property(labelled, ({ points, labels }) => {
        const value = silhouette(points, Int32Array.from(labels));
        expect(value).toBeCloseTo(naiveSilhouette(points, labels), 9);
        expect(Math.abs(value)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});

/** Of all pairs: a share of agreement, less what chance gives, over the most there could be. */
function naiveRand(a: readonly number[], b: readonly number[]): number {
  let [both, inA, inB, all] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      all++;
      if (a[i] === a[j]) inA++;
      if (b[i] === b[j]) inB++;
      if (a[i] === a[j] && b[i] === b[j]) both++;
    }
  const byChance = (inA * inB) / all;
  return (inA + inB) / 2 === byChance ? 1 : (both - byChance) / ((inA + inB) / 2 - byChance);
}

function naiveSilhouette(points: Points, labels: readonly number[]): number {
  if (new Set(labels).size < 2) return 0;
  const meanTo = (i: number, label: number): number => {
    const distances = points.flatMap((point, j) =>
      j !== i && labels[j] === label ? [Math.sqrt(squaredDistance(point, points[i] ?? []))] : [],
    );
    return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  };
  const widths = points.map((_, i) => {
    const inside = meanTo(i, labels[i] ?? -1);
    const others = [...new Set(labels)].filter((label) => label !== labels[i]);
    const outside = Math.min(...others.map((label) => meanTo(i, label)));
    // NaN: alone in the cluster.
    return Number.isNaN(inside) || Math.max(inside, outside) === 0
      ? 0
      : (outside - inside) / Math.max(inside, outside);
  });
  return widths.reduce((sum, width) => sum + width, 0) / widths.length;
}
