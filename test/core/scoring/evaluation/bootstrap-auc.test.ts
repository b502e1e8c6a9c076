import { describe, expect, it } from 'vitest';
import {
  bootstrapAuc,
  bootstrapAucDifference,
} from '../../../../src/core/scoring/evaluation/bootstrap-auc.ts';
import { rocAuc } from '../../../../src/core/scoring/evaluation/ranking-metrics.ts';
import { groupScores } from '../../../../src/core/scoring/evaluation/score-groups.ts';
import { seededRandom } from '../../../../src/core/seeded-random.ts';

const OPTIONS = { seed: 1, replicates: 200 };

interface Drawn {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
  readonly customers: number[];
}

/**
 * Customers with `each` equal rows. A positive scores the higher of two uniform numbers, a negative one of them: the
 * AUC is the chance that the highest of three is among the first two, 2/3. With `coarse`, scores
 * are whole numbers below it.
 */
function draw(seed: number, people: number, each: number, coarse = 0): Drawn {
  const random = seededRandom(seed, 'people');
  const rows = Array.from({ length: people }, (_, customer) => {
    const label = random.below(2);
    const [first, second] = [random.uniform(), random.uniform()];
    const exact = label === 1 ? Math.max(first, second) : first;
    const score = coarse > 0 ? Math.floor(exact * coarse) : exact;
    return Array.from({ length: each }, () => ({ score, label, customer }));
  }).flat();
  return {
    scores: Float64Array.from(rows, ({ score }) => score),
    labels: Uint8Array.from(rows, ({ label }) => label),
    customers: rows.map(({ customer }) => customer),
  };
}

function intervalOf({ scores, labels, customers }: Drawn, options = OPTIONS) {
  return bootstrapAuc(scores, labels, customers, options);
}

describe('bootstrapAuc', () => {
  it('is what resampling row by row and sorting anew gives', () => {
    const people = 30;
    const { scores, labels, customers } = draw(3, people, 3, 5);
    // Rows of one customer that differ, in an order that mixes customers.
    const order = [...scores.keys()].sort((p, q) => ((p * 37) % 90) - ((q * 37) % 90));
    const mixed = {
      scores: Float64Array.from(order, (row) => (scores[row] ?? NaN) + (row % 3)),
      labels: Uint8Array.from(order, (row) => labels[row] ?? 0),
      customers: order.map((row) => customers[row] ?? NaN),
    };
    const names = [...new Set(mixed.customers)];
    const random = seededRandom(9, 'bootstrap');
    const aucs = Array.from({ length: 41 }, () => {
      const drawn = Array.from({ length: people }, () => names[random.below(people)]);
      const rows = drawn.flatMap((name) => order.map((_, i) => i).filter((i) => mixed.customers[i] === name));
      const groups = groupScores(
        Float64Array.from(rows, (i) => mixed.scores[i] ?? NaN),
        Uint8Array.from(rows, (i) => mixed.labels[i] ?? 0),
      );
      return rocAuc(groups) ?? NaN;
    }).sort((a, b) => a - b);
    const interval = intervalOf(mixed, { seed: 9, replicates: 41 });
    // Of 41 values the 2.5 % quantile is the second lowest, and the 97.5 % quantile the second highest.
    expect(interval?.low).toBeCloseTo(aucs[1] ?? NaN, 12);
    expect(interval?.high).toBeCloseTo(aucs[39] ?? NaN, 12);
  });

  it('repeats itself for a seed, and names of customers do not matter', () => {
    const drawn = draw(5, 200, 2);
    const named = drawn.customers.map((customer) => `person ${customer}`);
    expect(bootstrapAuc(drawn.scores, drawn.labels, named, OPTIONS)).toEqual(intervalOf(drawn));
    expect(intervalOf(drawn, { ...OPTIONS, seed: 2 })).not.toEqual(intervalOf(drawn));
  });

  it('sees the order of scores only, and is mirrored with them', () => {
    const drawn = draw(6, 300, 1, 10);
    const interval = intervalOf(drawn);
    expect(intervalOf({ ...drawn, scores: drawn.scores.map(Math.exp) })).toEqual(interval);
    const mirrored = intervalOf({ ...drawn, scores: drawn.scores.map((score) => -score) });
    expect(mirrored?.low).toBeCloseTo(1 - (interval?.high ?? NaN), 12);
    expect(mirrored?.high).toBeCloseTo(1 - (interval?.low ?? NaN), 12);
  });

  it('holds the truth about as often as it says', () => {
    const studies = 300;
    const holds = (each: number, byRow: boolean): number => {
      let held = 0;
      for (let seed = 0; seed < studies; seed++) {
        const drawn = draw(seed, 150, each);
        const customers = byRow ? drawn.customers.map((_, row) => row) : drawn.customers;
        const interval = intervalOf({ ...drawn, customers }, { seed, replicates: 200 });
        if ((interval?.low ?? NaN) <= 2 / 3 && (interval?.high ?? NaN) >= 2 / 3) held++;
      }
      return held / studies;
    };
    for (const share of [holds(1, false), holds(4, false)]) {
      expect(share).toBeGreaterThan(0.91);
      expect(share).toBeLessThan(0.98);
    }
    expect(holds(4, true)).toBeLessThan(0.75);
  });

  it('is nothing for one class or nobody, and a point for who makes no mistake', () => {
    const empty = { scores: new Float64Array(0), labels: new Uint8Array(0), customers: [] };
    expect(intervalOf(empty)).toBeNull();
    expect(
      intervalOf({ scores: Float64Array.of(1, 2), labels: Uint8Array.of(1, 1), customers: [1, 2] }),
    ).toBeNull();
    const { labels, customers } = draw(7, 100, 1);
    expect(intervalOf({ scores: Float64Array.from(labels), labels, customers })).toEqual({ low: 1, high: 1 });
  });

  it('passes over resamples of one class', () => {
    const rare = {
      scores: Float64Array.of(1, 2, 3, 4),
      labels: Uint8Array.of(0, 0, 1, 0),
      customers: [1, 2, 3, 4],
    };
    const interval = intervalOf(rare);
    expect(interval?.low).toBeGreaterThanOrEqual(0);
    expect(interval?.high).toBeLessThanOrEqual(1);
  });
});

describe('bootstrapAucDifference', () => {
  it('of a scorer to itself is nothing', () => {
    const { scores, labels, customers } = draw(8, 100, 1);
    expect(bootstrapAucDifference(scores, scores, labels, customers, OPTIONS)).toEqual({ low: 0, high: 0 });
  });

  it('sees a small gain that two intervals do not', () => {
    const { scores, labels, customers } = draw(9, 2000, 1);
    const random = seededRandom(10, 'noise');
    const worse = scores.map((score) => score + 0.6 * random.uniform());
    const [here, there] = [scores, worse].map((some) => bootstrapAuc(some, labels, customers, OPTIONS));
    expect(there?.high).toBeGreaterThan(here?.low ?? NaN);
    const difference = bootstrapAucDifference(scores, worse, labels, customers, OPTIONS);
    expect(difference?.low).toBeGreaterThan(0);
  });
});
