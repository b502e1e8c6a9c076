import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Act, Fact } from '../../src/core/events/fact.ts';
import { passes } from '../../src/core/features/feature.ts';
import { percentWords, rounded } from '../../src/core/features/words.ts';
import { formatMoney } from '../../src/core/money.ts';
import { dueOf, type Period } from '../../src/core/person.ts';
import type { PopulationInputs } from '../../src/core/scoring/population.ts';
import { nextReviewAfter } from '../../src/core/tagging/review-calendar.ts';
import type { Transition } from '../../src/core/tagging/transition.ts';
import { DAY_MS, NEVER, instant, isoOf, plus, type Instant } from '../../src/core/time.ts';
import { currentTagRows } from '../../src/runtime/analytics-rows.ts';
import { histories, type Arrival } from '../support/arbitraries.ts';
import { LivedPerson, periodOf } from '../support/lived-person.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

const THREE_YEARS_MS = 3 * 365 * DAY_MS;

const POPULATION: PopulationInputs = {
  version: 'frozen',
  since: instant(0),
  meanOrderMinor: 300_000,
  cuts: { r: [40, 20, 10, 4], f: [1, 2, 3, 4], seller_f: [1, 2, 3], seller_m: [10, 100, 1000, 5000] },
  usualPriceMinor: {},
};
const FROZEN = periodOf(TEST_POLICY, POPULATION);

/** People exist from their first fact on. */
const lives = histories({ days: 120, latestDays: 20, bursts: false, duplicates: true }).filter(
  ({ arrivals }) => arrivals.length > 0,
);
/** How far ahead of the end somebody looks, near and far. */
const distances = fc.oneof(
  fc.integer({ min: 0, max: 3 * DAY_MS }),
  fc.integer({ min: 0, max: 60 * DAY_MS }),
  fc.integer({ min: 0, max: THREE_YEARS_MS }),
);

describe('before the due', () => {
  it('looking changes no tag and nothing that was counted, whoever it is and whenever it is', () => {
    fc.assert(
      fc.property(
        lives,
        fc.boolean(),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
        ({ end, arrivals }, isReviewed, shares) => {
          const period = isReviewed ? reviewedAfter(end) : FROZEN;
          const life = new LivedPerson('ada').takeAll(arrivals, period).pass(end, period);
          const due = Math.min(dueOf(life.person), period.nextReviewAt, end + THREE_YEARS_MS);
          expect(due).toBeGreaterThan(end);
          for (const share of [...shares, 1]) {
            const looker = life.copy().look(instant(end + Math.floor((due - 1 - end) * share)), period);
            expect(looker.transitions).toEqual([]);
            expect(standing(looker)).toEqual(standing(life));
            expect(partOf(looker)).toEqual(partOf(life));
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('the due', () => {
  const at = (days: number) => instant(Date.UTC(2024, 0, 1) + days * DAY_MS);
  const act = (key: number, days: number, kind: Act): Fact => {
    return { type: 'act', key, at: at(days), own: true, act: kind, value: 0, mark: false };
  };

  it('comes forward when a late act shows that somebody has been with us for longer', () => {
    const life = new LivedPerson('ada').take(act(1, 10, 'view'), at(10), FROZEN);
    life.take(act(2, 8, 'view'), at(11), FROZEN).pass(at(40), FROZEN);
    const steps = of('acquaintance', life.transitions).map(({ to, effectiveAt }) => [to, effectiveAt]);
    expect(steps).toEqual([
      ['known', at(13)],
      ['old', at(28)],
    ]);
  });

  it('begins with the first act that something is measured from', () => {
    const life = new LivedPerson('ada');
    const listed: Fact = { ...act(1, 0, 'listing'), own: false };
    life
      .take(listed, at(0), FROZEN)
      .take(act(2, 1, 'listing_removal'), at(1), FROZEN)
      .pass(at(40), FROZEN);
    expect(of('seller_class', life.transitions).at(-1)).toMatchObject({ to: 'quiet', cause: 'time' });
  });

  it('follows an order that is told again with another amount', () => {
    const order = (key: number, grossMinor: number): Fact => ({
      ...{ type: 'order', key, at: at(0), own: true, side: 'buyer', orderKey: 7, grossMinor },
      ...{ discounted: false, counterparty: '', priced: [] },
    });
    const life = new LivedPerson('ada').take(order(1, 30_000), at(0), FROZEN);
    life.take(order(2, 180_000), at(3), FROZEN);
    expect(of('level', life.transitions).at(-1)).toMatchObject({ to: 'silver', effectiveAt: at(3) });
  });
});

describe('looking', () => {
  it('often, seldom or at every odd moment gives the same transitions in the same order', () => {
    fc.assert(
      fc.property(lives, fc.array(distances, { maxLength: 12 }), ({ end, arrivals }, ahead) => {
        const until = plus(end, THREE_YEARS_MS);
        const seldom = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(until, FROZEN);
        const often = new LivedPerson('ada');
        const looks = [...momentsOf(arrivals), ...ahead.map((ms) => plus(end, ms)), until].sort(byTime);
        let heard = 0;
        for (const looksAt of looks) {
          for (
            let next = arrivals[heard];
            next !== undefined && next.receivedAt <= looksAt;
            next = arrivals[heard]
          ) {
            often.take(next.fact, next.receivedAt, FROZEN);
            heard++;
          }
          if (heard > 0) often.look(looksAt, FROZEN);
        }
        expect(told(often.transitions)).toEqual(told(seldom.transitions));
        expect(often.triggers.map(({ id }) => id)).toEqual(seldom.triggers.map(({ id }) => id));
        expect(standing(often)).toEqual(standing(seldom));
      }),
      { numRuns: 150 },
    );
  });

  it('twice at one instant is looking once', () => {
    fc.assert(
      fc.property(lives, distances, ({ end, arrivals }, ahead) => {
        const now = plus(end, ahead);
        const once = new LivedPerson('ada').takeAll(arrivals, FROZEN).look(now, FROZEN);
        const twice = once.copy().look(now, FROZEN);
        expect(twice.transitions).toEqual([]);
        expect(twice.person.tags).toEqual(once.person.tags);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the next change announced', () => {
  it('in a transition is when a silent person does change, and never means never', () => {
    fc.assert(
      fc.property(lives, ({ arrivals }) => {
        const life = new LivedPerson('ada');
        for (const { fact, receivedAt } of arrivals) {
          const before = life.transitions.length;
          life.take(fact, receivedAt, FROZEN);
          for (const transition of lastOfEach(life.transitions.slice(before)))
            if (transition.cause !== 'time')
              expectChange(life, transition.dimension, transition.nextChangeAt, transition.effectiveAt);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('in a silent stretch is the next transition of the dimension', () => {
    fc.assert(
      fc.property(lives, ({ end, arrivals }) => {
        const life = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(end, FROZEN);
        const before = life.transitions.length;
        life.pass(plus(end, THREE_YEARS_MS), FROZEN);
        const silent = life.transitions.slice(before);
        for (const [i, { dimension, nextChangeAt }] of silent.entries()) {
          const next = silent.slice(i + 1).find((one) => one.dimension === dimension);
          expect(isoOf(nextChangeAt)).toBe(isoOf(next?.effectiveAt ?? NEVER));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the same however many reviews lie ahead that change nothing', () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 0, max: 60 * DAY_MS }), ({ end, arrivals }, ahead) => {
        const until = plus(end, ahead);
        const frozen = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(until, FROZEN);
        const reviewed = new LivedPerson('ada');
        let period = reviewedAfter(arrivals[0]?.receivedAt ?? end);
        const passTo = (at: Instant) => {
          for (; period.nextReviewAt <= at; period = reviewedAfter(period.nextReviewAt))
            reviewed.pass(instant(period.nextReviewAt - 1), period);
          reviewed.pass(at, period);
        };
        for (const { fact, receivedAt } of arrivals) {
          passTo(receivedAt);
          reviewed.take(fact, receivedAt, period);
        }
        passTo(until);
        expect(told(reviewed.transitions)).toEqual(told(frozen.transitions));
        const rows = currentTagRows('ada', frozen.person, until, FROZEN);
        expect(currentTagRows('ada', reviewed.person, until, period)).toEqual(rows);
      }),
      { numRuns: 150 },
    );
  });

  it('in the rows of current tags is the same, whenever they are written', () => {
    fc.assert(
      fc.property(lives, distances, ({ end, arrivals }, ahead) => {
        const now = plus(end, ahead);
        const life = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(now, FROZEN);
        for (const row of currentTagRows('ada', life.person, now, FROZEN)) {
          expectChange(life, row.dimension, instant(row.next_change_at ?? NEVER), now);
          const last = life.transitions.findLast(({ dimension }) => dimension === row.dimension);
          expect([row.tag, row.since]).toEqual([last?.to, last?.effectiveAt]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a transition', () => {
  it('has an id of its own, the same every time', () => {
    fc.assert(
      fc.property(lives, ({ end, arrivals }) => {
        const [first, second] = [1, 2].map(() =>
          new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(plus(end, THREE_YEARS_MS), FROZEN),
        );
        const ids = first?.transitions.map(({ id }) => id) ?? [];
        expect(new Set(ids).size).toBe(ids.length);
        expect(second?.transitions.map(({ id }) => id)).toEqual(ids);
        const triggers = first?.triggers.map(({ id }) => id) ?? [];
        expect(new Set(triggers).size).toBe(triggers.length);
      }),
      { numRuns: 100 },
    );
  });

  it('follows the one before: from where that led, no earlier, and to another tag', () => {
    fc.assert(
      fc.property(lives, ({ end, arrivals }) => {
        const life = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(plus(end, THREE_YEARS_MS), FROZEN);
        for (const { name } of TEST_POLICY.dimensions) {
          let [at, tag] = [-Infinity, 'none'];
          for (const { from, to, effectiveAt } of of(name, life.transitions)) {
            expect(from).toBe(tag);
            expect(to).not.toBe(tag);
            expect(effectiveAt).toBeGreaterThanOrEqual(at);
            [at, tag] = [effectiveAt, to];
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the least time of the tag it ends', () => {
    fc.assert(
      fc.property(lives, ({ end, arrivals }) => {
        const life = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(plus(end, THREE_YEARS_MS), FROZEN);
        for (const { name, tags } of TEST_POLICY.dimensions) {
          let since = -Infinity;
          for (const { from, effectiveAt } of of(name, life.transitions)) {
            const dwellMs = tags.find((tag) => tag.name === from)?.dwellMs ?? 0;
            expect(effectiveAt - since).toBeGreaterThanOrEqual(dwellMs);
            since = effectiveAt;
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes a ladder up to any level and down by one', () => {
    const levels = ['gold', 'silver', 'bronze', 'none'];
    fc.assert(
      fc.property(lives, ({ end, arrivals }) => {
        const life = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(plus(end, THREE_YEARS_MS), FROZEN);
        for (const { from, to } of of('level', life.transitions)) {
          const [was, is] = [levels.indexOf(from), levels.indexOf(to)];
          if (is > was) expect(is).toBe(was + 1);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('reasons', () => {
  it('are true of the person, in words with their own number, and what carries the new tag passes', () => {
    fc.assert(
      fc.property(lives, ({ end, arrivals }) => {
        const life = new LivedPerson('ada').takeAll(arrivals, FROZEN).pass(plus(end, THREE_YEARS_MS), FROZEN);
        for (const { dimension, from, to, reasons } of life.transitions) {
          const names = [...tagsOf(dimension).map(({ name }) => name), 'none'];
          const isUp = names.indexOf(to) < names.indexOf(from);
          if (isUp) expect(reasons.map(({ passes: does }) => does)).not.toContain(false);
          if (isUp || to !== 'none') expect(reasons).not.toEqual([]);
          for (const reason of reasons) {
            if (reason.value !== null)
              expect(reason.passes).toBe(
                passes({ operator: reason.operator, value: reason.threshold }, reason.value),
              );
            expect(reason.words).toSatisfy((words: string) =>
              waysToSay(reason.value).some((way) => words.includes(way)),
            );
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

function reviewedAfter(end: Instant): Period {
  return periodOf(
    TEST_POLICY,
    POPULATION,
    nextReviewAfter(end, TEST_POLICY.reviewEvery, TEST_POLICY.utcOffsetMs),
  );
}

/** What a look must not change: the tag, since when, and how long it has been failing. */
function standing(life: LivedPerson): unknown {
  return life.person.tags.map(({ tag, since, failingSince, transitions }) => [
    tag,
    since,
    failingSince,
    transitions,
  ]);
}

/** What they count for in the population; who was never counted counts for nothing. */
function partOf(life: LivedPerson): readonly number[] {
  const { counted } = FROZEN.rulebook;
  return life.counted ?? [0, 0, ...counted.map(() => -1)];
}

function told(transitions: readonly Transition[]): string[] {
  return transitions.map(
    ({ id, dimension, from, to, effectiveAt, nextChangeAt, cause, reasons }) =>
      `${isoOf(effectiveAt)} ${dimension} ${from} → ${to} (${cause}) until ${isoOf(nextChangeAt)} ${id} ${JSON.stringify(reasons)}`,
  );
}

function of(dimension: string, transitions: readonly Transition[]): Transition[] {
  return transitions.filter((one) => one.dimension === dimension);
}

function lastOfEach(transitions: readonly Transition[]): Transition[] {
  return [...new Map(transitions.map((one) => [one.dimension, one])).values()];
}

function tagsOf(dimension: string) {
  return TEST_POLICY.dimensions.find(({ name }) => name === dimension)?.tags ?? [];
}

function expectChange(life: LivedPerson, dimension: string, announced: Instant, from: Instant): void {
  const silent = life.copy().pass(plus(from, THREE_YEARS_MS), FROZEN);
  const next = of(dimension, silent.transitions)[0]?.effectiveAt ?? NEVER;
  expect(isoOf(announced)).toBe(isoOf(next));
}

function byTime(a: number, b: number): number {
  return a - b;
}

/** Instants at which something leaves a window, a dwell or a grace ends, and a millisecond to each side. */
function momentsOf(arrivals: readonly Arrival[]): Instant[] {
  return arrivals
    .slice(0, 8)
    .flatMap(({ fact, receivedAt }) =>
      [1, 5, 7, 14, 15, 20, 30, 90].flatMap((days) =>
        [fact.at, receivedAt].flatMap((at) => [-1, 0, 1].map((ms) => instant(at + days * DAY_MS + ms))),
      ),
    );
}

function waysToSay(value: number | null): string[] {
  if (value === null) return ['no ', 'never '];
  const ways = [
    rounded(value),
    rounded(Math.floor(value)),
    percentWords(value),
    formatMoney(Math.round(value * 100), 'CNY'),
  ];
  return value === 0 ? [...ways, 'no '] : ways;
}
