import { join } from 'node:path';
import type { Command } from 'commander';
import { ClickhouseAnalytics } from '../adapters/clickhouse/clickhouse-analytics.ts';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { readPersonHistory } from '../adapters/clickhouse/person-history.ts';
import { openSnapshot, refuseOtherOrigin } from '../adapters/memory/state-snapshot.ts';
import { parsePolicy } from '../adapters/policy/load-policy.ts';
import { CATALOGUE_HASH } from '../core/features/catalogue.ts';
import { instant, isoOf, latest, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { TagTransitionRow } from '../ports/analytics.ts';
import { accountJson } from './account-json.ts';
import { writeAccount } from './account-page.ts';
import { STATE_FILE } from './embedded-run.ts';
import { findPerson } from './find-person.ts';
import { accountOf } from './person-account.ts';
import { withModelsOf } from './serve-models.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { parseInstantOption } from './terminal/option-values.ts';
import type { World } from './world.ts';

interface ExplainFlags {
  readonly db: string;
  readonly at?: Instant;
  readonly json?: true;
}

const TRANSITIONS_TOLD = 8;

/** `explain`: one person's tags, why they hold, what comes next, and what would change them. */
export function addExplainCommand(program: Command, world: World): void {
  const command = program
    .command('explain')
    .description('say of one person which tags they hold, why, what comes next and what would change it')
    .argument('<person>', 'id of the person, as the events name them');
  demandOption(command, '--db <folder>', 'database folder that a replay or demo filled')
    .option(
      '--at <when>',
      'look ahead to a date (its end) or an instant, as if nothing more happened',
      parseInstantOption,
    )
    .option('--json', 'print everything as one JSON object')
    .action((personId: string, flags: ExplainFlags) => explainPerson(personId, flags, world));
  addExamples(command, world, ['explain 00060 --db DIR', 'explain 00060 --db DIR --at 1998-12-31']);
}

async function explainPerson(personId: string, { db, at, json }: ExplainFlags, world: World): Promise<void> {
  const path = join(db, STATE_FILE);
  const snapshot = await openSnapshot(path);
  if (snapshot === undefined) throw noState(db);
  const { header } = snapshot;
  const policy = parsePolicy(header.policyText, `the policy of ${db}`);
  refuseOtherOrigin(path, header.identity, {
    policyVersion: policy.version,
    catalogueHash: CATALOGUE_HASH,
    partitions: header.identity.partitions,
  });
  const clock = header.summary.partitions.reduce(
    (latestSoFar, part) => latest(latestSoFar, instant(part.clock)),
    instant(0),
  );
  if (at !== undefined && at < clock) throw backwards(at, clock, db);
  const person = await findPerson(
    snapshot.people(),
    personId,
    db,
    Object.keys(header.underway.beginnings).length > 0,
  );
  const { inputs } = header.summary;
  const account = await withModelsOf(db, policy, (scorer) =>
    accountOf(personId, person, at ?? clock, policy, inputs, scorer),
  );
  const history = await readHistory(db, personId);
  if (json === true) writeJsonLine(world.stdout, accountJson(account, clock, history));
  else writeAccount(world, { account, clock, history, policy, db });
}

/** Latest first; a sentence where the tables cannot be read, which is no reason to say nothing at all. */
async function readHistory(db: string, personId: string): Promise<readonly TagTransitionRow[] | string> {
  try {
    const clickhouse = await openEmbeddedClickhouse({ path: db, mustExist: true });
    try {
      const history = await readPersonHistory(
        new ClickhouseAnalytics(clickhouse),
        personId,
        TRANSITIONS_TOLD,
      );
      return history?.transitions ?? [];
    } finally {
      await clickhouse.close();
    }
  } catch (error) {
    if (error instanceof TidemarkError) return error.message;
    throw error;
  }
}

function noState(db: string): TidemarkError {
  return new TidemarkError(
    'INPUT_NOT_FOUND',
    `there is no state of people in ${db}`,
    'name the folder that was given as --db to a replay or demo, or run one first',
  );
}

function backwards(at: Instant, clock: Instant, db: string): TidemarkError {
  return new TidemarkError(
    'USAGE',
    `--at ${isoOf(at)} is past: time in ${db} has come to ${isoOf(clock)} and cannot be turned back`,
    `name a later instant, ask tag_transitions for what was, or replay with --until into a new folder`,
  );
}
