import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { partitionOf } from '../../core/partition.ts';
import { instant, type Instant } from '../../core/time.ts';
import { TidemarkError } from '../../errors.ts';
import type { MemoryStateStore } from './memory-state-store.ts';
import { type StoreSummary } from './memory-state-store.ts';
import { SnapshotReader } from './snapshot-reader.ts';

const FORMAT = 'tidemark.state';
const FORMAT_VERSION = 2;
const CHUNK_BYTES = 1 << 20;

/** What a state was made with. A state is of use only to the same again. */
export interface SnapshotIdentity {
  readonly policyVersion: string;
  readonly catalogueHash: string;
  readonly partitions: number;
}

/** The first records of a source, to know it again by. */
export interface Beginning {
  readonly records: number;
  readonly digest: number;
}

/**
 * How far runs came that did not live to save their states: their rows may be in the tables, and only the same
 * records again lead to the states that belong to those rows.
 */
export interface Underway {
  /** Where their time had come to. */
  readonly clock: Instant;
  /** What their rows may rest on, by source. */
  readonly beginnings: Readonly<Record<string, Beginning>>;
  /** What scored people in them: versions in the order in which they were in force; absent where nothing did. */
  readonly scoredBy?: readonly string[];
}

export const NOTHING_UNDERWAY: Underway = { clock: instant(0), beginnings: {} };

/** What lies beside the people. */
export interface SnapshotHeader {
  readonly identity: SnapshotIdentity;
  /** The policy file as it was read, so that the state can be explained without it. */
  readonly policyText: string;
  /** By source: a digest of the records taken in, to know a source again. */
  readonly digests: Readonly<Record<string, number>>;
  readonly underway: Underway;
  readonly summary: StoreSummary;
}

export interface SnapshotPerson {
  readonly personId: string;
  readonly record: Uint8Array;
  readonly dueAt: Instant;
}

type People = Iterable<SnapshotPerson> | AsyncIterable<SnapshotPerson>;

/** A snapshot that is being read: once, and then `people` to its end or `close`. */
export interface Snapshot {
  readonly header: SnapshotHeader;
  people(): AsyncGenerator<SnapshotPerson, void, undefined>;
  close(): void;
}

/**
 * Writes a store to a file: whole or not at all. It grows as `FILE.part` in the same folder, reaches the disk, and
 * then takes the place of the old file at once; a crash before that leaves the old one. The caller holds the folder:
 * two writers at a time spoil each other's part. Memory is one megabyte besides the store. Throws
 * `DATABASE_WRITE`; the old file is then as it was.
 */
export async function saveSnapshot(
  store: MemoryStateStore,
  path: string,
  about: Omit<SnapshotHeader, 'summary'>,
): Promise<void> {
  await writeWhole(path, { ...about, summary: store.summary() }, store.entries());
}

/**
 * Notes in a snapshot that is there what is underway, in the way of {@link saveSnapshot}: everything else stays. It
 * costs a copy of the file. Throws `DATABASE_WRITE`, and what {@link openSnapshot} throws.
 */
export async function markSnapshot(path: string, underway: Underway): Promise<void> {
  const snapshot = await openSnapshot(path);
  if (snapshot === undefined) throw corrupt(path, 'it was removed while it was in use');
  try {
    await writeWhole(path, { ...snapshot.header, underway }, snapshot.people());
  } finally {
    snapshot.close();
  }
}

async function writeWhole(path: string, header: SnapshotHeader, people: People): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w');
    try {
      await writeSnapshot(file, header, people);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw describeWriteFailure(path, cause);
  }
}

/**
 * Reads header and people of a snapshot, in the order they were written, in pages. `undefined` when there is no
 * file. The checksum stands at the end: only after the last page are the people known to be right, and what is
 * wrong is thrown before: `STATE_CORRUPT`.
 */
export async function openSnapshot(path: string): Promise<Snapshot | undefined> {
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const reader = new SnapshotReader(stream, (problem, cause) => corrupt(path, problem, cause));
  let line: string;
  try {
    line = await reader.line();
  } catch (cause) {
    stream.destroy();
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw readFailure(path, cause);
  }
  const header = parseHeader(path, line);
  return {
    header,
    close: () => void stream.destroy(),
    async *people() {
      try {
        for (let count = 0; ; count++) {
          const person = await reader.person();
          if (person !== undefined) {
            yield person;
            continue;
          }
          await reader.end(count);
          return;
        }
      } catch (cause) {
        throw readFailure(path, cause);
      } finally {
        stream.destroy();
      }
    },
  };
}

/**
 * Fills a store that is still empty from a snapshot, and gives the header; `undefined` when there is no snapshot. Throws
 * `DATABASE_OTHER_ORIGIN` when it was made with something else than `identity`, `STATE_CORRUPT` when it is not whole;
 * the store must then not be used.
 */
export async function loadSnapshot(
  store: MemoryStateStore,
  path: string,
  identity: SnapshotIdentity,
): Promise<SnapshotHeader | undefined> {
  const snapshot = await openSnapshot(path);
  if (snapshot === undefined) return undefined;
  const { header } = snapshot;
  refuseOtherOrigin(path, header.identity, identity);
  store.restore(header.summary);
  for await (const { personId, record, dueAt } of snapshot.people()) {
    store.restorePerson(partitionOf(personId, identity.partitions), personId, record, dueAt);
  }
  return header;
}

/** Throws `DATABASE_OTHER_ORIGIN`, saying what differs, unless both are the same. */
export function refuseOtherOrigin(path: string, stored: SnapshotIdentity, wanted: SnapshotIdentity): void {
  const differences = [
    stored.policyVersion === wanted.policyVersion
      ? ''
      : `the policy ${stored.policyVersion}, and not ${wanted.policyVersion}`,
    stored.catalogueHash === wanted.catalogueHash
      ? ''
      : `another catalogue of features (${stored.catalogueHash}, and not ${wanted.catalogueHash})`,
    stored.partitions === wanted.partitions
      ? ''
      : `${stored.partitions} ${stored.partitions === 1 ? 'partition' : 'partitions'}, and not ${wanted.partitions}`,
  ].filter((difference) => difference !== '');
  if (differences.length === 0) return;
  throw new TidemarkError(
    'DATABASE_OTHER_ORIGIN',
    `${dirname(path)} was built with ${differences.join('; with ')}`,
    'name a new folder and replay the history into it, or run with what the folder was built with',
  );
}

async function writeSnapshot(file: FileHandle, header: SnapshotHeader, people: People): Promise<void> {
  const hash = createHash('sha256');
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const whole = Buffer.concat(chunks);
    hash.update(whole);
    // Not writev: on a disk that fills up it writes a part and says so only in its result.
    await file.writeFile(whole);
    chunks = [];
    bytes = 0;
  };
  const add = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    bytes += chunk.length;
  };
  const { summary, ...about } = header;
  add(Buffer.from(`${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, ...about, summary })}\n`));
  let count = 0;
  for await (const { personId, record, dueAt } of people) {
    add(frameOf(personId, record, dueAt));
    count += 1;
    if (bytes >= CHUNK_BYTES) await flush();
  }
  const end = Buffer.alloc(12);
  end.writeDoubleLE(count, 4);
  add(end);
  await flush();
  await file.writeFile(hash.digest());
}

/** Length of what follows, due, length of the id, id, record. */
function frameOf(personId: string, record: Uint8Array, dueAt: Instant): Buffer {
  const id = Buffer.from(personId);
  const frame = Buffer.allocUnsafe(14 + id.length + record.length);
  frame.writeUInt32LE(frame.length - 4, 0);
  frame.writeDoubleLE(dueAt, 4);
  frame.writeUInt16LE(id.length, 12);
  frame.set(id, 14);
  frame.set(record, 14 + id.length);
  return frame;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parseHeader(path: string, line: string): SnapshotHeader {
  let parsed: SnapshotHeader & { readonly format?: string; readonly version?: number };
  try {
    parsed = JSON.parse(line) as typeof parsed;
  } catch (cause) {
    throw corrupt(path, 'its first line is not a header', cause);
  }
  if (parsed.format !== FORMAT) throw corrupt(path, 'it is no state of Tidemark');
  if (parsed.version !== FORMAT_VERSION) {
    throw new TidemarkError(
      'DATABASE_OTHER_ORIGIN',
      `${path} is of format ${parsed.version ?? 'unknown'}, and this version reads format ${FORMAT_VERSION}`,
      'use the version that wrote it, or replay the history into a new folder',
    );
  }
  const { identity, policyText, digests, underway, summary } = parsed;
  return { identity, policyText, digests, underway, summary: revived(summary) };
}

/** JSON has no NaN: a mean over nobody comes back as null. */
function revived(summary: StoreSummary): StoreSummary {
  const { inputs } = summary;
  if (inputs === undefined) return summary;
  const mean = inputs.meanOrderMinor as number | null;
  return { ...summary, inputs: { ...inputs, since: instant(inputs.since), meanOrderMinor: mean ?? NaN } };
}

function corrupt(path: string, problem: string, cause?: unknown): TidemarkError {
  return new TidemarkError(
    'STATE_CORRUPT',
    `${path} is damaged: ${problem}`,
    'replay the history into a new folder, or put this file back from a backup of the folder',
    cause,
  );
}

function readFailure(path: string, cause: unknown): unknown {
  if (cause instanceof TidemarkError || (cause as NodeJS.ErrnoException).syscall === undefined) return cause;
  const reason = (cause as Error).message;
  return new TidemarkError(
    'DATABASE_UNAVAILABLE',
    `${path} cannot be read: ${reason}`,
    'have the permissions of the file and its folder changed, and run again',
    cause,
  );
}

function describeWriteFailure(path: string, cause: unknown): unknown {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  if (syscall === undefined) return cause;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new TidemarkError(
    'DATABASE_WRITE',
    full ? `the disk of ${path} is full` : `${path} cannot be written (${code ?? 'unknown error'})`,
    full
      ? 'free some space on that disk and run the same command again: nothing is lost, and nothing counts twice'
      : 'see that you may write to that folder and run the same command again: nothing is lost',
    cause,
  );
}
