import type { EventProperties } from '../../core/events/event.ts';
import { plus, type Instant } from '../../core/time.ts';
import type { SimulatedEventName } from './simulated-events.ts';
import { TIE } from './ties.ts';
import { someTimeNow, type World } from './world.ts';

const USES_SECOND_ACCOUNT = 0.4;

/** No visit lasts longer: two hours. Nobody comes who has less time before going away. */
export const LONGEST_VISIT_SLICES = 12;

/** One person on the site, from signing in to leaving; `at` moves on as they do things. */
export interface Visit {
  readonly person: number;
  /** The account used: the person's own, or the second one of somebody who has two. */
  readonly account: number;
  readonly personId: string;
  at: Instant;
}

export function beginVisit(world: World, person: number): Visit {
  const { people, chance } = world;
  const second = people.partner[person] ?? person;
  const hasSecond =
    people.tie[person] === TIE.first &&
    people.accountAt(second, world.slice + LONGEST_VISIT_SLICES) === second;
  const account = hasSecond && chance.happens(USES_SECOND_ACCOUNT) ? second : person;
  return { person, account, personId: people.idOf(account), at: someTimeNow(world) };
}

/** The visitor does something, then spends some seconds to two minutes on it. */
export function act(world: World, visit: Visit, name: SimulatedEventName, properties: EventProperties): void {
  world.outbox.send(visit.at, visit.personId, name, properties);
  spend(world, visit, 4, 120);
}

export function spend(world: World, visit: Visit, leastSeconds: number, mostSeconds: number): void {
  visit.at = plus(visit.at, world.chance.between(leastSeconds * 1_000, mostSeconds * 1_000));
}
