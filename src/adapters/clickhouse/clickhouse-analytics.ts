import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type {
  AnalyticsReader,
  AnalyticsRows,
  AnalyticsTable,
  AnalyticsWriter,
} from '../../ports/analytics.ts';
import { ANALYTICS_TABLES, COLUMNS_BY_TABLE } from './analytics-tables.ts';
import { describeWriteFailure } from './clickhouse-failures.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { encodeRows } from './encode-rows.ts';
import { selectTable } from './select-table.ts';

/** Past this the cost of a row no longer falls, and memory grows with it. */
const MAX_INSERT_CHARS = 8 * 1024 * 1024;

const INSERT_SETTINGS = [
  'async_insert = 0', // the answer means stored
  'max_partitions_per_insert_block = 0', // a batch of old history may span any number of months
  'input_format_parallel_parsing = 0', // splitting a body among threads costs more CPU than it saves
  'input_format_json_throw_on_bad_escape_sequence = 0', // half a surrogate pair in somebody's id is data
].join(', ');

/**
 * The analytics port on ClickHouse. Needs the tables of `migrate`.
 *
 * A batch becomes one insert per table and 8 MB; each carries a token made of the batch's, and ClickHouse
 * drops an insert whose token it has seen among the last 10,000 of that table and partition. Months are stored
 * one by one, so after a failure some of a batch's may be there and others not; the same call again stores
 * what is missing. Large batches are the cheap ones: an insert costs 5 ms of CPU time for each table and month
 * it touches, and a row 4 to 12 µs.
 */
export class ClickhouseAnalytics implements AnalyticsWriter, AnalyticsReader {
  readonly #handle: ClickhouseHandle;

  constructor(handle: ClickhouseHandle) {
    this.#handle = handle;
  }

  async write(token: string, rows: Partial<AnalyticsRows>): Promise<void> {
    for (const table of ANALYTICS_TABLES) await this.#insert(this.#handle.tokenScope + token, table, rows);
    await this.#handle.confirmStored();
  }

  async query(
    sql: string,
    parameters?: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>[]> {
    const { columns, rows } = await selectTable(this.#handle, sql, parameters);
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
  }

  async #insert<Table extends AnalyticsTable>(
    token: string,
    table: Table,
    batch: Partial<AnalyticsRows>,
  ): Promise<void> {
    const rows: readonly AnalyticsRows[Table][number][] = batch[table] ?? [];
    const columns: readonly (keyof AnalyticsRows[Table][number] & string)[] = COLUMNS_BY_TABLE[table];
    const quoted = columns.map((column) => `\`${column}\``).join(', ');
    let part = 0;
    for (const body of encodeRows(columns, rows, MAX_INSERT_CHARS)) {
      // In the statement and not among the client's settings: the embedded engine would keep the token for
      // whatever the connection inserts next.
      const settings = `${INSERT_SETTINGS}, insert_deduplication_token = ${quoteString(`${token}/${table}/${part}`)}`;
      part += 1;
      try {
        const answer = await this.#handle.client.exec({
          query: `INSERT INTO ${table}_rows (${quoted}) SETTINGS ${settings} FORMAT JSONCompactEachRow`,
          values: Readable.from([body]),
        });
        await text(answer.stream);
      } catch (cause) {
        throw describeWriteFailure(cause, table, this.#handle.place);
      }
    }
  }
}

function quoteString(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
