import { ByteReader, ByteWriter } from './bytes.ts';
import { readWindows, saysMerged, writeWindows } from './features/person-windows.ts';
import type { Person } from './person.ts';
import { NO_STATE, dimensionState, type DimensionState } from './tagging/dimension-state.ts';
import { NEVER, instant, type Instant } from './time.ts';
import type { Firing } from './triggers/trigger.ts';

/** First byte of every record. A reader of version n reads all versions up to n. Since version 2 there are scores. */
export const PERSON_RECORD_VERSION = 2;

/**
 * One packed binary record per person, a view into the writer's buffer. Reading it back gives the same person;
 * reading an unknown version or a truncated record throws `RangeError`.
 */
export function writePerson(person: Person, writer: ByteWriter = new ByteWriter()): Uint8Array {
  const start = writer.mark();
  writer.byte(PERSON_RECORD_VERSION);
  writeWindows(writer, person.windows);
  const base = person.windows.clock;
  writer.unsigned(person.tags.length);
  for (const state of person.tags) writeState(writer, state, base);
  writer.byte(person.contribution === undefined ? 0 : 1);
  if (person.contribution !== undefined) {
    writer.unsigned(person.contribution.length);
    for (const part of person.contribution) writer.signed(part);
    writeInstant(writer, person.contributionDueAt, base);
  }
  writer.unsigned(person.firings.length);
  for (const { rule, firedAt } of person.firings) {
    writer.unsigned(rule);
    writeInstant(writer, firedAt, base);
  }
  return writer.since(start);
}

export function readPerson(record: Uint8Array): Person {
  const reader = new ByteReader(record);
  const version = reader.byte();
  if (version < 1 || version > PERSON_RECORD_VERSION)
    throw new RangeError(`record version ${version}, expected 1 to ${PERSON_RECORD_VERSION}`);
  const windows = readWindows(reader);
  const base = windows.clock;
  const tags: DimensionState[] = [];
  for (let n = reader.unsigned(); n > 0; n--) tags.push(readState(reader, base));
  let contribution: number[] | undefined;
  let contributionDueAt = NEVER;
  if (reader.byte() === 1) {
    contribution = [];
    for (let n = reader.unsigned(); n > 0; n--) contribution.push(reader.signed());
    contributionDueAt = readInstant(reader, base);
  }
  const firings: Firing[] = [];
  for (let n = reader.unsigned(); n > 0; n--)
    firings.push({ rule: reader.unsigned(), firedAt: readInstant(reader, base) });
  return { windows, tags, contribution, contributionDueAt, firings };
}

/** Whether it is the record of somebody who was merged into another, without reading it: so far the same in all versions. */
export function isMergedRecord(record: Uint8Array): boolean {
  return saysMerged(record[1] ?? 0);
}

function writeState(writer: ByteWriter, state: DimensionState, base: Instant): void {
  writer.unsigned(state.tag + 1);
  writer.unsigned(state.transitions);
  writeInstant(writer, state.dueAt, base);
  if (state.transitions === 0) return;
  writeInstant(writer, state.since, base);
  writeInstant(writer, state.failingSince, base);
}

function readState(reader: ByteReader, base: Instant): DimensionState {
  const tag = reader.unsigned() - 1;
  const transitions = reader.unsigned();
  const dueAt = readInstant(reader, base);
  if (transitions === 0) return dimensionState(tag, NO_STATE.since, NEVER, transitions, dueAt);
  const since = readInstant(reader, base);
  return dimensionState(tag, since, readInstant(reader, base), transitions, dueAt);
}

/** 0: never; otherwise the zigzag distance from `base`, plus one. */
function writeInstant(writer: ByteWriter, at: Instant, base: Instant): void {
  if (at === NEVER) {
    writer.unsigned(0);
    return;
  }
  const distance = at - base;
  writer.unsigned(distance < 0 ? -2 * distance : 2 * distance + 1);
}

function readInstant(reader: ByteReader, base: Instant): Instant {
  const code = reader.unsigned();
  if (code === 0) return NEVER;
  return instant(base + (code % 2 === 1 ? (code - 1) / 2 : -code / 2));
}
