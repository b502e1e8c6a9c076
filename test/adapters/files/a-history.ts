import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rejection, TrackedEvent } from '../../../src/core/events/event.ts';
import { isoOf } from '../../../src/core/time.ts';
import type { TidemarkError } from '../../../src/errors.ts';
import { openHistory, type History, type HistoryOptions } from '../../../src/adapters/files/open-history.ts';
import { decodeSegment } from '../../../src/adapters/segment/decode-segment.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export type HistoryChoice = Partial<HistoryOptions> & { readonly format: string };

/** Writes files into a folder of the test's own and gives its path. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(temporaryFolder(), 'history');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Writes one file and gives its path. */
export function fileOf(name: string, content: string | Buffer): string {
  return join(folderOf({ [name]: content }), name);
}

export function open(path: string, choice: HistoryChoice): Promise<History> {
  return openHistory({ decodeSegment, path, ...choice });
}

export async function recordsOf(history: History, from = 0): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  const [source = ''] = history.sources;
  for await (const block of history.read({ [source]: from })) records.push(...block);
  return records;
}

/** Everything a path holds, in order. */
export async function readAll(path: string, choice: HistoryChoice): Promise<SourceRecord[]> {
  return recordsOf(await open(path, choice));
}

export function eventsOf(records: readonly SourceRecord[]): TrackedEvent[] {
  return records.flatMap(({ event }) => (event.ok ? [event.value] : []));
}

export function rejectionsOf(records: readonly SourceRecord[]): (Rejection & { place: string })[] {
  return records.flatMap(({ event, place }) => (event.ok ? [] : [{ ...event.error, place }]));
}

export function rowsOf(records: readonly SourceRecord[]): number {
  return records.reduce((sum, { rows }) => sum + rows, 0);
}

/** One line per record, for tests that say what a file comes to: time, rows, person, what happened. */
export function linesOf(records: readonly SourceRecord[]): string[] {
  return records.map(({ receivedAt, rows, place, event }) => {
    const row = place.slice(place.lastIndexOf(':') + 1);
    const told = event.ok
      ? `${event.value.personId} ${event.value.name} ${JSON.stringify(event.value.properties)}`
      : event.error.reason;
    return `${isoOf(receivedAt)} row ${row} of ${rows}: ${told}`;
  });
}

/** The error that opening or reading throws, as a person sees it. */
export async function failureOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { code, message, mend } = error as TidemarkError;
  return { code, text: `${message} → ${mend}` };
}
