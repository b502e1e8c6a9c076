import { isBlank } from '../../core/is-blank.ts';
import type { LineBlock } from './read-lines.ts';
import type { QuoteFault } from './split-csv.ts';

/** One data row: what stands between two record ends, which for quoted CSV may be several lines. */
export interface Row {
  /** Of its first line; 1 for the first line of the file. */
  readonly line: number;
  readonly text: string;
  /** None where there is a fault. */
  readonly cells: readonly string[];
  readonly fault?: QuoteFault;
}

/** Cuts a row into cells; `open` when it goes on on the next line. */
export type Cutter = (text: string) => string[] | QuoteFault;

/** A quoted field that runs on for longer has lost its closing quote. */
export const LONGEST_ROW_LINES = 200;

/**
 * The rows of a file, blank lines left out. A row that goes on over several lines must have `width` cells. Where
 * it has not, or its quote does not close within {@link LONGEST_ROW_LINES} lines or before the end of the file,
 * its first line is given alone, as a fault, and reading goes on with the next: one lost quote costs one row.
 */
export async function* readRows(
  blocks: AsyncIterable<LineBlock>,
  cut: Cutter,
  width: number,
): AsyncGenerator<readonly Row[]> {
  let open: string[] = [];
  let openLine = 0;
  for await (const block of blocks) {
    const rows: Row[] = [];
    block.lines.forEach((text, i) => take(text, block.firstLine + i, rows));
    if (rows.length > 0) yield rows;
  }
  const rows: Row[] = [];
  while (open.length > 0) giveUp(rows);
  if (rows.length > 0) yield rows;

  function take(text: string, line: number, rows: Row[]): void {
    if (open.length === 0) {
      if (isBlank(text)) return;
      const cells = cut(text);
      if (cells !== 'open') {
        rows.push(cells === 'broken' ? { line, text, cells: [], fault: cells } : { line, text, cells });
        return;
      }
      openLine = line;
      open.push(text);
      return;
    }
    open.push(text);
    if (text.includes('"')) {
      const whole = open.join('\n');
      const cells = cut(whole);
      if (typeof cells !== 'string' && cells.length === width) {
        rows.push({ line: openLine, text: whole, cells });
        open = [];
        return;
      }
      if (cells !== 'open') {
        giveUp(rows);
        return;
      }
    }
    if (open.length >= LONGEST_ROW_LINES) giveUp(rows);
  }

  function giveUp(rows: Row[]): void {
    const [text = '', ...rest] = open;
    const line = openLine;
    open = [];
    rows.push({ line, text, cells: [], fault: 'open' });
    rest.forEach((next, i) => take(next, line + 1 + i, rows));
  }
}
