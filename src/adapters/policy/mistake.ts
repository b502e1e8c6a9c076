import { TidemarkError } from '../../errors.ts';

/** Keys and list positions from the top of the file. */
export type Path = readonly (string | number)[];

/** Something wrong at a place of the document, in words that end in the mend. */
export interface Mistake {
  readonly path: Path;
  /** Whether the fault lies in what is named or in what it is set to. */
  readonly on: 'key' | 'value';
  readonly message: string;
}

/** A mistake with its position in the text, counted from 1. */
export interface PlacedMistake {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** `dimensions.buyer_class.tags.active_buyer.when.all[0].orders_90d`; empty for the whole file. One line. */
export function pathText(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${keyText(step)}`))
    .join('');
}

/** YAML lets a whole map be a key, over any number of lines. */
function keyText(key: string): string {
  const line = key.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

/** All mistakes of a file as one error, a line each, in the order of the text. */
export function policyError(fileName: string, mistakes: readonly PlacedMistake[]): TidemarkError {
  const lines = mistakes.map(
    ({ line, column, path, message }) =>
      `${fileName}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`,
  );
  const [only] = lines;
  return new TidemarkError(
    'POLICY_INVALID',
    lines.length === 1 && only !== undefined
      ? only
      : `${fileName} has ${lines.length} mistakes\n${lines.join('\n')}`,
    'correct the policy file and run the command again; src/docs/policy.md explains the language',
  );
}

/** A value as an operator wrote it, short enough for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
