import { lookAround } from './browsing.ts';
import { perhapsBuy } from './buying.ts';
import { takePart } from './community.ts';
import { PEAK_OVER_MEAN } from './rhythm.ts';
import { perhapsSell } from './selling.ts';
import { SLICES_PER_DAY } from './slices.ts';
import { TIE } from './ties.ts';
import { act, beginVisit, LONGEST_VISIT_SLICES } from './visit.ts';
import { perhapsWashTrade } from './wash-trading.ts';
import { someTimeNow, type World } from './world.ts';

/** Gives everybody their first appointment: those who are to join, that of joining. */
export function expectEverybody(world: World): void {
  const { people, visits } = world;
  for (let account = 0; account < people.size; account++) {
    const joinsAt = people.joinsAt[account] ?? 0;
    if (people.tie[account] === TIE.second) visits.schedule(account, people.leavesAt[account] ?? 0);
    else if (joinsAt > 0) visits.schedule(account, joinsAt);
    else expectAfter(world, account, -1);
  }
}

/**
 * An account's appointment has come. Its person visits or thinks better of it, and is expected again.
 *
 * Visits are a Poisson process of changing rate, made by thinning (Lewis & Shedler 1979): appointments come at
 * the highest rate there can be, and each is kept with the probability that season, week, hour and the
 * person's own vigour leave of it. So a change of any of these shows at once, however rare the visits.
 */
export function comeAlong(world: World, account: number): void {
  const { chance, people, rhythm, slice } = world;
  if (people.tie[account] === TIE.second) {
    mergeAccounts(world, account);
    return;
  }
  const joins = slice > 0 && slice === people.joinsAt[account];
  const returns = slice === people.returnsAt[account];
  if (joins || returns || chance.happens(rhythm.busyness * people.vigour(account, slice))) {
    visitSite(world, account, joins);
  }
  expectAfter(world, account, slice);
}

function visitSite(world: World, person: number, joins: boolean): void {
  const visit = beginVisit(world, person);
  if (joins) act(world, visit, 'Signed Up', {});
  takePart(world, visit);
  lookAround(world, visit);
  perhapsBuy(world, visit);
  perhapsSell(world, visit);
  perhapsWashTrade(world, visit);
}

function expectAfter(world: World, person: number, slice: number): void {
  const { chance, people, visits } = world;
  const slicesApart = SLICES_PER_DAY / (people.visitsPerDay(person) * PEAK_OVER_MEAN);
  const next = slice + Math.max(1, Math.round(slicesApart * chance.exponential()));
  if (!people.isAway(person, next) && !people.isAway(person, next + LONGEST_VISIT_SLICES)) {
    if (next < people.slices) visits.schedule(person, next);
    return;
  }
  const returnsAt = people.returnsAt[person] ?? 0;
  if (returnsAt > slice && returnsAt < people.slices && !people.isAway(person, returnsAt)) {
    visits.schedule(person, returnsAt);
  }
}

/** From now on everything comes under the first id; what was sent under the second belongs to it too. */
function mergeAccounts(world: World, second: number): void {
  const { people } = world;
  const first = people.partner[second] ?? second;
  const properties = { previousId: people.idOf(second) };
  world.outbox.send(someTimeNow(world), people.idOf(first), 'Account Merged', properties);
}
