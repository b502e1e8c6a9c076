import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../src/adapters/policy/load-policy.ts';
import { ByteReader, ByteWriter } from '../../src/core/bytes.ts';
import type { Fact } from '../../src/core/events/fact.ts';
import { foresee, type Models } from '../../src/core/scoring/models.ts';
import type { PersonScores } from '../../src/core/features/person-scores.ts';
import {
  readWindows,
  settleWindows,
  writeWindows,
  type PersonWindows,
} from '../../src/core/features/person-windows.ts';
import { dueOf, type Period } from '../../src/core/person.ts';
import { writePerson } from '../../src/core/person-codec.ts';
import {
  CHURN_INPUTS,
  mbgLogitOf,
  purchaseHistory,
  readChurnInputs,
} from '../../src/core/scoring/churn/churn-inputs.ts';
import { PUBLISHED_CLOSED_FORM } from '../../src/core/scoring/churn/closed-form.ts';
import { orderProbability } from '../../src/core/scoring/churn/mbg-nbd.ts';
import { NO_POPULATION } from '../../src/core/scoring/population.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { environmentOf } from '../../src/core/tagging/rulebook.ts';
import type { Transition } from '../../src/core/tagging/transition.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, isoOf, plus, type Instant } from '../../src/core/time.ts';
import { HORIZON_DAYS } from '../../src/ports/churn-network.ts';
import { STYLES, VALUE_SEGMENTS, someScorer } from '../support/a-scorer.ts';
import { histories, longLedgers, type History } from '../support/arbitraries.ts';
import { foldAll } from '../support/fold-history.ts';
import { LivedPerson, periodOf } from '../support/lived-person.ts';
import { mixedDimensions } from '../support/mixed-dimension.ts';

const WIDTH = CHURN_INPUTS.length;
const SCORED = ['churn_risk', 'value_segment', 'style'];
/** Past the last instant of silence at which anybody is scored. */
const AHEAD_MS = 3 * 365 * DAY_MS;
const { parameters } = PUBLISHED_CLOSED_FORM;

let policy: Policy;
beforeAll(async () => {
  const pack = await loadPolicy(defaultPolicyPath());
  const scored = pack.dimensions.filter(({ name }) => SCORED.includes(name));
  policy = { ...pack, dimensions: [...scored, ...mixedDimensions()], triggers: [] };
});

/** A model that is a plain function of a person at an instant. */
function modelOf(version: string, risk: (inputs: Float32Array, days: number) => number): Models {
  return {
    version,
    churn(questions) {
      const answers = new Float32Array(2 * questions.length).fill(NaN);
      questions.forEach(({ windows, at }, i) => {
        const inputs = inputsOf(windows, at);
        if (inputs !== undefined)
          HORIZON_DAYS.forEach((days, h) => (answers[2 * i + h] = risk(inputs, days)));
      });
      return answers;
    },
    evidence: () => undefined,
    valueSegments: VALUE_SEGMENTS,
    styles: STYLES,
  };
}

/** Undefined for who never ordered. */
function inputsOf(windows: PersonWindows, at: Instant): Float32Array | undefined {
  const history = purchaseHistory(windows, at);
  if (history === undefined) return undefined;
  const inputs = new Float32Array(WIDTH);
  readChurnInputs(
    windows,
    at,
    environmentOf(policy, NO_POPULATION),
    mbgLogitOf(history, parameters),
    inputs,
    0,
  );
  return inputs;
}

/** Rises and falls at every turn, and shows the least difference in any input. */
const WILD = modelOf('wild', (inputs, days) => {
  const sum = inputs.reduce((total, value, i) => total + value * (i + 1), days);
  return Math.abs(Math.sin(sum * 3));
});

/** As people are: the longer the silence, the less they are expected. */
const CLOSED_FORM: Models = {
  ...WILD,
  version: 'closed form',
  churn: (questions) =>
    Float32Array.from(
      questions.flatMap(({ windows, at }) => {
        const history = purchaseHistory(windows, at);
        return HORIZON_DAYS.map((days) =>
          history === undefined ? NaN : 1 - orderProbability(history, parameters, days),
        );
      }),
    ),
};

const MODELS: readonly [name: string, runs: number, open: () => Models | Promise<Models>][] = [
  ['the closed form', 120, () => CLOSED_FORM],
  ['a wild function', 200, () => WILD],
  ['a network', 25, () => someScorer(policy)],
];

/** People exist from their first fact on. */
const lives = histories({ days: 200, latestDays: 20, bursts: false, duplicates: true }).filter(
  ({ arrivals }) => arrivals.length > 0,
);
const distances = fc.oneof(
  fc.integer({ min: 0, max: 3 * HOUR_MS }),
  fc.integer({ min: 0, max: 60 * DAY_MS }),
  fc.integer({ min: 0, max: AHEAD_MS }),
);

describe.each(MODELS)('scored by %s', (_name, numRuns, open) => {
  let models: Models;
  let period: Period;
  beforeAll(async () => {
    models = await open();
    period = periodOf(policy, NO_POPULATION, NEVER, models);
  });

  const lived = ({ arrivals, end }: History, id: string): LivedPerson =>
    new LivedPerson(id).takeAll(arrivals, period).pass(end, period);
  const foreseen = (people: readonly LivedPerson[], until: Instant) => {
    const windows = people.map((one) => one.copy().person.windows);
    foresee(
      windows.map((one) => ({ windows: one, until })),
      models,
      period.environment,
    );
    return windows.map(({ scores }) => scores?.ahead?.scores ?? []);
  };

  it('many at once are foreseen as one by one, and as time then has it', () => {
    const some = fc.array(lives, { minLength: 1, maxLength: 4 });
    const untils = fc.oneof(fc.constant(undefined), distances);
    fc.assert(
      fc.property(some, untils, (told, distance) => {
        const end = instant(Math.max(...told.map((one) => one.end)));
        const people = told.map((one, i) => lived(one, `person-${i}`));
        const until = distance === undefined ? NEVER : plus(end, distance);
        const together = foreseen(people, until);
        expect(together).toEqual(people.flatMap((one) => foreseen([one], until)));
        expect(together).toEqual(people.map((one) => stepByStep(one.copy(), until)));
      }),
      { numRuns },
    );
  });

  function stepByStep(life: LivedPerson, until: Instant): PersonScores[] {
    const made: PersonScores[] = [];
    for (let next = scoresOf(life)?.nextAt; next !== undefined && next !== NEVER && next <= until;) {
      const before = scoresOf(life);
      life.pass(next, period);
      const scores = scoresOf(life);
      if (scores === undefined) throw new Error('scores came to nothing');
      // Those that were kept are of an instant before.
      if (scores.at !== next)
        expect(scores).toEqual({ ...before, nextAt: scores.nextAt, silence: scores.silence, touched: false });
      made.push({ ...scores, at: next });
      next = scores.nextAt;
    }
    return made;
  }

  it('leave no trace of where turns ended', () => {
    const ends = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(lives, distances, ends, ({ arrivals, end }, distance, endsAfter) => {
        const whole = new LivedPerson('ada');
        let parted = new LivedPerson('ada');
        const told: Transition[] = [];
        for (const [i, { fact, receivedAt }] of arrivals.entries()) {
          whole.take(fact, receivedAt, period);
          parted.take(fact, receivedAt, period);
          if (endsAfter[i % endsAfter.length] !== true) continue;
          told.push(...parted.rest(period).transitions);
          parted = parted.copy();
        }
        const until = plus(end, distance);
        const expected = whole.pass(until, period).transitions;
        expect([...told, ...parted.pass(until, period).transitions]).toEqual(expected);
        for (const life of [whole, parted]) life.rest(period);
        expect(packed(parted.person.windows)).toEqual(packed(whole.person.windows));
        expect(parted.person.tags.map(({ dueAt, ...state }) => state)).toEqual(
          whole.person.tags.map(({ dueAt, ...state }) => state),
        );
      }),
      { numRuns },
    );
  });

  it('looking before the due changes no tag', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lives, distances, shares, (told, distance, looks) => {
        const now = plus(told.end, distance);
        const life = lived(told, 'ada').pass(now, period);
        const due = Math.min(dueOf(life.person), now + AHEAD_MS);
        expect(due).toBeGreaterThan(now);
        for (const share of [...looks, 1]) {
          const looker = life.copy().look(instant(now + Math.floor((due - 1 - now) * share)), period);
          expect(looker.transitions).toEqual([]);
          expect(scoresOf(looker)).toEqual(scoresOf(life));
        }
      }),
      { numRuns },
    );
  });

  it('the next change announced is when a silent person does change', () => {
    fc.assert(
      fc.property(lives, ({ arrivals, end }) => {
        const life = new LivedPerson('ada');
        const hear = (step: () => LivedPerson): void => {
          const before = life.transitions.length;
          step();
          const silent = life.copy().pass(plus(end, AHEAD_MS), period).transitions;
          for (const told of lastOfEach(life.transitions.slice(before)))
            expect(`${told.dimension} until ${isoOf(told.nextChangeAt)}`).toBe(
              `${told.dimension} until ${isoOf(nextOf(told.dimension, silent))}`,
            );
          for (const [i, one] of silent.entries())
            expect(isoOf(one.nextChangeAt)).toBe(isoOf(nextOf(one.dimension, silent.slice(i + 1))));
        };
        for (const { fact, receivedAt } of arrivals) {
          if (life.person.windows.clock > 0) hear(() => life.pass(receivedAt, period));
          hear(() => life.take(fact, receivedAt, period));
        }
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  it('somebody goes through the codec unchanged, to the same future', () => {
    fc.assert(
      fc.property(lives, distances, distances, (told, some, more) => {
        const life = lived(told, 'ada').pass(plus(told.end, some), period);
        const copy = life.copy();
        expect(scoresOf(copy)).toEqual(scoresOf(life));
        expect(writePerson(copy.person)).toEqual(writePerson(life.person));
        const heard = life.transitions.length;
        const until = plus(told.end, some + more);
        const [one, other] = [life.pass(until, period), copy.pass(until, period)];
        expect(other.transitions).toEqual(one.transitions.slice(heard));
        expect(writePerson(other.person)).toEqual(writePerson(one.person));
      }),
      { numRuns },
    );
  });
});

describe('somebody who takes in another, for whom more time has passed', () => {
  it('is scored no earlier than their time, and goes through the codec unchanged', () => {
    const some = fc.integer({ min: 0, max: 40 * DAY_MS });
    fc.assert(
      fc.property(lives, lives, some, some, (mine, theirs, passed, later) => {
        const period = periodOf(policy, NO_POPULATION, NEVER, CLOSED_FORM);
        const end = instant(Math.max(mine.end, theirs.end));
        const into = new LivedPerson('ada').takeAll(mine.arrivals, period).pass(end, period);
        const from = new LivedPerson('ben').takeAll(theirs.arrivals, period).pass(plus(end, passed), period);
        const toldAt = plus(end, Math.floor(later / 8));
        const merge: Fact = { type: 'merge', key: 999_999_999, at: toldAt, own: true, into: 'ada' };
        for (const { fact } of from.take(merge, toldAt, period).sent)
          if (fact.type === 'absorb') into.take(fact, toldAt, period);
        const { clock, scores } = into.person.windows;
        expect(scores?.nextAt ?? NEVER).toBeGreaterThanOrEqual(clock);
        expect(scoresOf(into.copy())).toEqual(scoresOf(into));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a network sees of a person at an instant', () => {
  it('is the same to the bit, whenever what no window can see was let go of', () => {
    const shape = { days: 500, latestDays: 30, bursts: true, duplicates: false };
    const settledAt = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(histories(shape), distances, settledAt, expectSameInputs), { numRuns: 800 });
  });

  it('is the same to the bit for more orders than are kept one by one', () => {
    const settledAt = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 });
    fc.assert(fc.property(longLedgers, distances, settledAt, expectSameInputs), { numRuns: 12 });
  });

  function expectSameInputs({ end, arrivals }: History, distance: number, shares: readonly number[]): void {
    const at = plus(end, distance);
    const windows = foldAll(arrivals);
    const untouched = inputsOf(windows, at);
    const settled = copyOf(windows);
    for (const share of [...shares].sort((a, b) => a - b)) {
      settleWindows(settled, plus(end, Math.floor(distance * share)));
      expect(inputsOf(settled, at)).toEqual(untouched);
    }
    const stored = copyOf(settled);
    expect(inputsOf(stored, at)).toEqual(untouched);
    settleWindows(stored, at);
    expect(inputsOf(stored, at)).toEqual(untouched);
  }
});

function copyOf(windows: PersonWindows): PersonWindows {
  return readWindows(new ByteReader(packed(windows)));
}

function packed(windows: PersonWindows): Uint8Array {
  const writer = new ByteWriter();
  writeWindows(writer, windows);
  return writer.since(0);
}

function scoresOf({ person }: LivedPerson): PersonScores | undefined {
  const { scores } = person.windows;
  if (scores === undefined) return undefined;
  const kept = { ...scores };
  delete kept.ahead;
  return kept;
}

function lastOfEach(transitions: readonly Transition[]): Transition[] {
  return [...new Map(transitions.map((one) => [one.dimension, one])).values()];
}

function nextOf(dimension: string, transitions: readonly Transition[]): Instant {
  return transitions.find((one) => one.dimension === dimension)?.effectiveAt ?? NEVER;
}
