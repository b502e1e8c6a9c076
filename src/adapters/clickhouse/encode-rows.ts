/** How many rows go through one JSON.stringify: enough to make the call free, few enough to measure the size. */
const ROWS_PER_STRINGIFY = 500;

/**
 * Rows as bodies of `INSERT … FORMAT JSONCompactEachRow`, each about `maxChars` long at most (a body ends with
 * the group of 500 rows that passes it). Equal rows give equal bodies, cut at the same places: the token of a
 * body can be its number.
 *
 * Of the text formats this is the cheapest that is also safe: a bare integer in JSON is ticks of the
 * column's type, so epoch milliseconds go as they are, whereas TSV and CSV guess seconds or milliseconds from
 * the number of digits.
 */
export function* encodeRows<Row>(
  columns: readonly (keyof Row)[],
  rows: readonly Row[],
  maxChars: number,
): Generator<string> {
  let body = '';
  for (let start = 0; start < rows.length; start += ROWS_PER_STRINGIFY) {
    const group = rows.slice(start, start + ROWS_PER_STRINGIFY);
    const tuples = JSON.stringify(group.map((row) => columns.map((column) => row[column])));
    body += `${tuples.slice(1, -1)}\n`;
    if (body.length >= maxChars) {
      yield body;
      body = '';
    }
  }
  if (body !== '') yield body;
}
