import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nelderMead } from '../../../../src/core/scoring/churn/nelder-mead.ts';

const OPTIONS = { step: 0.5, pointTolerance: 1e-8, valueTolerance: 1e-14, mostEvaluations: 5000 };

function rosenbrock([x = NaN, y = NaN]: readonly number[]): number {
  return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
}

describe('nelderMead', () => {
  it('follows the bent valley of Rosenbrock', () => {
    const { point, value, converged } = nelderMead(rosenbrock, [-1.2, 1], OPTIONS);
    expect(converged).toBe(true);
    expect(value).toBeLessThan(1e-12);
    expect(point[0]).toBeCloseTo(1, 6);
    expect(point[1]).toBeCloseTo(1, 6);
  });

  it('finds the bottom of any stretched bowl in four dimensions', () => {
    const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
    const stretch = fc.double({ min: 0.2, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(coordinate, { minLength: 4, maxLength: 4 }),
        fc.array(stretch, { minLength: 4, maxLength: 4 }),
        (bottom, stretches) => {
          const bowl = (point: readonly number[]): number =>
            point.reduce((sum, x, i) => sum + (stretches[i] ?? NaN) * (x - (bottom[i] ?? NaN)) ** 2, 7);
          const { point } = nelderMead(bowl, [0, 0, 0, 0], OPTIONS);
          bottom.forEach((x, i) => expect(point[i]).toBeCloseTo(x, 4));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stays out of where the objective is NaN, and reaches a minimum on its border', () => {
    const halfLine = ([x = NaN]: readonly number[]): number => (x < 2 ? NaN : x);
    expect(nelderMead(halfLine, [5], OPTIONS).point[0]).toBeCloseTo(2, 5);
  });

  it('says so when it had to stop early, and gives the best it saw', () => {
    const few = nelderMead(rosenbrock, [-1.2, 1], { ...OPTIONS, mostEvaluations: 20 });
    expect(few.converged).toBe(false);
    // A step takes at most the two evaluations of a failed contraction and one for each other corner.
    expect(few.evaluations).toBeLessThanOrEqual(20 + 3);
    expect(few.value).toBe(rosenbrock(few.point));
    expect(few.value).toBeLessThan(rosenbrock([-1.2, 1]));
  });

  it('comes to an end on a plain', () => {
    const { point, value, converged } = nelderMead(() => 4, [1, 2], OPTIONS);
    expect({ value, converged }).toEqual({ value: 4, converged: true });
    expect(Math.abs((point[0] ?? NaN) - 1)).toBeLessThanOrEqual(OPTIONS.step);
  });
});
