import type { Command } from 'commander';
import { ClickhouseAnalytics } from '../adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { readTagMoves } from '../adapters/clickhouse/tag-moves.ts';
import { FolderModelRegistry } from '../adapters/models/folder-model-registry.ts';
import { loadChurnNetwork } from '../adapters/tensorflow/load-churn-network.ts';
import { deterministicId } from '../core/ids.ts';
import { freezeReference, type Snapshot } from '../core/scoring/drift/drift-reference.ts';
import { DAY_MS, isoOf, plus, type Instant } from '../core/time.ts';
import { TidemarkError } from '../errors.ts';
import type { MeasuredDriftRow } from '../ports/analytics.ts';
import type { LoadChurnNetwork } from '../ports/churn-network.ts';
import { askModel } from './churn-reference.ts';
import type { RowScorer } from '../runtime/drift/row-scores.ts';
import { measureDrift } from '../runtime/drift/measure-drift.ts';
import { columnsFor, PeopleColumns } from '../runtime/drift/people-columns.ts';
import { gatheringFor, refuseFew, unknownTo, withoutMissingScores } from './drift-comparison.ts';
import { driftJson, isComparable, writeDriftPage, writeFrozen } from './drift-page.ts';
import { readFolderPeople, type FolderPeople, type FolderState } from './drift-people.ts';
import { readReference, referenceOfModel, referenceText, type NamedReference } from './drift-reference.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { parseInstantOption } from './terminal/option-values.ts';
import type { World } from './world.ts';
import { writeFileWhole } from './write-chunks.ts';

interface DriftFlags {
  readonly db: string;
  readonly reference?: string;
  readonly models?: string;
  readonly freeze?: string;
  readonly since?: Instant;
  readonly all?: true;
  readonly failOnDrift?: true;
  readonly json?: true;
}

const USUAL_SINCE_MS = 30 * DAY_MS;

/** `drift`: whether people still are as they were when a reference was frozen, and why tags gained or lost people. */
export function addDriftCommand(program: Command, world: World): void {
  const command = program
    .command('drift')
    .description('compare the people of a folder with people as they were, like tenure with like tenure');
  demandOption(command, '--db <folder>', 'database folder that a replay or demo filled')
    .option('--reference <file>', 'what they are compared with: a file that --freeze made')
    .option(
      '--models <folder>',
      'or the people that the churn model in force there learnt from, with the scores its gate lets serve',
    )
    .option('--freeze <file>', 'keep how people are now as a file, to compare with later')
    .option(
      '--since <when>',
      'tell the changes of tags from there on; 30 days back unless given',
      parseInstantOption,
    )
    .option('--all', 'print every measure, not only what drifted')
    .option(
      '--fail-on-drift',
      'exit with 1 when something drifted and with 2 when nothing can be said, for schedulers',
    )
    .option('--json', 'print everything as one JSON object')
    .action((flags: DriftFlags) => drift(flags, world));
  addExamples(command, world, [
    'drift --db DIR --freeze reference.json',
    'drift --db DIR --reference reference.json --fail-on-drift',
  ]);
}

async function drift(flags: DriftFlags, world: World): Promise<void> {
  const reference = await referenceOf(flags);
  if (reference?.model === undefined || !hasModelScores(reference)) return driftFrom(flags, world, reference);
  const load: LoadChurnNetwork = (stored) => loadChurnNetwork('wasm', stored);
  return askModel(reference.model, load, (scorer) => driftFrom(flags, world, reference, scorer));
}

function hasModelScores({ of, reference }: NamedReference): boolean {
  return of === 'churn' && reference.measures.some(({ kind }) => kind === 'score');
}

async function driftFrom(
  flags: DriftFlags,
  world: World,
  reference: NamedReference | undefined,
  scorer?: RowScorer,
): Promise<void> {
  let compared: ReturnType<typeof gatheringFor> | undefined;
  let frozen: PeopleColumns | undefined;
  const people = await readFolderPeople(flags.db, (folder) => {
    refuseLater(flags, folder);
    compared = reference === undefined ? undefined : gatheringFor(reference, folder, scorer);
    if (flags.freeze !== undefined) frozen = everythingOf(folder);
    return [compared, frozen].filter((gathering) => gathering !== undefined);
  });
  if (reference !== undefined && compared !== undefined)
    await compare(flags, world, reference, compared.snapshot(), people);
  if (flags.freeze !== undefined && frozen !== undefined)
    await freeze(flags, flags.freeze, world, frozen.snapshot(), people);
}

function everythingOf({ policy, environment, clock }: FolderState): PeopleColumns {
  return new PeopleColumns(columnsFor(policy), policy, environment, clock);
}

async function compare(
  flags: DriftFlags,
  world: World,
  frozen: NamedReference,
  snapshot: Snapshot,
  people: FolderPeople,
): Promise<void> {
  const { db } = flags;
  refuseFew(snapshot, db, frozen);
  const { reference, unscored } = withoutMissingScores(frozen, snapshot);
  const since = flags.since ?? plus(people.clock, -USUAL_SINCE_MS);
  const rows = await measureAndKeep(db, reference, snapshot, people, since);
  const unknown = unknownTo(reference, people.policy);
  const page = { db, reference, people, since, rows, unknown, unscored };
  if (flags.json === true) writeJsonLine(world.stdout, driftJson(page));
  else writeDriftPage(world, page, flags.all === true);
  if (flags.failOnDrift !== true) return;
  if (!isComparable(rows))
    throw new TidemarkError(
      'DRIFT_INCOMPARABLE',
      `hardly anybody in ${db} is of a tenure that the reference ${frozen.name} knows`,
      'freeze a new reference with drift --db DIR --freeze FILE, or compare with a more recent one',
    );
  const names = new Set(rows.flatMap(({ alarm, name }) => (alarm ? [name] : [])));
  if (names.size === 0) return;
  throw new TidemarkError(
    'DRIFT_FOUND',
    `drift in ${[...names].join(', ')}`,
    'see above what to do; --freeze keeps the people of now as the next reference',
  );
}

async function measureAndKeep(
  db: string,
  { reference, name }: NamedReference,
  snapshot: Snapshot,
  people: FolderPeople,
  since: Instant,
): Promise<MeasuredDriftRow[]> {
  const clickhouse = await openEmbeddedClickhouse({ path: db, mustExist: true });
  try {
    await migrate(clickhouse);
    const analytics = new ClickhouseAnalytics(clickhouse);
    const { before, moves } = await readTagMoves(analytics, since, people.clock);
    const sizes = { since, before, after: people.sizes, moves };
    const measured = measureDrift({ reference, name, snapshot, sizes });
    // The columns were gathered by the reference's own names.
    if (!measured.ok) throw new Error(`${measured.error.reason} ${measured.error.what}`);
    await analytics.write(deterministicId('drift', JSON.stringify(measured.value)), {
      drift: measured.value,
    });
    return measured.value;
  } finally {
    await clickhouse.close();
  }
}

async function freeze(
  flags: DriftFlags,
  path: string,
  world: World,
  snapshot: Snapshot,
  people: FolderPeople,
): Promise<void> {
  refuseFew(snapshot, flags.db);
  const reference = freezeReference(snapshot);
  await writeFileWhole(path, [
    referenceText({ of: 'people', policyVersion: people.policy.version, reference }),
  ]);
  const frozen = {
    path,
    at: isoOf(people.clock),
    people: reference.people,
    measures: reference.measures.length,
  };
  const isSecond = flags.reference !== undefined || flags.models !== undefined;
  if (flags.json !== true) writeFrozen(world, frozen, flags.db, isSecond);
  else if (!isSecond) writeJsonLine(world.stdout, { db: flags.db, frozen });
}

async function referenceOf({ reference, models, freeze }: DriftFlags): Promise<NamedReference | undefined> {
  if (reference !== undefined && models !== undefined) {
    throw new TidemarkError(
      'USAGE',
      '--reference and --models name two references',
      'give one of them; the other is a second run',
    );
  }
  if (reference !== undefined) return await readReference(reference);
  if (models !== undefined) return await referenceInForce(models);
  if (freeze !== undefined) return undefined;
  throw new TidemarkError(
    'USAGE',
    'there is no reference to compare with',
    'freeze one while all is well with --freeze FILE, and name it later with --reference FILE, or give --models DIR',
  );
}

async function referenceInForce(models: string): Promise<NamedReference> {
  const registry = new FolderModelRegistry(models);
  const promotion = (await registry.promotions('churn')).at(-1);
  if (promotion === undefined) {
    throw new TidemarkError(
      'INPUT_NOT_FOUND',
      `no churn model is in force in ${models}`,
      'promote one first, or compare with people: --reference FILE',
    );
  }
  return referenceOfModel(await registry.read('churn', promotion.version));
}

function refuseLater({ db, since }: DriftFlags, { clock }: FolderState): void {
  if (since === undefined || since < clock) return;
  throw new TidemarkError(
    'USAGE',
    `--since ${isoOf(since)} is not before ${isoOf(clock)}, to which time in ${db} has come`,
    'name an earlier instant',
  );
}
