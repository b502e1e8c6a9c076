import type { ByteWriter } from '../core/bytes.ts';
import { isMergedRecord, writePerson } from '../core/person-codec.ts';
import { dueOf, type Person } from '../core/person.ts';
import { NEVER, type Instant } from '../core/time.ts';
import type { PersonChange } from '../ports/state-store.ts';
import { decodePerson } from './decode-person.ts';

/** A person in memory, decoded or as a record, with what the runtime notes about them. */
export interface Resident {
  readonly personId: string;
  readonly partition: number;
  /** Undefined until decoded, and when packed. */
  person: Person | undefined;
  /** The store's or, packed, what is to become the store's; undefined while decoded, and of whom nothing is known. */
  record: Uint8Array | undefined;
  /** Of a record that was packed. */
  dueAt: Instant;
  /** The store was asked. */
  isRead: boolean;
  /** Number of the last turn that changed them (−1: none did), and the place in it of the first step that did. */
  turn: number;
  firstPlace: number;
  /** Places in the turn of the steps that concern them, ascending; those before `next` are applied. */
  steps: number[];
  next: number;
}

export function newResident(personId: string, partition: number): Resident {
  return {
    personId,
    partition,
    person: undefined,
    record: undefined,
    dueAt: NEVER,
    isRead: false,
    turn: -1,
    firstPlace: Infinity,
    steps: [],
    next: 0,
  };
}

export function loaded({ personId, person }: Resident): Person {
  if (person === undefined) throw new Error(`person ${personId} was not loaded`);
  return person;
}

/** The person, decoded now unless that was done; the store must have been asked. */
export function decoded(resident: Resident): Person {
  const { personId, partition, record } = resident;
  if (resident.person !== undefined) return resident.person;
  if (!resident.isRead) throw new Error(`person ${personId} was not read`);
  resident.person = decodePerson(personId, record, `partition ${partition}`);
  resident.record = undefined;
  return resident.person;
}

/** Lets go of the person for the record, which is much smaller and nothing the collector has to walk. */
export function pack(resident: Resident, writer: ByteWriter): void {
  const { person } = resident;
  if (person === undefined) return;
  resident.person = undefined;
  if (!isKnown(person)) return;
  resident.record = writePerson(person, writer);
  resident.dueAt = dueOf(person);
}

/** What the store is to keep of somebody the turn worked on, who is packed; undefined of whom it need not know. */
export function changeOf({ personId, record, dueAt }: Resident): PersonChange | undefined {
  return record === undefined ? undefined : { personId, record, dueAt };
}

/** Without decoding them: it is known of whoever a turn has changed and packed since they were read. */
export function mayBeDue({ person, turn, dueAt }: Resident, until: Instant): boolean {
  return person !== undefined || turn === -1 || dueAt <= until;
}

/** Whoever was merged into somebody else passes on to them whatever still comes. */
export function isMerged({ person, record }: Resident): boolean {
  if (person !== undefined) return person.windows.mergedInto !== '';
  return record !== undefined && isMergedRecord(record);
}

/** Whose only facts were too late is nobody yet. */
function isKnown({ windows, tags }: Person): boolean {
  return windows.clock > 0 || tags.length > 0;
}
