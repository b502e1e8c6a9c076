import type { DriftRow } from './drift-row.ts';

export interface DriftTable {
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows for a terminal, in their order; numbers to three digits, `–` for what does not exist. */
export function driftTable(rows: readonly DriftRow[]): DriftTable {
  return {
    columns: COLUMNS.map(({ title, numeric }) => ({ title, numeric })),
    rows: rows.map((row) => COLUMNS.map(({ cell }) => cell(row))),
  };
}

interface DriftColumn {
  readonly title: string;
  readonly numeric: boolean;
  readonly cell: (row: DriftRow) => string;
}

const COLUMNS: readonly DriftColumn[] = [
  { title: 'alarm', numeric: false, cell: ({ alarm }) => (alarm ? 'ALARM' : '') },
  { title: 'kind', numeric: false, cell: ({ kind }) => kind.replaceAll('_', ' ') },
  { title: 'name', numeric: false, cell: ({ name }) => name },
  { title: 'people', numeric: false, cell: ({ stratum }) => stratum },
  { title: 'before', numeric: true, cell: ({ n_reference }) => String(n_reference) },
  { title: 'now', numeric: true, cell: ({ n_current }) => String(n_current) },
  { title: 'psi', numeric: true, cell: ({ psi }) => shortNumber(psi) },
  { title: 'limit', numeric: true, cell: ({ limit }) => shortNumber(limit) },
  { title: 'js', numeric: true, cell: ({ js }) => shortNumber(js) },
  { title: 'ks', numeric: true, cell: ({ ks }) => shortNumber(ks) },
  { title: 'p (ks)', numeric: true, cell: ({ p_value }) => shortNumber(p_value) },
  { title: 'notes', numeric: false, cell: notes },
];

function notes({ tenure_part, expected, observed, observed_low, observed_high, causes }: DriftRow): string {
  const gains = Object.entries(causes).map(
    ([cause, people]) => `${people > 0 ? '+' : '−'}${Math.abs(people)} ${cause.replaceAll('_', ' ')}`,
  );
  if (gains.length > 0) return gains.join(', ');
  if (tenure_part !== null) return `${tenure_part.toFixed(3)} of it is tenure`;
  if (expected === null) return '';
  const range = `${shortNumber(observed_low)} to ${shortNumber(observed_high)}`;
  return `expected ${shortNumber(expected)}, observed ${shortNumber(observed)} (${range})`;
}

/** `0.123`, `12.3`, `1.2e-8`, `–`. */
function shortNumber(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  return size < 0.001 ? value.toExponential(1) : value.toFixed(size < 10 ? 3 : size < 100 ? 1 : 0);
}
