import { nearestNames } from '../adapters/policy/nearest-names.ts';
import type { SnapshotPerson } from '../adapters/memory/state-snapshot.ts';
import type { Person } from '../core/person.ts';
import { TidemarkError } from '../errors.ts';
import { decodePerson } from '../runtime/decode-person.ts';

/** Ids looked at for a likeness: more would make a wrong id slow. */
const MOST_CANDIDATES = 1_000;

/**
 * Finds one person in a snapshot, reading all of it, so that a damaged one is noticed. Throws `PERSON_UNKNOWN` with
 * the ids that come near, `STATE_CORRUPT`. With `isUnfinished`, the unknown may merely not be stored yet.
 */
export async function findPerson(
  people: AsyncIterable<SnapshotPerson>,
  personId: string,
  db: string,
  isUnfinished = false,
): Promise<Person> {
  let record: Uint8Array | undefined;
  const alike: string[] = [];
  const near: string[] = [];
  let isEmpty = true;
  for await (const person of people) {
    isEmpty = false;
    if (person.personId === personId) record = person.record;
    else if (record === undefined) noteNear(person.personId, personId, alike, near);
  }
  if (record === undefined) {
    const ids = [...new Set([...alike, ...nearestNames(personId, near)])].slice(0, 3);
    throw new TidemarkError(
      'PERSON_UNKNOWN',
      isEmpty
        ? `there is nobody in ${db} yet`
        : `nobody in ${db} is called ${JSON.stringify(personId)}${isUnfinished ? ' so far' : ''}`,
      isEmpty
        ? 'wait for the replay that is at work on it, or run one that takes somebody in'
        : isUnfinished
          ? 'a replay into it is at work or was stopped: wait for it, or run it again, and ask then'
          : ids.length > 0
            ? `check the id; near it ${ids.length === 1 ? 'is' : 'are'} ${ids.join(', ')}`
            : `check the id; query --db ${db} "SELECT person_id FROM person_profiles LIMIT 10" shows how they look`,
    );
  }
  return decodePerson(personId, record, db);
}

function noteNear(id: string, wanted: string, alike: string[], near: string[]): void {
  if (alike.length < 3 && bare(id) === bare(wanted)) alike.push(id);
  const isCandidate =
    Math.abs(id.length - wanted.length) <= 2 &&
    (id.startsWith(wanted.slice(0, Math.ceil(wanted.length / 2))) ||
      id.endsWith(wanted.slice(Math.floor(wanted.length / 2))));
  if (near.length < MOST_CANDIDATES && isCandidate) near.push(id);
}

/** Without case, leading zeros and spaces. */
function bare(id: string): string {
  return id.trim().toLowerCase().replace(/^0+/, '');
}
