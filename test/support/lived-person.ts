import type { AddressedFact, Fact } from '../../src/core/events/fact.ts';
import { readPerson, writePerson } from '../../src/core/person-codec.ts';
import {
  expectNoMore,
  newPerson,
  passTime,
  periodOf as newPeriod,
  reconsider,
  takeFact,
  type Period,
  type Person,
  type PersonOutput,
} from '../../src/core/person.ts';
import type { Models } from '../../src/core/scoring/models.ts';
import {
  NO_POPULATION,
  type Contribution,
  type PopulationInputs,
} from '../../src/core/scoring/population.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import type { Transition } from '../../src/core/tagging/transition.ts';
import { NEVER, type Instant } from '../../src/core/time.ts';
import type { Trigger } from '../../src/core/triggers/trigger.ts';
import type { Arrival } from './arbitraries.ts';

export function periodOf(
  policy: Policy,
  population: PopulationInputs = NO_POPULATION,
  nextReviewAt: Instant = NEVER,
  models?: Models,
): Period {
  return newPeriod(rulebookOf(policy), population, models, nextReviewAt);
}

/** One person outside any pipeline, and all they gave to the world. */
export class LivedPerson {
  readonly id: string;
  readonly transitions: Transition[] = [];
  readonly triggers: Trigger[] = [];
  readonly sent: AddressedFact[] = [];
  person: Person;
  counted: Contribution | undefined;
  private readonly output: PersonOutput = {
    transition: (one) => void this.transitions.push(one),
    trigger: (one) => void this.triggers.push(one),
    send: (one) => void this.sent.push(one),
    contribution: (_before, after) => void (this.counted = after),
    price: () => undefined,
  };

  constructor(id: string, person: Person = newPerson()) {
    this.id = id;
    this.person = person;
    this.counted = person.contribution;
  }

  take(fact: Fact, receivedAt: Instant, period: Period): this {
    takeFact(this.id, this.person, fact, receivedAt, `fact-${fact.key}`, period, this.output);
    return this;
  }

  takeAll(arrivals: readonly Arrival[], period: Period): this {
    for (const { fact, receivedAt } of arrivals) this.take(fact, receivedAt, period);
    return this;
  }

  pass(until: Instant, period: Period): this {
    passTime(this.id, this.person, until, period, this.output);
    return this;
  }

  /** A turn ends here: nothing more is known of them for now. */
  rest(period: Period): this {
    expectNoMore(this.person, period);
    return this;
  }

  /** Looks at everything, due or not. */
  look(now: Instant, period: Period): this {
    reconsider(this.id, this.person, now, { cause: 'policy', ref: 'look' }, period, this.output);
    return this;
  }

  /** The same person with nothing said so far, through the codec. */
  copy(): LivedPerson {
    return new LivedPerson(this.id, readPerson(writePerson(this.person)));
  }
}
