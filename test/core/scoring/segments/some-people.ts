import { seededDraws } from '../../../../src/core/scoring/segments/seeded-draws.ts';
import type { SegmentInput } from '../../../../src/core/scoring/segments/segment-inputs.ts';

/** Recency, frequency and value: what every order history has. */
export const RFM: readonly SegmentInput[] = [
  { feature: 'days_since_order', role: 'recency', missing: 'no_segment' },
  { feature: 'orders_total', role: 'frequency', missing: 'no_segment' },
  { feature: 'average_order_365d', role: 'value', missing: 'no_segment' },
];

/** Rows around a centre: each number between 1 − `spread` and 1 + `spread` times it. */
export function peopleAround(
  centre: readonly number[],
  count: number,
  seed: number,
  spread = 0.3,
): number[][] {
  const draw = seededDraws(seed);
  return Array.from({ length: count }, () => centre.map((value) => value * (1 + spread * (2 * draw() - 1))));
}

/** A marketplace of three kinds of buyers, in RFM: lapsed ones, good ones, and recent ones with one small order. */
export function threeKinds(count: number, seed: number): number[][] {
  return [
    ...peopleAround([300, 1.2, 30], count, seed),
    ...peopleAround([8, 20, 90], count, seed + 1),
    ...peopleAround([12, 1.2, 28], count, seed + 2),
  ];
}

/** Evenly over a disc: no number of clusters has borders there that another draw would draw again. */
export function disc(count: number, seed: number): number[][] {
  const draw = seededDraws(seed);
  const points: number[][] = [];
  while (points.length < count) {
    const [x, y] = [2 * draw() - 1, 2 * draw() - 1];
    if (x * x + y * y <= 1) points.push([x, y]);
  }
  return points;
}

/** The same rows in another order. */
export function shuffled<T>(rows: readonly T[], seed: number): T[] {
  const draw = seededDraws(seed);
  return rows
    .map((row) => ({ row, key: draw() }))
    .sort((a, b) => a.key - b.key)
    .map(({ row }) => row);
}
