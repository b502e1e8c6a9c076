import { placeColumns, readHeader } from './columns.ts';
import type { Recognition, RowReader } from './row-format.ts';
import { splitCsv } from './split-csv.ts';

/** A CSV format with a header line, told by its columns. */
export interface HeaderFormat<K extends string> {
  /** Each column with its spellings; the first is the one that messages name. */
  readonly columns: Readonly<Record<K, readonly string[]>>;
  readonly optional?: readonly K[];
  /** Other files of the data set: the columns that give them away, and what they are. */
  readonly companions?: readonly { readonly columns: readonly string[]; readonly note: string }[];
  /** The reader for a header whose columns stand where `place` says (−1: not there). */
  readonly reader: (place: Readonly<Record<K, number>>) => RowReader;
}

export function recogniseHeader<K extends string>(line: string, format: HeaderFormat<K>): Recognition {
  const header = readHeader(line);
  const place = placeColumns(header.names, format.columns);
  const missing = (Object.keys(format.columns) as K[]).filter(
    (key) => place[key] < 0 && format.optional?.includes(key) !== true,
  );
  if (missing.length === 0) {
    const { separator } = header;
    return {
      kind: 'data',
      headerRows: 1,
      cut: (text) => splitCsv(text, separator),
      width: header.names.length,
      read: format.reader(place),
    };
  }
  const companion = format.companions?.find(({ columns }) =>
    Object.values(
      placeColumns(header.names, Object.fromEntries(columns.map((name) => [name, [name]]))),
    ).every((found) => found >= 0),
  );
  if (companion !== undefined) return { kind: 'companion', note: companion.note };
  return {
    kind: 'foreign',
    found: `the columns ${header.names
      .map((name) => name.slice(0, 40))
      .join(', ')
      .slice(0, 400)}`,
    needed: `the columns ${missing.map((key) => format.columns[key][0] ?? key).join(', ')}`,
  };
}
