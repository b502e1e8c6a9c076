import { describe, expect, it } from 'vitest';
import type { TrackedEvent } from '../../src/core/events/event.ts';
import { interpret } from '../../src/core/events/interpret.ts';
import { dueOf, newPerson, passTime, takeFact, type PersonOutput } from '../../src/core/person.ts';
import type { Transition } from '../../src/core/tagging/transition.ts';
import { DAY_MS, HOUR_MS, NEVER, instant, plus, type Instant } from '../../src/core/time.ts';
import { numbered } from '../support/listed-source.ts';
import { LivedPerson, periodOf } from '../support/lived-person.ts';
import { runRecords } from '../support/run-records.ts';
import { TEST_POLICY, dimension, featureOf, policyOf, tag, when } from '../support/test-policy.ts';

/*
 * Chapter 1. A person on two clocks
 *
 * Ada buys a bag from Bo on the first of May, and then does nothing. By the end of this chapter that has made two
 * transitions: one because something happened, and one because nothing did.
 *
 * The rules are as small as rules can be: one question about a person, two answers. Of the tags that hold, the
 * first is the person's.
 */

const POLICY = policyOf({
  dimensions: [
    dimension(
      'buyer_class',
      tag('active', when('orders_30d', 'at_least', 1)),
      tag('dormant', when('orders_total', 'at_least', 1)),
    ),
  ],
});
const PERIOD = periodOf(POLICY);
const ORDERED_AT = instant(Date.UTC(2025, 4, 1, 12));
const LEFT_WINDOW_AT = plus(ORDERED_AT, 30 * DAY_MS);

/** What Ada's browser sent, once its shape was checked. */
const ORDER: TrackedEvent = {
  messageId: 'message-1',
  personId: 'ada',
  at: ORDERED_AT,
  name: 'Order Completed',
  properties: { orderId: 'order-1', totalMinor: 120_000, currency: 'CNY', sellerId: 'bo' },
};

/** The facts of an event that are about Ada, as they were received at an instant. */
function factsAboutAda(event: TrackedEvent, receivedAt: Instant) {
  const facts = interpret(event, receivedAt, POLICY);
  return facts.ok ? facts.value.filter(({ personId }) => personId === 'ada').map(({ fact }) => fact) : [];
}

/** Ada after some events, each received as it happened. */
function adaAfter(...events: TrackedEvent[]): LivedPerson {
  const ada = new LivedPerson('ada');
  for (const event of events)
    for (const fact of factsAboutAda(event, event.at)) ada.take(fact, event.at, PERIOD);
  return ada;
}

const told = ({ transitions }: LivedPerson) =>
  transitions.map(({ from, to, cause, effectiveAt }) => ({ from, to, cause, effectiveAt }));

describe('an event', () => {
  // An event is what a source system said happened. A fact is the part of it that concerns one person: this
  // order is one fact for its buyer and another for its seller.
  it('becomes facts, one for each person it concerns', () => {
    const facts = interpret(ORDER, ORDERED_AT, POLICY);
    expect(facts).toMatchObject({
      ok: true,
      value: [
        { personId: 'ada', fact: { type: 'order', side: 'buyer', grossMinor: 120_000, own: true } },
        { personId: 'bo', fact: { type: 'order', side: 'seller', grossMinor: 120_000, own: false } },
      ],
    });
  });

  // What cannot be used is refused with a reason and never half used. Here: a clock that runs an hour ahead.
  it('that cannot be used is refused, with the reason', () => {
    const ahead = interpret({ ...ORDER, at: plus(ORDERED_AT, HOUR_MS) }, ORDERED_AT, POLICY);
    expect(ahead).toMatchObject({ ok: false, error: { reason: 'future_timestamp' } });
  });
});

describe('a fact', () => {
  // Everything below is this one call: the core is given a person, a fact and an instant, changes the person, and
  // says what came of it. It has no clock of its own. (LivedPerson, which the rest of the chapter uses, is no more than
  // this call with somewhere to keep what was said.)
  it('is folded into a person, and moves their tag', () => {
    const ada = newPerson();
    const said: Transition[] = [];
    const output: PersonOutput = {
      transition: (one) => void said.push(one),
      trigger: () => undefined,
      send: () => undefined,
      contribution: () => undefined,
      price: () => undefined,
    };
    for (const fact of factsAboutAda(ORDER, ORDERED_AT))
      takeFact('ada', ada, fact, ORDERED_AT, ORDER.messageId, PERIOD, output);

    // It says why, with Ada's own number, and when the answer will change if nothing more happens.
    expect(said).toHaveLength(1);
    expect(said[0]).toMatchObject({
      ...{ dimension: 'buyer_class', from: 'none', to: 'active' },
      ...{ cause: 'event', causeRef: 'message-1', effectiveAt: ORDERED_AT },
      nextChangeAt: LEFT_WINDOW_AT,
      reasons: [{ feature: 'orders_30d', value: 1, operator: 'at_least', threshold: 1, passes: true }],
    });
    expect(said[0]?.reasons[0]?.words).toBe('1 order in the last 30 days; the rule asks for at least 1');

    // The promise is kept as the person's due, and time passing up to the millisecond before it changes nothing.
    expect(dueOf(ada)).toBe(LEFT_WINDOW_AT);
    passTime('ada', ada, plus(LEFT_WINDOW_AT, -1), PERIOD, output);
    expect(said).toHaveLength(1);
    passTime('ada', ada, LEFT_WINDOW_AT, PERIOD, output);
    expect(said).toHaveLength(2);
  });

  // A window of 30 days at `now` holds the facts in (now − 30 days, now]. It is anchored at now, not at a month,
  // and exact to the millisecond.
  it('is in a window to the millisecond', () => {
    const { windows } = adaAfter(ORDER).person;
    const orders = (at: Instant) => featureOf('orders_30d').read(windows, at, PERIOD.environment);
    expect(orders(ORDERED_AT)).toBe(1);
    expect(orders(plus(LEFT_WINDOW_AT, -1))).toBe(1);
    expect(orders(LEFT_WINDOW_AT)).toBe(0);
  });

  // Networks repeat themselves. The same message again is the same fact, and counts once.
  it('counts once, however often it comes', () => {
    const ada = adaAfter(ORDER, ORDER, ORDER);
    expect(ada.transitions).toHaveLength(1);
    expect(featureOf('orders_total').read(ada.person.windows, ORDERED_AT, PERIOD.environment)).toBe(1);
  });

  // A refund in full takes the order out at the order's own time, as if it had never been; and the reason that comes
  // with it is what is now missing.
  it('can be taken back', () => {
    const refundedAt = plus(ORDERED_AT, 3 * DAY_MS);
    const refund: TrackedEvent = {
      ...{ messageId: 'message-2', personId: 'ada', at: refundedAt, name: 'Order Refunded' },
      properties: { orderId: 'order-1' },
    };
    const ada = adaAfter(ORDER, refund);
    expect(told(ada)[1]).toEqual({ from: 'active', to: 'none', cause: 'refund', effectiveAt: refundedAt });
    expect(ada.transitions[1]?.nextChangeAt).toBe(NEVER);
    expect(ada.transitions[1]?.reasons).toMatchObject([{ feature: 'orders_30d', value: 0, passes: false }]);
  });
});

describe('time alone', () => {
  const silent = { from: 'active', to: 'dormant', cause: 'time', effectiveAt: LEFT_WINDOW_AT };

  // Nothing happened, and that is what happened. No event carries it; the person's due does.
  it('moves a tag', () => {
    const ada = adaAfter(ORDER).pass(LEFT_WINDOW_AT, PERIOD);
    expect(told(ada)[1]).toEqual(silent);
    expect(ada.transitions[1]?.nextChangeAt).toBe(NEVER);
  });

  // When anybody looks must not matter: a worker that was down for a year finds what one that looked every hour found,
  // dated at the instant it became true, under the same id.
  it('moves it at the same instant, whenever and however often anybody looks', () => {
    const until = plus(ORDERED_AT, 365 * DAY_MS);
    const once = adaAfter(ORDER).pass(until, PERIOD);
    const hourly = adaAfter(ORDER);
    for (let at = ORDERED_AT; at <= until; at = plus(at, HOUR_MS)) hourly.pass(at, PERIOD);
    expect(once.transitions).toHaveLength(2);
    expect(hourly.transitions).toEqual(once.transitions);
  });

  // An order that arrives ten days late is counted at its own time: it does not start a new thirty days.
  it('is counted from when a thing happened, not from when we heard of it', () => {
    const receivedAt = plus(ORDERED_AT, 10 * DAY_MS);
    const ada = new LivedPerson('ada');
    for (const fact of factsAboutAda(ORDER, receivedAt)) ada.take(fact, receivedAt, PERIOD);
    ada.pass(LEFT_WINDOW_AT, PERIOD);
    expect(told(ada)).toEqual([
      { from: 'none', to: 'active', cause: 'late_event', effectiveAt: receivedAt },
      silent,
    ]);
  });
});

describe('the whole pipeline', () => {
  // src/pipeline.ts is the same calls for everybody: a source, a store, a table of transitions. Nothing is added to
  // what was said above, and of Bo, who has bought nothing, nothing is said. (A run ends with everyone's profile, and
  // a profile has scores for R, F and M: so the policy of a run has rules for them.)
  it('says of Ada what the core said', async () => {
    const { told: written } = await runRecords(numbered([{ event: ORDER, receivedAt: ORDERED_AT }]), {
      policy: { ...POLICY, scores: TEST_POLICY.scores },
      until: plus(ORDERED_AT, 365 * DAY_MS),
    });
    const byCore = adaAfter(ORDER).pass(plus(ORDERED_AT, 365 * DAY_MS), PERIOD).transitions;
    expect(byCore).toHaveLength(2);
    expect(
      written.rows.tag_transitions.map((row) => [
        row.transition_id,
        row.person_id,
        row.to_tag,
        row.effective_at,
      ]),
    ).toEqual(byCore.map(({ id, personId, to, effectiveAt }) => [id, personId, to, effectiveAt]));
  });
});
