import type { PersonWindows } from '../../core/features/person-windows.ts';
import type { Period } from '../../core/person.ts';
import { foresee, type Outlook } from '../../core/scoring/models.ts';
import { DAY_MS, plus, type Instant } from '../../core/time.ts';
import { loaded, type Resident } from '../resident.ts';

/** How far tags mostly look ahead: the silence after which the default pack warns, and the longest of its graces. */
export const MOSTLY_AHEAD_MS = 150 * DAY_MS;

/**
 * Works out the scores these people will need up to `until`, with one question to the model; of who has ordered and has
 * no risk yet also those that say how long their first tags will hold. Changes nothing that can be seen: whoever is left
 * out is asked about alone, which gives the same answer at several times the price.
 */
export function foreseeScores(
  residents: readonly Resident[],
  until: Instant,
  { models, environment }: Period,
): void {
  if (models === undefined) return;
  const outlooks = new Map<PersonWindows, Outlook>();
  for (const resident of residents) {
    const { windows } = loaded(resident);
    const { scores, orders } = windows;
    if (scores === undefined || scores.nextAt > until || scores.ahead !== undefined) continue;
    const isNewcomer = Number.isNaN(scores.churn90) && (orders?.totalCount ?? 0) > 0;
    outlooks.set(windows, { windows, until: isNewcomer ? plus(until, MOSTLY_AHEAD_MS) : until });
  }
  if (outlooks.size > 0) foresee([...outlooks.values()], models, environment);
}
