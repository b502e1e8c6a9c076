import { TidemarkError } from '../../errors.ts';
import { describeQueryFailure } from './clickhouse-failures.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { splitStatements } from './split-statements.ts';

export interface SelectedTable {
  /** In the order of the SQL; two columns may share a name. `type` is ClickHouse's, e.g. `DateTime64(3, 'UTC')`. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values in the order of `columns`: numbers, strings, booleans, null, arrays and objects of them. */
  readonly rows: readonly (readonly unknown[])[];
}

/** `JSONEachRow` is one object a line; the others are ClickHouse's own tab-separated text, with what heads it. */
export type TextFormat = 'JSONEachRow' | 'TabSeparatedWithNames' | 'TabSeparatedWithNamesAndTypes';

const READING_STATEMENT = /^[\s(]*(?:SELECT|WITH|FROM|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i;

/**
 * Runs one reading statement and returns its whole result, in memory. Parameters are bound by the engine:
 * `{person:String}` in the SQL, `person` in `parameters`. Throws `QUERY_FAILED` for anything that would write
 * (refused before it runs, and by the session besides), for several statements at once, and for
 * what ClickHouse refuses.
 */
export async function selectTable(
  handle: ClickhouseHandle,
  sql: string,
  parameters?: Readonly<Record<string, unknown>>,
): Promise<SelectedTable> {
  const query = requireReadingStatement(sql);
  try {
    const result = await handle.reading.query({
      query,
      format: 'JSONCompact',
      ...(parameters === undefined ? {} : { query_params: { ...parameters } }),
    });
    const { meta, data } = await result.json<unknown[]>();
    return { columns: meta ?? [], rows: data };
  } catch (cause) {
    throw describeQueryFailure(cause, handle.place);
  }
}

/**
 * Like {@link selectTable}, but the result as ClickHouse writes it, every digit of every number. In UTF-8 and in pieces
 * of any size; the embedded engine hands out the whole of it at once, a few hundred bytes of memory a row at most.
 */
export async function selectText(
  handle: ClickhouseHandle,
  sql: string,
  format: TextFormat,
): Promise<AsyncIterable<Uint8Array>> {
  const query = requireReadingStatement(sql);
  try {
    const { stream } = await handle.reading.exec({ query: `${query}\nFORMAT ${format}` });
    return stream;
  } catch (cause) {
    throw describeQueryFailure(cause, handle.place);
  }
}

function requireReadingStatement(sql: string): string {
  const [statement, second] = splitStatements(sql);
  if (statement === undefined) {
    throw new TidemarkError(
      'QUERY_FAILED',
      'there is no SQL to run',
      'Give a query: `SELECT count() FROM current_tags`.',
    );
  }
  if (second !== undefined) {
    throw new TidemarkError(
      'QUERY_FAILED',
      `there are several statements; the second is: ${excerpt(second.text)}`,
      'Run them one at a time.',
    );
  }
  if (!READING_STATEMENT.test(statement.bare)) {
    throw new TidemarkError(
      'QUERY_FAILED',
      `this is not a reading statement: ${excerpt(statement.text)}`,
      'Only reading is allowed here: begin with SELECT, WITH, SHOW, DESCRIBE, EXPLAIN or EXISTS.',
    );
  }
  if (/\bINTO\s+OUTFILE\b/i.test(statement.bare)) {
    throw new TidemarkError(
      'QUERY_FAILED',
      'INTO OUTFILE writes a file, and only reading is allowed here',
      'Leave it out and redirect the output: `… --json > result.json`.',
    );
  }
  return statement.text;
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
