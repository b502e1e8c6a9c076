import { createHash } from 'node:crypto';
import { readPerson } from '../core/person-codec.ts';
import { newPerson, type Person } from '../core/person.ts';
import { TidemarkError } from '../errors.ts';

/**
 * Somebody's record as a person; without a record a new one. Throws `STATE_CORRUPT` for bytes that are no record: it
 * tells `where` they lie and the digest of the id, since ids are personal.
 */
export function decodePerson(personId: string, record: Uint8Array | undefined, where: string): Person {
  if (record === undefined) return newPerson();
  try {
    return readPerson(record);
  } catch (cause) {
    const digest = createHash('sha1').update(personId).digest('hex');
    throw new TidemarkError(
      'STATE_CORRUPT',
      `a record in ${where} cannot be decoded: the one of the person whose id has the SHA-1 ${digest}`,
      'restore the state from a backup, or replay the history into a new one; ' +
        'schemas/redis/KEYS.md says how to find the record in Redis',
      cause,
    );
  }
}
