import { createColors } from 'picocolors';
import stringWidth from 'string-width';
import type { Output } from '../world.ts';
import { clip, printable } from './printable.ts';

export interface TableColumn {
  readonly title: string;
  /** Numbers: aligned right and never cut, because a cut number is a lie. */
  readonly numeric: boolean;
}

export interface TableStyle {
  /** Character cells that a line may take. */
  readonly width: number;
  readonly colours: boolean;
}

/** As wide as the window on a terminal; elsewhere nothing is cut, because whoever reads it has no window. */
export function tableStyle({ isTerminal, columns, colours }: Output): TableStyle {
  return { width: isTerminal ? columns : Infinity, colours };
}

const GAP = 2;
const NARROWEST_TEXT = 8;

/**
 * A table that fits `width`: texts that are too wide are cut with `…`, and where even that does not fit, each
 * row becomes a block of `column  value` lines. Ends with a line break. Cells are made printable.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: TableStyle,
): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = fitWidths(columns, cells, style.width);
  return widths === undefined
    ? renderRecords(columns, cells, style)
    : renderGrid(columns, cells, widths, style);
}

/** Column widths that fit, or undefined when the numbers and the narrowest texts together do not. */
function fitWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] | undefined {
  const natural = columns.map(({ title }, i) =>
    rows.reduce(
      (widest, row) => Math.max(widest, stringWidth(row[i] ?? '')),
      Math.max(1, stringWidth(title)),
    ),
  );
  const room = width - GAP * (columns.length - 1);
  const least = columns.map(({ numeric }, i) =>
    numeric ? (natural[i] ?? 0) : Math.min(natural[i] ?? 0, NARROWEST_TEXT),
  );
  if (sum(least) > room) return undefined;
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const shrinkable = widths.map((cellsWide, i) => (cellsWide > (least[i] ?? 0) ? cellsWide : -1));
    const widest = shrinkable.indexOf(Math.max(...shrinkable));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function renderGrid(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  style: TableStyle,
): string {
  const { bold, dim } = createColors(style.colours);
  const gap = ' '.repeat(GAP);
  const line = (cells: readonly string[], paint = (cell: string): string => cell): string => {
    const placed = columns.map(({ numeric }, i) => place(cells[i] ?? '', widths[i] ?? 0, numeric, paint));
    return `${placed.join(gap).trimEnd()}\n`;
  };
  const titles = columns.map(({ title }) => title);
  const rule = dim(widths.map((cellsWide) => '─'.repeat(cellsWide)).join(gap));
  return `${line(titles, bold)}${rule}\n${rows.map((row) => line(row)).join('')}`;
}

function place(text: string, width: number, toTheRight: boolean, paint: (text: string) => string): string {
  const shown = clip(text, width);
  const space = ' '.repeat(Math.max(0, width - stringWidth(shown)));
  return toTheRight ? space + paint(shown) : paint(shown) + space;
}

function renderRecords(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: TableStyle,
): string {
  const { bold, dim } = createColors(style.colours);
  const titleWidth = Math.max(...columns.map(({ title }) => stringWidth(title)));
  const blocks = rows.map((row, index) => {
    const heading = `── row ${index + 1} `;
    const lines = columns.map(
      ({ title }, i) => `${place(title, titleWidth, false, bold)}  ${row[i] ?? ''}\n`,
    );
    return `${dim(heading + '─'.repeat(Math.max(0, style.width - heading.length)))}\n${lines.join('')}`;
  });
  return blocks.join('');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
