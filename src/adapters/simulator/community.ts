import { HABIT } from './population.ts';
import { localDayOf } from './rhythm.ts';
import { act, type Visit } from './visit.ts';
import type { World } from './world.ts';

const CHECKS_IN = 0.85;
const POSTS = { sociable: 0.35, other: 0.01 };
const ATTENDS = { collector: 0.05, sociable: 0.08, other: 0.003 };

/** What members do beside trading: the daily check-in, posts, and member events at the weekend. */
export function takePart(world: World, visit: Visit): void {
  const { chance, people, rhythm, lastSeenDay } = world;
  const sociable = people.has(visit.person, HABIT.sociable);
  const today = localDayOf(visit.at);
  const firstToday = lastSeenDay[visit.person] !== today;
  lastSeenDay[visit.person] = today;
  if (firstToday && people.has(visit.person, HABIT.checksIn) && chance.happens(CHECKS_IN)) {
    act(world, visit, 'Checked In', {});
  }
  if (chance.happens(sociable ? POSTS.sociable : POSTS.other)) act(world, visit, 'Community Posted', {});
  if (!rhythm.weekend || !firstToday) return;
  const collects = people.traits(visit.person).type === 'collector';
  if (chance.happens(sociable ? ATTENDS.sociable : collects ? ATTENDS.collector : ATTENDS.other)) {
    act(world, visit, 'Member Event Attended', {});
  }
}
