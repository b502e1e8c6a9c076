import type { Column, Snapshot } from '../../src/core/scoring/drift/drift-reference.ts';
import { seededRandom, type SeededRandom } from '../../src/core/seeded-random.ts';
import { DAY_MS, instant } from '../../src/core/time.ts';

/** A buyer who joins, orders for a while and stops: every number of theirs depends on how long they have been here. */
export interface AgeingPerson {
  readonly joinedDay: number;
  readonly orderDays: readonly number[];
  /** Log of what an order is worth. */
  readonly level: number;
  /** Draws of their own for what happens in the window before a snapshot. */
  readonly seed: number;
}

const LAST_DAY = 1200;
/** Two years in: by then everybody has joined, unless told otherwise. */
export const FIRST_SNAPSHOT_DAY = 730;

/** People who joined at any time of the first days, with their orders up to day 1,200. Equal seeds, equal people. */
export function ageingPeople(seed: number, count: number, joiningDays = FIRST_SNAPSHOT_DAY): AgeingPerson[] {
  const random = seededRandom(seed, 'ageing people');
  return Array.from({ length: count }, () => {
    const joinedDay = random.below(joiningDays);
    const leavesDay = joinedDay + exponential(random, 250);
    const gap = 25 * Math.exp(0.8 * normal(random));
    const orderDays = [joinedDay];
    for (let day = joinedDay; day < Math.min(LAST_DAY, leavesDay);) {
      day += exponential(random, gap);
      if (day < Math.min(LAST_DAY, leavesDay)) orderDays.push(day);
    }
    return { joinedDay, orderDays, level: normal(random), seed: random.word() };
  });
}

/** The people as they are at the end of a day. `shift`: standard deviations by which everybody's value level has moved. */
export function snapshotOf(people: readonly AgeingPerson[], day: number, shift = 0): Snapshot {
  const sights = people.map((person) => lookAt(person, day, shift));
  const numbers = (kind: 'feature' | 'score', name: keyof Omit<Sight, 'tag'>): Column => ({
    kind,
    name,
    values: Float64Array.from(sights, (sight) => sight[name]),
  });
  return {
    at: instant(day * DAY_MS),
    tenureDays: people.map(({ joinedDay }) => day - joinedDay),
    columns: [
      numbers('feature', 'days_since_order'),
      numbers('feature', 'orders_total'),
      numbers('feature', 'orders_90d'),
      numbers('feature', 'mean_gap_days'),
      numbers('feature', 'value_level'),
      numbers('feature', 'views_30d'),
      numbers('score', 'churn_90d'),
      { kind: 'segment', name: 'buyer_class', tags: sights.map(({ tag }) => tag) },
    ],
  };
}

interface Sight {
  readonly days_since_order: number;
  readonly orders_total: number;
  readonly orders_90d: number;
  readonly mean_gap_days: number;
  readonly value_level: number;
  readonly views_30d: number;
  readonly churn_90d: number;
  readonly tag: string;
}

function lookAt(person: AgeingPerson, day: number, shift: number): Sight {
  const orders = person.orderDays.filter((orderDay) => orderDay <= day);
  const last = orders.at(-1) ?? NaN;
  const recency = day - last;
  const random = seededRandom(person.seed, `day ${day}`);
  const wanted = 1 + 8 * Math.exp((person.joinedDay - day) / 100);
  let views = 0;
  while (random.uniform() < wanted / (wanted + 1)) views++;
  return {
    days_since_order: recency,
    orders_total: orders.length,
    orders_90d: orders.filter((orderDay) => orderDay > day - 90).length,
    mean_gap_days: orders.length > 1 ? (last - person.joinedDay) / (orders.length - 1) : NaN,
    value_level: person.level + shift,
    views_30d: views,
    churn_90d: 1 / (1 + Math.exp(-(Math.log((1 + recency) / 60) - orders.length / 10))),
    tag: recency <= 30 ? 'active' : recency <= 120 ? 'cooling' : 'dormant',
  };
}

/** Standard normal (Box and Muller 1958). */
export function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}

function exponential(random: SeededRandom, mean: number): number {
  return -mean * Math.log(1 - random.uniform());
}
