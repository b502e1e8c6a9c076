import { readPerson } from '../core/person-codec.ts';
import { newPerson, type Person } from '../core/person.ts';
import { TidemarkError } from '../errors.ts';

/** Somebody's record as a person; without a record a new one. Throws `STATE_CORRUPT` for bytes that are no record. */
export function decodePerson(personId: string, record: Uint8Array | undefined): Person {
  if (record === undefined) return newPerson();
  try {
    return readPerson(record);
  } catch (cause) {
    throw new TidemarkError(
      'STATE_CORRUPT',
      `the record of person ${personId} cannot be decoded`,
      'restore the state from a backup, or replay the history into a new folder',
      cause,
    );
  }
}
