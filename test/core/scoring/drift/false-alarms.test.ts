import { describe, expect, it } from 'vitest';
import { compareWithReference } from '../../../../src/core/scoring/drift/compare-with-reference.ts';
import { freezeReference, type Snapshot } from '../../../../src/core/scoring/drift/drift-reference.ts';
import { judgeDrift } from '../../../../src/core/scoring/drift/judge-drift.ts';
import { seededRandom, type SeededRandom } from '../../../../src/core/seeded-random.ts';
import { instant } from '../../../../src/core/time.ts';
import { normal } from '../../../support/ageing-people.ts';

const POPULATION = 40_000;
const random = seededRandom(7, 'population');
const tenureDays = Float64Array.from({ length: POPULATION }, () => Math.floor(900 * random.uniform() ** 2));
const shared = Float64Array.from({ length: POPULATION }, () => normal(random));

/** Everything that is hard on bins: ties, floors, heavy tails, holes, rarities, and numbers that go with each other. */
const NUMBERS: Readonly<Record<string, (person: number) => number>> = {
  normal: () => normal(random),
  counts: (i) => Math.max(0, Math.round(2 * (shared[i] ?? 0))),
  money: (i) => Math.exp(shared[i] ?? 0),
  heavy: () => 1 / (1 - random.uniform()),
  levels: () => 1 + random.below(5),
  holes: () => (random.uniform() < 0.3 ? NaN : normal(random)),
  rareHoles: () => (random.uniform() < 0.003 ? NaN : normal(random)),
  rareOnes: () => (random.uniform() < 0.002 ? 1 : 0),
  constant: () => 5,
  ages: (i) => random.uniform() * (tenureDays[i] ?? 0),
};
const numbers = Object.entries(NUMBERS).map(([name, valueOf]) => {
  return { name, values: tenureDays.map((_, person) => valueOf(person)) };
});
const TAGS = ['active', 'active', 'active', 'cooling', 'dormant', 'dormant'];
const tags = Array.from(tenureDays, () => (random.uniform() < 0.005 ? 'vip' : (TAGS[random.below(6)] ?? '')));

/** So many people of the population, at random. */
function draw(luck: SeededRandom, people: number): Snapshot {
  const drawn = Int32Array.from({ length: people }, () => luck.below(POPULATION));
  const pick = (from: Float64Array): Float64Array => Float64Array.from(drawn, (i) => from[i] ?? NaN);
  return {
    at: instant(0),
    tenureDays: pick(tenureDays),
    columns: [
      ...numbers.map(({ name, values }) => ({ kind: 'feature' as const, name, values: pick(values) })),
      { kind: 'segment', name: 'buyer_class', tags: Array.from(drawn, (i) => tags[i] ?? '') },
    ],
  };
}

interface Tried {
  readonly setsAlarmed: number;
  /** Share of tests whose index, and of rows whose distance, is as rare as one in twenty, and one in a thousand. */
  readonly driftBelow: readonly number[];
  readonly ksBelow: readonly number[];
}

interface Sizes {
  readonly people: number;
  readonly now: number;
  readonly references: number;
  readonly draws: number;
}

function tryOut({ people, now, references, draws }: Sizes): Tried {
  const driftPValues: number[] = [];
  const ksPValues: number[] = [];
  const luck = seededRandom(people, `against ${now}`);
  let setsAlarmed = 0;
  for (let i = 0; i < references; i++) {
    const reference = freezeReference(draw(luck, people));
    for (let j = 0; j < draws / references; j++) {
      const findings = compareWithReference(reference, draw(luck, now));
      if (!findings.ok) throw new Error(findings.error.what);
      if (judgeDrift(findings.value).some(({ alarm }) => alarm)) setsAlarmed++;
      for (const { test, row } of findings.value) {
        if (test !== undefined) driftPValues.push(test.pValue);
        if (row.p_value !== null) ksPValues.push(row.p_value);
      }
    }
  }
  const below = (pValues: readonly number[]): number[] =>
    [0.05, 0.001].map((level) => pValues.filter((p) => p <= level).length / pValues.length);
  return { setsAlarmed, driftBelow: below(driftPValues), ksBelow: below(ksPValues) };
}

describe('of draws without drift over eleven columns', () => {
  it.each([
    { people: 200, now: 200, references: 50, draws: 1000, oftener: 3 },
    { people: 2000, now: 2000, references: 10, draws: 200, oftener: 3 },
    { people: 5000, now: 200, references: 4, draws: 100, oftener: 5 },
    { people: 200, now: 2000, references: 20, draws: 100, oftener: 5 },
    // Ten draws against one reference lean the same way.
    { people: 20_000, now: 20_000, references: 1, draws: 10, oftener: 15 },
  ])('at most one in a hundred raises an alarm: $draws of $people against $now', (sizes) => {
    const { setsAlarmed, driftBelow, ksBelow } = tryOut(sizes);
    expect(setsAlarmed).toBeLessThanOrEqual(sizes.draws / 100);
    // And not because nothing ever alarms: probabilities are about what they say, never much less.
    expect(driftBelow[0]).toBeGreaterThan(0.01);
    expect(driftBelow[0]).toBeLessThan(0.075);
    expect(driftBelow[1]).toBeLessThan(0.001 * sizes.oftener);
    expect(ksBelow[0]).toBeLessThan(0.075);
    expect(ksBelow[1]).toBeLessThan(0.001 * sizes.oftener);
  });
});
