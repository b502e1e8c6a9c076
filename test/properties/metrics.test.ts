import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decileTable, liftAt } from '../../src/core/scoring/evaluation/lift.ts';
import {
  brierScore,
  brierSkill,
  calibrationError,
  calibrationLine,
  logLoss,
} from '../../src/core/scoring/evaluation/probability-metrics.ts';
import { prAuc, rocAuc, rocPoints } from '../../src/core/scoring/evaluation/ranking-metrics.ts';
import { groupScores, type ScoreGroups } from '../../src/core/scoring/evaluation/score-groups.ts';
import { scoreHistogram } from '../../src/core/scoring/evaluation/score-histogram.ts';

interface Row {
  readonly score: number;
  readonly label: 0 | 1;
}

/** Few different scores, so that ties are common, and any. */
const score = fc.oneof(
  fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const row = fc.record({ score, label: fc.constantFrom(0 as const, 1 as const) });
const rows = fc.array(row, { minLength: 1, maxLength: 60, size: 'max' });
const mixedRows = rows.filter(
  (some) => some.some(({ label }) => label === 1) && some.some(({ label }) => label === 0),
);

function groupsOf(some: readonly Row[]): ScoreGroups {
  return groupScores(
    Float64Array.from(some, (one) => one.score),
    Uint8Array.from(some, (one) => one.label),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** Over all pairs of a positive and a negative row. */
function naiveAuc(some: readonly Row[]): number {
  const pairs = some
    .filter(({ label }) => label === 1)
    .flatMap((positive) =>
      some
        .filter(({ label }) => label === 0)
        .map((negative) => (Math.sign(positive.score - negative.score) + 1) / 2),
    );
  return mean(pairs);
}

/** Over all thresholds, counting the rows at or above each anew. */
function naivePrAuc(some: readonly Row[]): number {
  const thresholds = [...new Set(some.map((one) => one.score))].sort((a, b) => b - a);
  const all = some.filter(({ label }) => label === 1).length;
  let sum = 0;
  let recallBefore = 0;
  for (const threshold of thresholds) {
    const above = some.filter((one) => one.score >= threshold);
    const found = above.filter(({ label }) => label === 1).length;
    sum += (found / all - recallBefore) * (found / above.length);
    recallBefore = found / all;
  }
  return sum;
}

/**
 * Every row in `copies` parts, which all have the share of positives of the rows of their score: cut anywhere between
 * parts, ties are shared fairly. Highest score first.
 */
function parts(some: readonly Row[], copies: number): { score: number; share: number }[] {
  return some
    .toSorted((p, q) => q.score - p.score)
    .flatMap((one) => {
      const alike = some.filter((other) => other.score === one.score);
      const share = mean(alike.map(({ label }) => label));
      return Array.from({ length: copies }, () => ({ score: one.score, share }));
    });
}

describe('ROC-AUC', () => {
  it('is the share of pairs in the right order, ties half', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        expect(rocAuc(groupsOf(some))).toBeCloseTo(naiveAuc(some), 12);
      }),
      { numRuns: 500 },
    );
  });

  it('sees the order of scores and nothing else', () => {
    const stretches = fc.constantFrom(Math.exp, Math.cbrt, (x: number) => 1e6 * x - 7);
    fc.assert(
      fc.property(mixedRows, stretches, (some, stretch) => {
        const distinct = new Set(some.map((one) => one.score)).size;
        const stretched = some.map((one) => ({ ...one, score: stretch(one.score) }));
        fc.pre(new Set(stretched.map((one) => one.score)).size === distinct);
        expect(rocAuc(groupsOf(stretched))).toBe(rocAuc(groupsOf(some)));
      }),
    );
  });

  it('is mirrored by mirrored scores, and by exchanged labels', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        const mirrored = some.map((one) => ({ ...one, score: -one.score }));
        const exchanged = some.map((one): Row => ({ ...one, label: one.label === 1 ? 0 : 1 }));
        const rest = 1 - (rocAuc(groupsOf(some)) ?? NaN);
        expect(rocAuc(groupsOf(mirrored))).toBeCloseTo(rest, 12);
        expect(rocAuc(groupsOf(exchanged))).toBeCloseTo(rest, 12);
      }),
    );
  });

  it('is the area under the points for drawing', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        const points = rocPoints(groupsOf(some));
        let area = 0;
        for (const [i, point] of points.entries()) {
          const before = points[i - 1] ?? point;
          const width = point.falsePositiveRate - before.falsePositiveRate;
          area += (width * (point.truePositiveRate + before.truePositiveRate)) / 2;
        }
        expect(area).toBeCloseTo(naiveAuc(some), 12);
      }),
    );
  });

  it('is drawn with few points, rising from corner to corner', () => {
    fc.assert(
      fc.property(mixedRows, fc.integer({ min: 2, max: 20 }), (some, most) => {
        const points = rocPoints(groupsOf(some), most);
        expect(points.length).toBeLessThanOrEqual(most);
        expect(points[0]).toEqual({ falsePositiveRate: 0, truePositiveRate: 0 });
        expect(points.at(-1)).toEqual({ falsePositiveRate: 1, truePositiveRate: 1 });
        for (const [i, point] of points.entries()) {
          const before = points[i - 1] ?? point;
          expect(point.falsePositiveRate).toBeGreaterThanOrEqual(before.falsePositiveRate);
          expect(point.truePositiveRate).toBeGreaterThanOrEqual(before.truePositiveRate);
        }
      }),
    );
  });
});

describe('PR-AUC', () => {
  it('is the precision at every threshold, weighed by the recall it gains', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        expect(prAuc(groupsOf(some))).toBeCloseTo(naivePrAuc(some), 12);
      }),
      { numRuns: 500 },
    );
  });

  it('is the base rate for who says the same of everybody', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        const blind = some.map((one) => ({ ...one, score: 3 }));
        expect(prAuc(groupsOf(blind))).toBeCloseTo(mean(some.map(({ label }) => label)), 12);
      }),
    );
  });
});

describe('probabilities', () => {
  it('have the Brier score and the log loss of their rows', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const groups = groupsOf(some);
        expect(brierScore(groups)).toBeCloseTo(mean(some.map((one) => (one.score - one.label) ** 2)), 12);
        const losses = some.map((one) => {
          const given = one.label === 1 ? one.score : 1 - one.score;
          return -Math.log(Math.max(1e-15, given));
        });
        expect(logLoss(groups)).toBeCloseTo(mean(losses), 10);
      }),
    );
  });

  it('gain nothing over the base rate by saying it, and everything by being right', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        const base = mean(some.map(({ label }) => label));
        const modest = groupsOf(some.map((one) => ({ ...one, score: base })));
        expect(brierSkill(modest)).toBeCloseTo(0, 10);
        const right = groupsOf(some.map((one) => ({ ...one, score: one.label })));
        expect(brierSkill(right)).toBe(1);
      }),
    );
  });

  it('are judged for calibration in ten bins of equal mass, ties shared fairly', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const all = parts(some, 10);
        let distance = 0;
        for (let bin = 0; bin < 10; bin++) {
          const inside = all.slice(bin * some.length, (bin + 1) * some.length);
          distance += Math.abs(
            mean(inside.map((part) => part.score)) - mean(inside.map((part) => part.share)),
          );
        }
        expect(calibrationError(groupsOf(some))).toBeCloseTo(distance / 10, 10);
      }),
      { numRuns: 500 },
    );
  });

  it('that are the shares of their group are calibrated: no error, slope 1, intercept 0', () => {
    fc.assert(
      fc.property(mixedRows, (some) => {
        const told = some.map((one) => {
          const alike = some.filter((other) => other.score === one.score);
          return { ...one, score: mean(alike.map(({ label }) => label)) };
        });
        const groups = groupsOf(told);
        expect(calibrationError(groups)).toBeCloseTo(0, 12);
        const uncertain = groups.scores.filter((p) => p > 0 && p < 1);
        fc.pre(uncertain.length >= 2);
        const inside = groupsOf(told.filter((one) => one.score > 0 && one.score < 1));
        expect(calibrationLine(inside)?.slope).toBeCloseTo(1, 6);
        expect(calibrationLine(inside)?.intercept).toBeCloseTo(0, 6);
      }),
    );
  });

  it('moved along the log odds are moved along the calibration line', () => {
    fc.assert(
      fc.property(
        // Moving rounds: scores that are far apart stay apart.
        mixedRows.map((some) => some.map((one) => ({ ...one, score: Math.round(one.score * 8) / 8 }))),
        fc.double({ min: 0.2, max: 3, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (some, stretch, shift) => {
          const inside = some.map((one) => ({ ...one, score: 0.1 + 0.8 * one.score }));
          const straight = calibrationLine(groupsOf(inside));
          fc.pre(straight !== null && Math.abs(straight.slope) < 50);
          const moved = inside.map((one) => {
            const logOdds = (Math.log(one.score / (1 - one.score)) - shift) / stretch;
            return { ...one, score: 1 / (1 + Math.exp(-logOdds)) };
          });
          const bent = calibrationLine(groupsOf(moved));
          const { slope, intercept } = straight ?? { slope: NaN, intercept: NaN };
          expect(bent?.slope).toBeCloseTo(slope * stretch, 3);
          expect(bent?.intercept).toBeCloseTo(intercept + slope * shift, 3);
        },
      ),
    );
  });
});

describe('lift', () => {
  it('is that of the top, ties on the cut shared fairly', () => {
    fc.assert(
      fc.property(mixedRows, fc.constantFrom(0.05, 0.1, 0.2, 1), (some, share) => {
        const top = parts(some, 20).slice(0, Math.round(some.length * 20 * share));
        const rate = mean(top.map((part) => part.share));
        const baseRate = mean(some.map(({ label }) => label));
        const lift = liftAt(groupsOf(some), share);
        expect(lift?.rate).toBeCloseTo(rate, 10);
        expect(lift?.baseRate).toBeCloseTo(baseRate, 12);
        expect(lift?.lift).toBeCloseTo(rate / baseRate, 10);
        expect(lift?.captured).toBeCloseTo((rate * share) / baseRate, 10);
      }),
      { numRuns: 500 },
    );
  });

  it('by deciles tells everybody once, and finds everybody in the end', () => {
    fc.assert(
      fc.property(rows, (some) => {
        const all = parts(some, 10);
        const positives = some.filter(({ label }) => label === 1).length;
        const deciles = decileTable(groupsOf(some));
        expect(deciles.map(({ decile }) => decile)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let found = 0;
        for (const [i, { rows: size, meanScore, rate, lift, captured }] of deciles.entries()) {
          const inside = all.slice(i * some.length, (i + 1) * some.length);
          const share = mean(inside.map((part) => part.share));
          found += (share * some.length) / 10;
          expect(size).toBeCloseTo(some.length / 10, 10);
          expect(meanScore).toBeCloseTo(mean(inside.map((part) => part.score)), 10);
          expect(rate).toBeCloseTo(share, 10);
          if (positives === 0) expect([lift, captured]).toEqual([null, null]);
          else {
            expect(lift).toBeCloseTo((share * some.length) / positives, 8);
            expect(captured).toBeCloseTo(found / positives, 8);
          }
        }
      }),
    );
  });
});

describe('the histogram', () => {
  it('has every row once, in the bin that it lies in', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (some, count) => {
        const bins = scoreHistogram(groupsOf(some), count);
        for (const [i, bin] of bins.entries()) {
          const isLast = i === bins.length - 1;
          const inside = some.filter(
            (one) => one.score >= bin.from && (one.score < bin.to || (isLast && one.score === bin.to)),
          );
          expect(bin.rows).toBe(inside.length);
          expect(bin.positives).toBe(inside.filter(({ label }) => label === 1).length);
          if (i > 0) expect(bin.from).toBe(bins[i - 1]?.to);
        }
        expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(some.length);
      }),
      {
        numRuns: 500,
        examples: [
          [
            [
              { score: 0, label: 0 },
              { score: 5e-324, label: 0 },
            ],
            4,
          ],
        ],
      },
    );
  });
});

describe('groups', () => {
  it('do not depend on the order of rows', () => {
    const shuffled = rows.chain((some) =>
      fc.record({
        some: fc.constant(some),
        other: fc.shuffledSubarray(some, { minLength: some.length, maxLength: some.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ some, other }) => {
        expect(groupsOf(other)).toEqual(groupsOf(some));
      }),
    );
  });

  it('refuse a score that is not a number', () => {
    for (const bad of [NaN, Infinity, -Infinity])
      expect(() => groupsOf([{ score: bad, label: 1 }])).toThrow(RangeError);
  });
});
