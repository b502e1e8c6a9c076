import { createHash } from 'node:crypto';
import { deterministicId } from '../core/ids.ts';
import { readPerson } from '../core/person-codec.ts';
import type { Period } from '../core/person.ts';
import { NO_TAG } from '../core/tagging/policy.ts';
import type { Instant } from '../core/time.ts';
import type { AnalyticsWriter, CurrentTagRow, PersonProfileRow } from '../ports/analytics.ts';
import type { Claim, StateStore } from '../ports/state-store.ts';
import { currentTagRows, profileRows } from './analytics-rows.ts';

/** How many people hold each tag, by dimension. */
export type TagCounts = Record<string, Record<string, number>>;

/**
 * Writes everyone as of `now`: one profile, and one row per dimension they ever held a tag of. An id that was merged
 * gets rows, too: they take its earlier ones out of sight. Time must have
 * passed up to `now` for all of them. The same state at the same instant gives the same rows and tokens.
 */
export async function writeEveryone(
  store: StateStore,
  claims: readonly Claim[],
  analytics: AnalyticsWriter,
  period: Period,
  now: Instant,
  batchPeople: number,
): Promise<{ readonly people: number; readonly tags: TagCounts }> {
  const profileOf = profileRows(period);
  const tags: TagCounts = Object.fromEntries(period.rulebook.policy.dimensions.map(({ name }) => [name, {}]));
  let people = 0;
  let digests: string[] = [];
  let profiles: PersonProfileRow[] = [];
  let current: CurrentTagRow[] = [];
  const flush = async (): Promise<void> => {
    if (profiles.length === 0) return;
    const token = deterministicId(period.rulebook.policy.version, period.population.version, now, ...digests);
    await analytics.write(token, { person_profiles: profiles, current_tags: current });
    digests = [];
    profiles = [];
    current = [];
  };
  for (const claim of claims) {
    for await (const page of store.people(claim)) {
      digests.push(digestOf(page));
      for (const { personId, record } of page) {
        const person = readPerson(record);
        const rows = currentTagRows(personId, person, now, period);
        current.push(...rows);
        profiles.push(profileOf(personId, person, now));
        if (person.windows.mergedInto !== '') continue;
        people += 1;
        for (const { dimension, tag } of rows) {
          const counts = tags[dimension];
          if (counts !== undefined && tag !== NO_TAG) counts[tag] = (counts[tag] ?? 0) + 1;
        }
      }
      if (profiles.length >= batchPeople) await flush();
    }
  }
  await flush();
  return { people, tags };
}

/** The rows of a page are a function of its records, and these are at hand in bytes. */
function digestOf(page: readonly { readonly personId: string; readonly record: Uint8Array }[]): string {
  const shape = JSON.stringify(page.map(({ personId, record }) => [personId, record.length]));
  return createHash('sha256')
    .update(shape)
    .update(Buffer.concat(page.map(({ record }) => record)))
    .digest('hex');
}
