import { TidemarkError } from '../../errors.ts';

/** Which column of a CSV file holds what, by its name in the header. */
export interface ColumnMap {
  readonly person: string;
  readonly time: string;
  readonly value: string;
  readonly order?: string;
  readonly seller?: string;
  readonly kind?: string;
}

const REQUIRED = ['person', 'time', 'value'] as const;
const OPTIONAL = ['order', 'seller', 'kind'] as const;
const MEND =
  'write --map person=COLUMN,time=COLUMN,value=COLUMN[,order=COLUMN][,seller=COLUMN][,kind=COLUMN]';

/**
 * Reads `person=customer,time=date,value=amount,order=number`. Column names may hold anything but a comma. Throws
 * `USAGE` for unknown, repeated, empty and missing entries.
 */
export function parseColumnMap(text: string): ColumnMap {
  const map: Partial<Record<keyof ColumnMap, string>> = {};
  for (const entry of text.split(',')) {
    const at = entry.indexOf('=');
    const key = [...REQUIRED, ...OPTIONAL].find((known) => known === entry.slice(0, at).trim());
    const column = entry.slice(at + 1).trim();
    if (at < 0 || key === undefined || column === '') {
      throw new TidemarkError(
        'USAGE',
        `--map has an entry that is not understood: ${JSON.stringify(entry)}`,
        MEND,
      );
    }
    if (map[key] !== undefined) throw new TidemarkError('USAGE', `--map names ${key} twice`, MEND);
    map[key] = column;
  }
  const { person, time, value, ...rest } = map;
  if (person === undefined || time === undefined || value === undefined) {
    const missing = REQUIRED.filter((key) => map[key] === undefined);
    throw new TidemarkError('USAGE', `--map lacks ${missing.join(' and ')}`, MEND);
  }
  return { person, time, value, ...rest };
}
