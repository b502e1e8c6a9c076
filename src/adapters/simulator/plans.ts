import type { Population } from './population.ts';
import type { Prng } from './prng.ts';
import { NO_SLICE, SLICES_PER_DAY } from './slices.ts';
import { TIE } from './ties.ts';

/** Why somebody leaves, as planted; `sudden` gives no sign beforehand. The index is the stored code. */
export const LEAVE_REASONS = [
  'none',
  'falling_visits',
  'slow_after_sales',
  'unsold_listings',
  'sudden',
] as const;
export type LeaveReason = (typeof LEAVE_REASONS)[number];
export const LEAVE_CODE = Object.fromEntries(LEAVE_REASONS.map((reason, code) => [reason, code])) as Readonly<
  Record<LeaveReason, number>
>;

const JOINING_PER_DAY = 0.003;
const MOST_JOINING = 0.5;
const LEAVING_PER_DAY = 0.0028;
const MOST_LEAVING = 0.5;
const SHORTEST_STAY_SLICES = 21 * SLICES_PER_DAY;
const PAUSING = 0.12;
const SHORTEST_PAUSE_DAYS = 95;
const LONGEST_PAUSE_DAYS = 200;

/** Reasons by what somebody mostly does; the shares of a row add up to 1. */
const SELLER_REASONS: readonly (readonly [LeaveReason, number])[] = [
  ['unsold_listings', 0.6],
  ['falling_visits', 0.28],
  ['sudden', 0.12],
];
const FREQUENT_BUYER_REASONS: readonly (readonly [LeaveReason, number])[] = [
  ['slow_after_sales', 0.5],
  ['falling_visits', 0.36],
  ['sudden', 0.14],
];
const OTHER_REASONS: readonly (readonly [LeaveReason, number])[] = [
  ['falling_visits', 0.82],
  ['sudden', 0.18],
];
/** Bad after-sales can only drive away who buys: this many wishes to buy in the eight weeks before. */
const FREQUENT_BUYER_WISHES = 2;

/** Who joins during the run, and when: evenly spread, the rest were there before. */
export function planComings(people: Population, chance: Prng): void {
  const share = Math.min(MOST_JOINING, people.options.days * JOINING_PER_DAY);
  for (let person = 0; person < people.size; person++) {
    if (chance.happens(share)) people.joinsAt[person] = chance.between(1, people.slices);
  }
}

/** Who pauses and returns, who leaves for good, when and why. Tied accounts stay. */
export function planDepartures(people: Population, chance: Prng): void {
  const leaving = Math.min(MOST_LEAVING, people.options.days * LEAVING_PER_DAY);
  for (let person = 0; person < people.size; person++) {
    if (people.tie[person] !== TIE.none) continue;
    if (chance.happens(PAUSING)) planPause(people, chance, person);
    if (chance.happens(leaving)) planLeaving(people, chance, person);
  }
}

function planPause(people: Population, chance: Prng, person: number): void {
  const earliest = people.joinsAt[person] ?? 0;
  const latest = Math.min(people.slices, earliest + 365 * SLICES_PER_DAY);
  // A product of two: more of them early, so that a run of a few months sees people come back.
  const early = chance.uniform() * chance.uniform();
  const pausesAt = earliest + SLICES_PER_DAY + Math.floor(early * (latest - earliest));
  people.pausesAt[person] = pausesAt;
  people.returnsAt[person] =
    pausesAt + chance.between(SHORTEST_PAUSE_DAYS * SLICES_PER_DAY, LONGEST_PAUSE_DAYS * SLICES_PER_DAY);
}

function planLeaving(people: Population, chance: Prng, person: number): void {
  const joinsAt = people.joinsAt[person] ?? 0;
  const earliest = joinsAt === 0 ? SLICES_PER_DAY : joinsAt + SHORTEST_STAY_SLICES;
  if (earliest >= people.slices) return;
  const leavesAt = chance.between(earliest, people.slices);
  if (leavesAt > (people.pausesAt[person] ?? NO_SLICE)) {
    // A pause would hide what precedes the leaving.
    people.pausesAt[person] = NO_SLICE;
    people.returnsAt[person] = NO_SLICE;
  }
  people.leavesAt[person] = leavesAt;
  people.leaveCode[person] = LEAVE_CODE[drawReason(people, chance, person)];
}

function drawReason(people: Population, chance: Prng, person: number): LeaveReason {
  const traits = people.traits(person);
  const wishes = people.visitsPerDay(person) * traits.wantsToBuy * 56;
  const reasons =
    traits.type === 'consignor' || traits.type === 'dealer'
      ? SELLER_REASONS
      : wishes >= FREQUENT_BUYER_WISHES
        ? FREQUENT_BUYER_REASONS
        : OTHER_REASONS;
  return reasons[chance.pick(reasons.map(([, share]) => share))]?.[0] ?? 'sudden';
}
