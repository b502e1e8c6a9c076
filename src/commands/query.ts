import type { Command } from 'commander';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { selectTable, type SelectedTable } from '../adapters/clickhouse/select-table.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { jsonArrayChunks } from './terminal/json-line.ts';
import { formatCount, formatDuration, formatQuantity } from './terminal/numbers.ts';
import { renderTable } from './terminal/table.ts';
import type { World } from './world.ts';
import { writeToOutput } from './write-chunks.ts';

interface QueryFlags {
  readonly db: string;
  readonly json?: true;
}

const MOST_ROWS_ON_A_TERMINAL = 1_000;

/** `query`: reading SQL on the tables of a database folder. */
export function addQueryCommand(program: Command, world: World): void {
  const command = program
    .command('query')
    .description('run SQL on the embedded ClickHouse: a table on a terminal, tab-separated elsewhere')
    .argument('<sql>', 'one reading statement: SELECT, WITH, SHOW, DESCRIBE, EXPLAIN or EXISTS');
  demandOption(command, '--db <folder>', 'database folder that an earlier command filled')
    .option('--json', 'print one array of row objects, on one line')
    .action((sql: string, flags: QueryFlags) => query(sql, flags, world));
  addExamples(command, world, [
    'query --db DIR "SELECT tag, count() AS people FROM current_tags WHERE dimension = \'buyer_class\' GROUP BY tag"',
    'query --db DIR "SHOW TABLES"',
  ]);
}

async function query(sql: string, { db, json }: QueryFlags, world: World): Promise<void> {
  const startedAt = world.wallClock();
  const clickhouse = await openEmbeddedClickhouse({ path: db, mustExist: true });
  const table = await selectTable(clickhouse, sql).finally(() => clickhouse.close());
  if (json === true) await writeToOutput(world.stdout, jsonArrayChunks(rowObjects(table)));
  else if (world.stdout.isTerminal) showTable(table, world.wallClock() - startedAt, world);
  else await writeToOutput(world.stdout, tabSeparated(table));
}

function* rowObjects({ columns, rows }: SelectedTable): Generator<Record<string, unknown>, void, undefined> {
  for (const row of rows) yield Object.fromEntries(columns.map(({ name }, i) => [name, row[i]]));
}

function showTable({ columns, rows }: SelectedTable, durationMs: number, { stdout, stderr }: World): void {
  const shown = rows.slice(0, MOST_ROWS_ON_A_TERMINAL);
  const text = renderTable(
    columns.map(({ name, type }) => ({ title: name, numeric: isNumeric(type) })),
    shown.map((row) => row.map(cellOf)),
    { width: stdout.columns, colours: stdout.colours },
  );
  stdout.write(text);
  const size = formatQuantity(rows.length, 'row');
  const cut = shown.length < rows.length ? `the first ${formatCount(shown.length)} of ` : '';
  const rest = cut === '' ? '' : '; --json, a pipe or a LIMIT gives what you need';
  stderr.write(`\n${cut}${size} in ${formatDuration(durationMs)}${rest}\n`);
}

function isNumeric(type: string): boolean {
  return /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|BFloat|Decimal)/.test(type);
}

function cellOf(value: unknown): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** ClickHouse's TabSeparatedWithNames: a header line, `\N` for NULL, tabs and line breaks escaped. */
function* tabSeparated({ columns, rows }: SelectedTable): Generator<string, void, undefined> {
  yield tabbedLine(columns.map(({ name }) => name));
  for (const row of rows) yield tabbedLine(row);
}

function tabbedLine(values: readonly unknown[]): string {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
  const cells = values.map((value) =>
    value === null ? '\\N' : cellOf(value).replaceAll(/[\\\t\n\r]/g, (character) => escapes[character] ?? ''),
  );
  return `${cells.join('\t')}\n`;
}
