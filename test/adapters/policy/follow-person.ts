import type { Act, Fact, Side } from '../../../src/core/events/fact.ts';
import {
  newPerson,
  passTime,
  periodOf,
  sightOf,
  takeFact,
  type PersonOutput,
} from '../../../src/core/person.ts';
import { NO_POPULATION, type PopulationInputs } from '../../../src/core/scoring/population.ts';
import { nextChange } from '../../../src/core/tagging/dimension-state.ts';
import { NO_TAG, type Policy } from '../../../src/core/tagging/policy.ts';
import { rulebookOf } from '../../../src/core/tagging/rulebook.ts';
import type { Transition } from '../../../src/core/tagging/transition.ts';
import { NEVER, instant, type Instant } from '../../../src/core/time.ts';
import type { Trigger } from '../../../src/core/triggers/trigger.ts';

/** One person under a policy and a frozen population: what is done, and what becomes of the tags. */
export interface FollowedPerson {
  readonly transitions: readonly Transition[];
  readonly triggers: readonly Trigger[];
  order(iso: string, amount: number, id?: string): void;
  sale(iso: string, amount: number, id?: string): void;
  cancel(iso: string, id: string, side?: Side): void;
  act(iso: string, act: Act): void;
  waitUntil(iso: string): void;
  tagOf(dimension: string): string;
  /** `never`, or the instant in ISO 8601. */
  nextChangeOf(dimension: string): string;
}

/** Amounts are in major units of a currency with two decimals; instants in ISO 8601, in order. */
export function followPerson(policy: Policy, population: PopulationInputs = NO_POPULATION): FollowedPerson {
  const person = newPerson();
  const transitions: Transition[] = [];
  const triggers: Trigger[] = [];
  const output: PersonOutput = {
    transition: (one) => void transitions.push(one),
    trigger: (one) => void triggers.push(one),
    send: () => undefined,
    contribution: () => undefined,
    price: () => undefined,
  };
  const period = periodOf(rulebookOf(policy), population, undefined, NEVER);
  let key = 0;
  let now = instant(0);
  const take = (iso: string, fact: (at: Instant, key: number) => Fact): void => {
    now = at(iso);
    takeFact('li', person, fact(now, ++key), now, `message-${key}`, period, output);
  };
  const trade = (side: Side) => (iso: string, amount: number, id?: string) => {
    take(iso, (placedAt, factKey) => ({
      type: 'order',
      key: factKey,
      at: placedAt,
      own: side === 'buyer',
      side,
      orderKey: orderKey(id ?? `order-${factKey}`),
      grossMinor: amount * 100,
      discounted: false,
      counterparty: '',
      priced: [],
    }));
  };
  const positionOf = (name: string): number => policy.dimensions.findIndex((one) => one.name === name);
  return {
    transitions,
    triggers,
    order: trade('buyer'),
    sale: trade('seller'),
    cancel(iso, id, side = 'buyer') {
      take(iso, (cancelledAt, factKey) => ({
        type: 'return',
        key: factKey,
        at: cancelledAt,
        own: false,
        side,
        orderKey: orderKey(id),
        amountMinor: null,
        cancelled: true,
        returnKey: factKey,
        forward: false,
      }));
    },
    act(iso, act) {
      take(iso, (actedAt, factKey) => ({
        type: 'act',
        key: factKey,
        at: actedAt,
        own: true,
        act,
        value: 0,
        mark: false,
      }));
    },
    waitUntil(iso) {
      now = at(iso);
      passTime('li', person, now, period, output);
    },
    tagOf(name) {
      const state = person.tags[positionOf(name)];
      return policy.dimensions[positionOf(name)]?.tags[state?.tag ?? -1]?.name ?? NO_TAG;
    },
    nextChangeOf(name) {
      const dimension = policy.dimensions[positionOf(name)];
      const state = person.tags[positionOf(name)];
      if (dimension === undefined || state === undefined) return 'never';
      const next = nextChange(dimension, state, sightOf(person, now, period));
      return next === undefined ? 'never' : new Date(next.since).toISOString();
    },
  };
}

function at(iso: string): Instant {
  const epochMs = Date.parse(iso);
  if (Number.isNaN(epochMs)) throw new Error(`${iso} is not an instant`);
  return instant(epochMs);
}

/** Small distinct numbers stand for the 48-bit hashes of real order ids. */
function orderKey(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 0xffffffffffff, 7);
}
