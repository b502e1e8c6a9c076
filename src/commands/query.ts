import type { Command } from 'commander';
import { openEmbeddedClickhouse } from '../adapters/clickhouse/open-embedded-clickhouse.ts';
import { selectText, type TextFormat } from '../adapters/clickhouse/select-table.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import { formatCount, formatDuration, formatQuantity } from './terminal/numbers.ts';
import { jsonArrayOfLines, readTabbedTable, textPieces, type TabbedTable } from './terminal/query-text.ts';
import { renderTable, tableStyle } from './terminal/table.ts';
import { takeDashedText } from './terminal/take-dashed-text.ts';
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
  demandOption(takeDashedText(command), '--db <folder>', 'database folder that an earlier command filled')
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
  try {
    const text = async (format: TextFormat) => textPieces(await selectText(clickhouse, sql, format));
    if (json === true) {
      await writeToOutput(world.stdout, jsonArrayOfLines(await text('JSONEachRow')));
    } else if (world.stdout.isTerminal) {
      const table = await readTabbedTable(
        await text('TabSeparatedWithNamesAndTypes'),
        MOST_ROWS_ON_A_TERMINAL,
      );
      showTable(table, world.wallClock() - startedAt, world);
    } else {
      await writeToOutput(world.stdout, await text('TabSeparatedWithNames'));
    }
  } finally {
    await clickhouse.close();
  }
}

function showTable(table: TabbedTable, durationMs: number, { stdout, stderr }: World): void {
  const { columns, rows, rowCount } = table;
  const text = renderTable(
    columns.map(({ name, type }) => ({ title: name, numeric: isNumeric(type) })),
    rows.map((row) => row.map((cell) => cell ?? 'NULL')),
    tableStyle(stdout),
  );
  stdout.write(text);
  const size = formatQuantity(rowCount, 'row');
  const cut = rows.length < rowCount ? `the first ${formatCount(rows.length)} of ` : '';
  const rest = cut === '' ? '' : '; --json, a pipe or a LIMIT gives what you need';
  stderr.write(`\n${cut}${size} in ${formatDuration(durationMs)}${rest}\n`);
}

function isNumeric(type: string): boolean {
  return /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|BFloat|Decimal)/.test(type);
}
