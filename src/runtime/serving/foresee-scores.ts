import type { PersonWindows } from '../../core/features/person-windows.ts';
import type { Period } from '../../core/person.ts';
import { foresee } from '../../core/scoring/models.ts';
import type { Instant } from '../../core/time.ts';
import { loaded, type Resident } from '../person-cache.ts';

/**
 * Works out the scores these people will need up to `until`, with one question to the model. Changes nothing that can be
 * seen: whoever is left out is asked about alone, which gives the same answer at a higher price.
 */
export function foreseeScores(
  residents: readonly Resident[],
  until: Instant,
  { models, environment }: Period,
): void {
  if (models === undefined) return;
  const people = new Set<PersonWindows>();
  for (const resident of residents) {
    const { windows } = loaded(resident);
    const { scores } = windows;
    if (scores !== undefined && scores.nextAt <= until && scores.ahead === undefined) people.add(windows);
  }
  if (people.size > 0) foresee([...people], until, models, environment);
}
