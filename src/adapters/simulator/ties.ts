import { TYPE_CODE } from './person-types.ts';
import type { Population } from './population.ts';
import type { Prng } from './prng.ts';
import { SLICES_PER_DAY } from './slices.ts';

/** What binds an account to its partner, as the stored code. */
export const TIE = {
  none: 0,
  /** One of a ring of two or three who trade with each other to look busy. */
  wash: 1,
  /** An honest collector who trusts one dealer: by the numbers much like a ring. */
  loyal: 2,
  /** The dealer whom a loyal collector buys from. */
  trusted: 3,
  /** The first account of somebody who has two. */
  first: 4,
  /** The second one, which is merged into the first during the run. */
  second: 5,
} as const;

const RINGS_PER_PERSON = 0.0018;
const LOYAL_PER_PERSON = 0.002;
const DOUBLES_PER_PERSON = 0.002;
const FEWEST_FOR_TIES = 40;

/**
 * Chooses who is tied to whom, at random over the whole population, so that no two neighbouring numbers are
 * more likely a pair than any others. Below 40 people there are no ties; above, at least one of each kind.
 */
export function tieAccounts(people: Population, chance: Prng): void {
  if (people.size < FEWEST_FOR_TIES) return;
  for (let ring = countOf(people, RINGS_PER_PERSON); ring > 0; ring--) tieRing(people, chance);
  for (let pair = countOf(people, LOYAL_PER_PERSON); pair > 0; pair--) tieLoyalCollector(people, chance);
  for (let pair = countOf(people, DOUBLES_PER_PERSON); pair > 0; pair--) tieSecondAccount(people, chance);
}

function tieRing(people: Population, chance: Prng): void {
  const ring = Array.from({ length: chance.between(2, 4) }, () => takeFree(people, chance, TIE.wash));
  ring.forEach((member, i) => {
    people.partner[member] = ring[(i + 1) % ring.length] ?? member;
    people.typeCode[member] = chance.happens(0.4) ? TYPE_CODE.dealer : TYPE_CODE.consignor;
    settle(people, member, 1.5);
  });
}

function tieLoyalCollector(people: Population, chance: Prng): void {
  const collector = takeFree(people, chance, TIE.loyal);
  const dealer = takeFree(people, chance, TIE.trusted);
  people.partner[collector] = dealer;
  people.partner[dealer] = collector;
  people.typeCode[collector] = TYPE_CODE.collector;
  people.typeCode[dealer] = TYPE_CODE.dealer;
  settle(people, collector, 1.8);
  settle(people, dealer, 1.5);
}

function tieSecondAccount(people: Population, chance: Prng): void {
  const first = takeFree(people, chance, TIE.first);
  const second = takeFree(people, chance, TIE.second);
  people.partner[first] = second;
  people.partner[second] = first;
  people.typeCode[second] = people.typeCode[first] ?? 0;
  settle(people, first, 1);
  settle(people, second, 1);
  const earliest = Math.floor(people.slices / 5);
  people.leavesAt[second] = chance.between(earliest, Math.max(earliest + 1, people.slices - SLICES_PER_DAY));
}

/** There from the start, and lively enough for the pattern to show. */
function settle(people: Population, person: number, leastActivity: number): void {
  people.joinsAt[person] = 0;
  people.activity[person] = Math.max(leastActivity, Math.min(people.activity[person] ?? 0, 6));
}

function takeFree(people: Population, chance: Prng, tie: number): number {
  for (;;) {
    const person = chance.below(people.size);
    if (people.tie[person] === TIE.none) {
      people.tie[person] = tie;
      return person;
    }
  }
}

function countOf(people: Population, perPerson: number): number {
  return Math.max(1, Math.round(people.size * perPerson));
}
