import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aliveProbability,
  fitMbgNbd,
  logLikelihood,
  orderProbability,
  type MbgNbdParameters,
  type PurchaseHistory,
} from '../../../../src/core/scoring/churn/mbg-nbd.ts';
import { seededRandom } from '../../../../src/core/seeded-random.ts';
import { describeWithData } from '../../../support/real-data.ts';
import { simulateCustomer } from './simulated-customers.ts';

const TRUTH: MbgNbdParameters = { r: 0.7, alpha: 5, a: 0.9, b: 1.8 };

const parameter = fc.double({ min: 0.05, max: 20, noNaN: true });
const parameters = fc.record({ r: parameter, alpha: parameter, a: parameter, b: parameter });
const history = fc
  .record({
    repeats: fc.integer({ min: 0, max: 300 }),
    active: fc.double({ min: 0, max: 200, noNaN: true }),
    silent: fc.double({ min: 0, max: 2000, noNaN: true }),
  })
  .map(({ repeats, active, silent }): PurchaseHistory => {
    const ageAtLast = repeats === 0 ? 0 : active;
    return { repeats, ageAtLast, age: ageAtLast + silent };
  });
const duration = fc.double({ min: 0, max: 500, noNaN: true });

function simulate(people: number, horizon = 0) {
  const random = seededRandom(20_07, 'customers');
  return Array.from({ length: people }, () =>
    simulateCustomer(TRUTH, 20 + random.below(365) / 7, horizon, random),
  );
}

describe('the closed form', () => {
  it('is the textbook formula', () => {
    fc.assert(
      fc.property(
        parameters,
        fc.integer({ min: 0, max: 20 }),
        duration,
        duration,
        (p, x, silent, horizon) => {
          const [ageAtLast, age] = [x, x + silent];
          const alive = 1 / (1 + (p.a / (p.b + x)) * ((p.alpha + age) / (p.alpha + ageAtLast)) ** (p.r + x));
          const order = alive * (1 - ((p.alpha + age) / (p.alpha + age + horizon)) ** (p.r + x));
          const one = { repeats: x, ageAtLast, age };
          expect(aliveProbability(one, p)).toBeCloseTo(alive, 10);
          expect(orderProbability(one, p, horizon)).toBeCloseTo(order, 10);
        },
      ),
    );
  });

  it('gives probabilities, and ordering is no likelier than being there', () => {
    fc.assert(
      fc.property(history, parameters, duration, (one, p, horizon) => {
        const alive = aliveProbability(one, p);
        const order = orderProbability(one, p, horizon);
        expect(alive).toBeLessThanOrEqual(1);
        expect(order).toBeLessThanOrEqual(alive);
        expect(order).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('grows with the horizon, from nothing to being there', () => {
    fc.assert(
      fc.property(history, parameters, duration, duration, (one, p, horizon, more) => {
        expect(orderProbability(one, p, 0)).toBeCloseTo(0, 12);
        const least = orderProbability(one, p, horizon) * (1 - 1e-12);
        expect(orderProbability(one, p, horizon + more)).toBeGreaterThanOrEqual(least);
        expect(orderProbability(one, p, 1e300)).toBeCloseTo(aliveProbability(one, p), 6);
      }),
      { numRuns: 1000 },
    );
  });

  it('falls in silence', () => {
    fc.assert(
      fc.property(history, parameters, duration, duration, (one, p, horizon, silence) => {
        const later = { ...one, age: one.age + silence };
        expect(aliveProbability(later, p)).toBeLessThanOrEqual(aliveProbability(one, p) * (1 + 1e-12));
        const most = orderProbability(one, p, horizon) * (1 + 1e-12);
        expect(orderProbability(later, p, horizon)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1000 },
    );
  });

  it('says of simulated customers how many are there and will order, whatever their history', () => {
    const horizon = 13;
    const everyone = simulate(40_000, horizon);
    for (const [least, most] of [
      [0, 0],
      [1, 1],
      [2, 4],
      [5, Infinity],
    ] as const) {
      const group = everyone.filter(({ history: { repeats } }) => repeats >= least && repeats <= most);
      const share = (of: (one: (typeof group)[number]) => number): number =>
        group.reduce((sum, one) => sum + of(one), 0) / group.length;
      // Three standard errors of a share, at most.
      const slack = 1.5 / Math.sqrt(group.length);
      const alive = share((one) => aliveProbability(one.history, TRUTH));
      expect(Math.abs(alive - share(({ isAlive }) => Number(isAlive)))).toBeLessThan(slack);
      const order = share((one) => orderProbability(one.history, TRUTH, horizon));
      expect(Math.abs(order - share(({ ordered }) => Number(ordered)))).toBeLessThan(slack);
    }
  });
});

describe('logLikelihood', () => {
  it('counts the same customer twice as two', () => {
    fc.assert(
      fc.property(fc.array(history, { minLength: 1, maxLength: 20 }), parameters, (some, p) => {
        const singly = some.reduce((sum, one) => sum + logLikelihood([one], p), 0);
        const difference = Math.abs(logLikelihood([...some, ...some], p) / 2 - singly);
        // Customers of no age say nothing: what is left of a sum of zeros is rounding, and so is absolute.
        expect(difference).toBeLessThan(1e-10 * (1 + Math.abs(singly)));
      }),
      {
        examples: [
          [[{ repeats: 0, ageAtLast: 0, age: 0 }], { r: 0.05, alpha: 0.05, a: 0.05, b: 0.05000000000000011 }],
        ],
      },
    );
  });

  it('is that of the probabilities: who bought nothing has it from who would have', () => {
    fc.assert(
      fc.property(parameters, duration, ({ ...p }, age) => {
        const nothing = logLikelihood([{ repeats: 0, ageAtLast: 0, age }], p);
        const something = orderProbability({ repeats: 0, ageAtLast: 0, age: 0 }, p, age);
        expect(Math.exp(nothing)).toBeCloseTo(1 - something, 10);
      }),
    );
  });
});

describe('fitMbgNbd', () => {
  const customers = simulate(20_000).map((one) => one.history);
  const fit = fitMbgNbd(customers);

  it('recovers the parameters that customers were simulated with', () => {
    expect(fit?.converged).toBe(true);
    expect(fit?.customers).toBe(20_000);
    for (const name of ['r', 'alpha', 'a', 'b'] as const)
      expect(Math.abs(Math.log((fit?.parameters[name] ?? NaN) / TRUTH[name]))).toBeLessThan(0.15);
    expect(fit?.logLikelihood).toBeGreaterThan(logLikelihood(customers, TRUTH));
  });

  it('ends on a maximum', () => {
    for (const name of ['r', 'alpha', 'a', 'b'] as const) {
      for (const factor of [0.99, 1.01]) {
        const aside = { ...(fit?.parameters ?? TRUTH) };
        aside[name] *= factor;
        expect(logLikelihood(customers, aside)).toBeLessThan(fit?.logLikelihood ?? NaN);
      }
    }
  });

  it('gives the same for any order of customers and any unit of time', () => {
    const inDays = customers
      .toReversed()
      .map(({ repeats, ageAtLast, age }) => ({ repeats, ageAtLast: ageAtLast * 7, age: age * 7 }));
    const { r, alpha, a, b } = fitMbgNbd(inDays)?.parameters ?? TRUTH;
    expect(fitMbgNbd(customers)).toEqual(fit);
    for (const [name, value] of Object.entries({ r, alpha: alpha / 7, a, b }))
      expect(value / (fit?.parameters[name as 'r'] ?? NaN)).toBeCloseTo(1, 3);
  });

  it('has nothing to say of nobody, nor of people known for no time', () => {
    expect(fitMbgNbd([])).toBeUndefined();
    expect(fitMbgNbd([{ repeats: 0, ageAtLast: 0, age: 0 }])).toBeUndefined();
  });

  it.each([
    [
      'nobody returned',
      [
        { repeats: 0, ageAtLast: 0, age: 9 },
        { repeats: 0, ageAtLast: 0, age: 4 },
      ],
    ],
    ['there is one customer', [{ repeats: 3, ageAtLast: 5, age: 6 }]],
  ])('stays finite, and says that it has no maximum, where %s', (_, few) => {
    const found = fitMbgNbd(few);
    expect(found?.converged).toBe(false);
    for (const one of few) {
      const probability = orderProbability(one, found?.parameters ?? TRUTH, 5);
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThanOrEqual(1);
    }
  });
});

describeWithData('cdnow/CDNOW_sample.txt', (path) => {
  it('gives the published parameters (39 weeks, time in weeks)', () => {
    const fit = fitMbgNbd(historiesOf(path, '19970930'));
    const { r, alpha, a, b } = fit?.parameters ?? { r: NaN, alpha: NaN, a: NaN, b: NaN };
    expect([r, alpha, a, b].map((value) => value.toFixed(3))).toEqual(['0.525', '6.183', '0.891', '1.614']);
    expect(fit?.logLikelihood.toFixed(1)).toBe('-9582.1');
    expect(fit?.customers).toBe(2357);
  });
});

/** Purchase days of the published sample: customer, its number in the sample, YYYYMMDD, count, value. */
function historiesOf(path: string, until: string): PurchaseHistory[] {
  const weekOf = (date: string): number =>
    Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6))) /
    (7 * 86_400_000);
  const days = new Map<string, Set<string>>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [customer, , date] = line.trim().split(/\s+/);
    if (customer === undefined || date === undefined || date > until) continue;
    days.set(customer, (days.get(customer) ?? new Set()).add(date));
  }
  return [...days.values()].map((dates) => {
    const sorted = [...dates].sort();
    const first = weekOf(sorted[0] ?? '');
    return {
      repeats: sorted.length - 1,
      ageAtLast: weekOf(sorted.at(-1) ?? '') - first,
      age: weekOf(until) - first,
    };
  });
}
