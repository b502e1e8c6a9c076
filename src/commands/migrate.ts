import type { Command } from 'commander';
import { migrate } from '../adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatQuantity } from './terminal/numbers.ts';
import type { World } from './world.ts';

interface MigrateFlags {
  readonly db: string;
  readonly json?: true;
}

/** `migrate`: creates the tables of a database folder, or brings them up to date. */
export function addMigrateCommand(program: Command, world: World): void {
  const command = program
    .command('migrate')
    .description('create the tables of a database folder, or bring them up to date');
  demandOption(command, '--db <folder>', 'database folder, made when it is not there')
    .option('--json', 'print {applied, already} as one JSON object')
    .action((flags: MigrateFlags) => migrateFolder(flags, world));
  addExamples(command, world, ['migrate --db DIR']);
}

async function migrateFolder({ db, json }: MigrateFlags, world: World): Promise<void> {
  const clickhouse = await openEmbeddedClickhouse({ path: db });
  const { applied, already } = await migrate(clickhouse).finally(() => clickhouse.close());
  if (json === true) {
    writeJsonLine(world.stdout, { applied, already });
    return;
  }
  for (const name of applied) world.stdout.write(`applied ${name}\n`);
  const done = applied.length === 0 ? 'nothing to do' : formatQuantity(applied.length, 'migration');
  world.stdout.write(`${db}: ${done}, ${already.length} applied before\n`);
}
