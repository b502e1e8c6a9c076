import { join } from 'node:path';
import { openSnapshot, refuseOtherOrigin } from '../adapters/memory/state-snapshot.ts';
import { parsePolicy } from '../adapters/policy/load-policy.ts';
import { CATALOGUE_HASH } from '../core/features/catalogue.ts';
import type { FeatureEnvironment } from '../core/features/feature.ts';
import { readPerson } from '../core/person-codec.ts';
import type { Person } from '../core/person.ts';
import type { TagSizes } from '../core/scoring/drift/size-changes.ts';
import { NO_POPULATION } from '../core/scoring/population.ts';
import type { Policy } from '../core/tagging/policy.ts';
import { environmentOf } from '../core/tagging/rulebook.ts';
import { instant, latest, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import { STATE_FILE } from './embedded-run.ts';

/** A database folder whose people are about to be read. */
export interface FolderState {
  /** What everybody's state speaks of. */
  readonly clock: Instant;
  readonly policy: Policy;
  readonly environment: FeatureEnvironment;
}

/** Gets everybody, one by one; merged ids too. */
export interface Gathering {
  add(personId: string, person: Person): void;
}

export interface FolderPeople extends FolderState {
  /** How many hold each tag. */
  readonly sizes: TagSizes;
}

/**
 * Reads the state of a folder once, everybody into whatever `gather` gives. Throws `INPUT_NOT_FOUND`,
 * `DATABASE_OTHER_ORIGIN`, `STATE_CORRUPT`, and what `gather` throws, before anybody is read.
 */
export async function readFolderPeople(
  db: string,
  gather: (folder: FolderState) => readonly Gathering[],
): Promise<FolderPeople> {
  const path = join(db, STATE_FILE);
  const snapshot = await openSnapshot(path);
  if (snapshot === undefined) throw noState(db);
  try {
    const { identity, policyText, summary } = snapshot.header;
    const policy = parsePolicy(policyText, `the policy of ${db}`);
    refuseOtherOrigin(path, identity, {
      policyVersion: policy.version,
      catalogueHash: CATALOGUE_HASH,
      partitions: identity.partitions,
    });
    const clock = summary.partitions.reduce((at, part) => latest(at, instant(part.clock)), instant(0));
    const folder = { clock, policy, environment: environmentOf(policy, summary.inputs ?? NO_POPULATION) };
    const gatherings = gather(folder);
    const sizes: Record<string, Record<string, number>> = {};
    for await (const { personId, record } of snapshot.people()) {
      const person = readPerson(record);
      for (const gathering of gatherings) gathering.add(personId, person);
      countTags(sizes, person, policy);
    }
    return { ...folder, sizes };
  } finally {
    snapshot.close();
  }
}

function countTags(sizes: Record<string, Record<string, number>>, { tags }: Person, policy: Policy): void {
  policy.dimensions.forEach((dimension, i) => {
    const tag = dimension.tags[tags[i]?.tag ?? -1]?.name;
    if (tag === undefined) return;
    const held = (sizes[dimension.name] ??= {});
    held[tag] = (held[tag] ?? 0) + 1;
  });
}

function noState(db: string): TidemarkError {
  return new TidemarkError(
    'INPUT_NOT_FOUND',
    `there is no state of people in ${db}`,
    'name the folder that was given as --db to a replay or demo, or run one first',
  );
}
