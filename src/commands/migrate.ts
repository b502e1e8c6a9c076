import { InvalidArgumentError, type Command } from 'commander';
import { migrate, type MigrationReport } from '../adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../adapters/clickhouse/open-clickhouse-server.ts';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import type { RetentionDays } from '../adapters/clickhouse/retention.ts';
import { createTopics, type TopicsReport } from '../adapters/kafka/create-topics.ts';
import { TidemarkError } from '../errors.ts';
import { clickhouseOptionsOf, kafkaConnectionOf, kafkaLogOf } from './run-connections.ts';
import { addExamples } from './terminal/add-examples.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatQuantity } from './terminal/numbers.ts';
import { wholeNumber } from './terminal/option-values.ts';
import { topicsOf } from './topics-of.ts';
import type { World } from './world.ts';

const SERVERS = ['clickhouse', 'kafka'] as const;
type Server = (typeof SERVERS)[number];

const MOST_PARTITIONS = 10_000;

interface MigrateFlags {
  readonly db?: string;
  readonly only?: Server;
  readonly partitions?: number;
  readonly json?: true;
}

/** `migrate`: creates the tables of a database folder, or tables and topics on the servers of the settings. */
export function addMigrateCommand(program: Command, world: World): void {
  const command = program
    .command('migrate')
    .description(
      'create tables and topics on the servers of the settings, or the tables of a database folder; again to bring them up to date',
    )
    .option('--db <folder>', 'database folder, made when it is not there; no server is asked then')
    .option('--only <server>', `${SERVERS.join(' or ')}: leave the other one alone`, serverOf)
    .option(
      '--partitions <count>',
      'create the topics of events, too, where they are missing, with so many partitions',
      wholeNumber(1, MOST_PARTITIONS),
    )
    .option('--json', 'print what was made and what was there as one JSON object')
    .action((flags: MigrateFlags) => run(flags, world));
  addExamples(command, world, ['migrate --partitions 12', 'migrate --db DIR']);
}

function serverOf(name: string): Server {
  const server = SERVERS.find((one) => one === name);
  if (server === undefined) throw new InvalidArgumentError(`Give ${SERVERS.join(' or ')}.`);
  return server;
}

async function run({ db, only, partitions, json }: MigrateFlags, world: World): Promise<void> {
  if (db !== undefined && (only !== undefined || partitions !== undefined)) {
    const mend = 'leave --only and --partitions out, or --db to work on the servers of the settings';
    throw new TidemarkError('USAGE', '--db names a folder, --only and --partitions are about servers', mend);
  }
  if (partitions !== undefined && only === 'clickhouse') {
    const mend = 'leave one of the two out';
    throw new TidemarkError('USAGE', '--partitions is about Kafka, which --only leaves out', mend);
  }
  if (db !== undefined) {
    const clickhouse = await openEmbeddedClickhouse({ path: db });
    const report = await migrate(clickhouse).finally(() => clickhouse.close());
    if (json === true) writeJsonLine(world.stdout, report);
    else sayTables(db, report, world);
    return;
  }
  const made: { clickhouse?: MigrationReport; kafka?: TopicsReport } = {};
  if (only !== 'kafka') {
    made.clickhouse = await migrateServer(world);
    if (json !== true) sayTables('clickhouse', made.clickhouse, world);
  }
  if (only !== 'clickhouse') {
    made.kafka = await migrateKafka(partitions, world);
    if (json !== true) sayTopics(made.kafka, world);
  }
  if (json === true) writeJsonLine(world.stdout, made);
}

async function migrateServer({ config }: World): Promise<MigrationReport> {
  const { clickhouseCluster: cluster, retentionDays } = config;
  const days = retentionDays === 0 ? null : retentionDays;
  const retention: Required<RetentionDays> = {
    tag_transitions: days,
    trigger_events: days,
    dead_letters: days,
    drift: days,
    churn_scores: days,
  };
  const clickhouse = await openClickhouseServer(clickhouseOptionsOf(config));
  return migrate(clickhouse, {
    ...(cluster === undefined ? {} : { cluster }),
    retentionDays: retention,
  }).finally(() => clickhouse.close());
}

function migrateKafka(partitions: number | undefined, world: World): Promise<TopicsReport> {
  const { events, facts, outputs } = topicsOf(world.config);
  return createTopics(
    { connection: kafkaConnectionOf(world.config), log: kafkaLogOf(world) },
    { events, own: [facts, ...outputs], partitions },
  );
}

function sayTables(where: string, { applied, already }: MigrationReport, { stdout }: World): void {
  for (const name of applied) stdout.write(`applied ${name}\n`);
  const done = applied.length === 0 ? 'nothing to do' : formatQuantity(applied.length, 'migration');
  stdout.write(`${where}: ${done}, ${already.length} applied before\n`);
}

function sayTopics({ created, already, differs }: TopicsReport, { stdout }: World): void {
  for (const { topic, partitions, replicas } of created) {
    const copies = formatQuantity(replicas, 'copy', 'copies');
    stdout.write(`created ${topic}: ${formatQuantity(partitions, 'partition')}, ${copies} of each\n`);
  }
  for (const said of differs) stdout.write(`left as it is: ${said}\n`);
  const done = created.length === 0 ? 'nothing to do' : formatQuantity(created.length, 'topic');
  stdout.write(`kafka: ${done}, ${already.length} there before\n`);
}
