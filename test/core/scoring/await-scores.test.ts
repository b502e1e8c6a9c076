import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import type { Fact } from '../../../src/core/events/fact.ts';
import type { Period } from '../../../src/core/person.ts';
import type { Models } from '../../../src/core/scoring/models.ts';
import { NO_POPULATION } from '../../../src/core/scoring/population.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, plus, type Instant } from '../../../src/core/time.ts';
import { STYLES } from '../../support/a-scorer.ts';
import { LivedPerson, periodOf } from '../../support/lived-person.ts';

const BEGIN = instant(Date.UTC(2025, 0, 1));
const PEOPLE = Array.from({ length: 200 }, (_, i) => `person-${i}`);

const models: Models = {
  version: 'one',
  churn: (questions) => new Float32Array(2 * questions.length).fill(NaN),
  evidence: () => undefined,
  valueSegments: undefined,
  styles: STYLES,
};

let period: Period;
beforeAll(async () => {
  period = periodOf(await loadPolicy(defaultPolicyPath()), NO_POPULATION, NEVER, models);
});

function view(key: number, at: Instant): Fact {
  return { type: 'act', key, at, own: true, act: 'view', value: 0, mark: false };
}

function order(key: number, at: Instant): Fact {
  const rest = { grossMinor: 5_000, discounted: false, counterparty: '', priced: [] } as const;
  return { type: 'order', key, at, own: true, side: 'buyer', orderKey: 0, ...rest };
}

function cancel(key: number, at: Instant): Fact {
  const rest = { amountMinor: null, cancelled: true, returnKey: key, forward: false } as const;
  return { type: 'return', key: 100 + key, at, own: true, side: 'buyer', orderKey: 0, ...rest };
}

/** Milliseconds until each is scored, after `facts` that all come at one instant. */
function waits(facts: readonly ((key: number, at: Instant) => Fact)[]): number[] {
  return PEOPLE.map((id) => {
    const person = new LivedPerson(id);
    facts.forEach((fact, key) => person.take(fact(key, BEGIN), BEGIN, period));
    return (person.person.windows.scores?.nextAt ?? NaN) - BEGIN;
  });
}

describe('after a fact', () => {
  it.each([
    ['a buyer', [order], HOUR_MS],
    ['who buys after having only looked', [view, order], HOUR_MS],
    ['who looks after having bought', [order, view], HOUR_MS],
    ['who cancels their only order', [order, cancel], HOUR_MS],
    ['whose cancellation comes before the order', [cancel, order], HOUR_MS],
    ['who never ordered', [view, view], DAY_MS],
  ])('%s is scored soon, at an instant of their own', (_, facts, withinMs) => {
    const all = waits(facts);
    for (const wait of all) expect(wait).toBeGreaterThan(0);
    for (const wait of all) expect(wait).toBeLessThanOrEqual(withinMs);
    expect(new Set(all.map((wait) => Math.floor((4 * wait) / withinMs))).size).toBeGreaterThanOrEqual(4);
  });

  it('what follows before the scores are made does not put them off', () => {
    const ann = new LivedPerson('ann').take(view(1, BEGIN), BEGIN, period);
    const first = ann.person.windows.scores?.nextAt ?? NEVER;
    const later = plus(first, -1000);
    ann.take(view(2, later), later, period);
    expect(ann.person.windows.scores?.nextAt).toBe(first);
    expect(ann.pass(first, period).person.windows.scores).toMatchObject({ at: first, touched: false });
  });
});
