import { createHash } from 'node:crypto';
import { deterministicId } from '../core/ids.ts';
import { readPerson } from '../core/person-codec.ts';
import type { Period, Person } from '../core/person.ts';
import { foresee, type Outlook } from '../core/scoring/models.ts';
import { NO_TAG } from '../core/tagging/policy.ts';
import { plus, type Instant } from '../core/time.ts';
import type { AnalyticsWriter, ChurnScoreRow, CurrentTagRow, PersonProfileRow } from '../ports/analytics.ts';
import type { StateStore } from '../ports/state-store.ts';
import { currentTagRows, profileRows } from './analytics-rows.ts';
import { UNSCORED, churnScoreRows, currentScores } from './serving/current-scores.ts';
import { MOSTLY_AHEAD_MS } from './serving/foresee-scores.ts';
import type { StreamProcessor } from './stream-processor.ts';

/** How many people hold each tag, by dimension. */
export type TagCounts = Record<string, Record<string, number>>;

export interface EveryoneRequest {
  readonly store: StateStore;
  readonly analytics: AnalyticsWriter;
  /** Whose claims, period and models hold. */
  readonly processor: Pick<StreamProcessor, 'currentClaims' | 'currentPeriod' | 'currentScorer'>;
  readonly asOf: Instant;
  readonly batchPeople: number;
  /** False for a run that goes on later: scores of an instant at which it happened to stop are of no use. */
  readonly keepScores: boolean;
}

/**
 * Writes everyone as of an instant: one profile, one churn score for who has one, and one row per dimension they ever
 * held a tag of. An id that was merged gets rows, too: they take its earlier ones out of sight. Time must have passed
 * up to the instant for all of them. The same state at the same instant gives the same rows and tokens.
 */
export async function writeEveryone({
  store,
  analytics,
  processor,
  asOf,
  batchPeople,
  keepScores,
}: EveryoneRequest): Promise<{ readonly people: number; readonly tags: TagCounts }> {
  const { currentPeriod: period, currentScorer: scorer } = processor;
  const { policy } = period.rulebook;
  const profileOf = profileRows(period);
  const tags: TagCounts = Object.fromEntries(policy.dimensions.map(({ name }) => [name, {}]));
  let people = 0;
  let digests: string[] = [];
  let profiles: PersonProfileRow[] = [];
  let current: CurrentTagRow[] = [];
  let scores: ChurnScoreRow[] = [];
  const flush = async (): Promise<void> => {
    if (profiles.length === 0) return;
    const version = [policy.version, period.population.version, scorer?.version ?? ''];
    const token = deterministicId(...version, asOf, ...digests);
    await analytics.write(token, { person_profiles: profiles, current_tags: current, churn_scores: scores });
    digests = [];
    profiles = [];
    current = [];
    scores = [];
  };
  for (const claim of processor.currentClaims) {
    for await (const page of store.people(claim)) {
      digests.push(digestOf(page));
      const everyone = page.map(({ personId, record }) => ({ personId, person: readPerson(record) }));
      const persons = everyone.map(({ person }) => person);
      const scored = currentScores(persons, asOf, scorer, period.environment);
      if (period.models !== undefined)
        foresee(withScoredTags(persons, period, asOf), period.models, period.environment);
      everyone.forEach(({ personId, person }, i) => {
        const rows = currentTagRows(personId, person, asOf, period);
        current.push(...rows);
        profiles.push(profileOf(personId, person, asOf, scored[i] ?? UNSCORED));
        if (person.windows.mergedInto !== '') return;
        people += 1;
        for (const { dimension, tag } of rows) {
          const counts = tags[dimension];
          if (counts !== undefined && tag !== NO_TAG) counts[tag] = (counts[tag] ?? 0) + 1;
        }
      });
      if (scorer !== undefined && keepScores)
        scores.push(
          ...churnScoreRows(
            everyone.map(({ personId, person }, i) => ({ personId, person, scores: scored[i] ?? UNSCORED })),
            asOf,
            scorer,
          ),
        );
      if (profiles.length >= batchPeople) await flush();
    }
  }
  await flush();
  return { people, tags };
}

/** Whose next change depends on scores to come: these are asked for together, what lies further ahead one by one. */
function withScoredTags(people: readonly Person[], { rulebook }: Period, asOf: Instant): Outlook[] {
  const until = plus(asOf, MOSTLY_AHEAD_MS);
  return people.flatMap(({ windows, tags }) =>
    tags.some(({ tag }, i) => tag !== -1 && rulebook.readsScores[i] === true) ? [{ windows, until }] : [],
  );
}

/** The rows of a page are a function of its records, and these are at hand in bytes. */
function digestOf(page: readonly { readonly personId: string; readonly record: Uint8Array }[]): string {
  const shape = JSON.stringify(page.map(({ personId, record }) => [personId, record.length]));
  return createHash('sha256')
    .update(shape)
    .update(Buffer.concat(page.map(({ record }) => record)))
    .digest('hex');
}
