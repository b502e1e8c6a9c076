import { splitCsv } from './split-csv.ts';

export interface Header {
  readonly names: readonly string[];
  readonly separator: string;
}

/** A CSV header line with the separator (comma, semicolon or tab) that gives the most columns. */
export function readHeader(line: string): Header {
  const headers = [',', ';', '\t'].map((separator) => ({
    separator,
    names: cellsOf(line, separator).map((name) => name.trim()),
  }));
  return headers.reduce((best, header) => (header.names.length > best.names.length ? header : best));
}

/**
 * Where the columns stand; −1 for those the header lacks. A name is first looked for as it is, then without regard
 * to case, blanks and underscores.
 */
export function placeColumns<K extends string>(
  header: readonly string[],
  wanted: Readonly<Record<K, readonly string[]>>,
): Readonly<Record<K, number>> {
  const plain = header.map(plainName);
  const placeOf = (name: string): number => {
    const exact = header.indexOf(name);
    return exact >= 0 || plainName(name) === '' ? exact : plain.indexOf(plainName(name));
  };
  const entries = Object.entries<readonly string[]>(wanted).map(([key, spellings]) => {
    const places = spellings.map(placeOf).filter((place) => place >= 0);
    return [key, places[0] ?? -1] as const;
  });
  return Object.fromEntries(entries) as Record<K, number>;
}

function cellsOf(line: string, separator: string): string[] {
  const cells = splitCsv(line, separator);
  return typeof cells === 'string' ? line.split(separator) : cells;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
