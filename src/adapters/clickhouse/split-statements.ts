/** One SQL statement: `text` as written, `bare` with comments and everything quoted blanked out. */
export interface SqlStatement {
  readonly text: string;
  readonly bare: string;
}

const PIECE =
  /(?<quoted>'(?:[^'\\]+|\\[^]|'')*'|"(?:[^"\\]+|\\[^]|"")*"|`(?:[^`\\]+|\\[^]|``)*`|\$(?<tag>\w*)\$[^]*?\$\k<tag>\$)|(?<comment>--[^\n]*|#[ !][^\n]*|\/\*[^]*?\*\/)|(?<end>;)|[^]/g;

/**
 * Splits SQL at the semicolons that end statements, as ClickHouse reads it: not those in strings, quoted
 * identifiers, heredocs or comments. Statements come in order, trimmed, without their semicolon; those that
 * hold nothing but blanks and comments are left out. An unclosed quote is left for the engine to complain of.
 */
export function splitStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let text = '';
  let bare = '';
  const finish = () => {
    if (bare.trim() !== '') statements.push({ text: text.trim(), bare: bare.trim() });
    text = '';
    bare = '';
  };
  for (const piece of sql.matchAll(PIECE)) {
    const kind = piece.groups ?? {};
    if (kind['end'] !== undefined) {
      finish();
      continue;
    }
    text += piece[0];
    bare += kind['quoted'] !== undefined ? "''" : kind['comment'] !== undefined ? ' ' : piece[0];
  }
  finish();
  return statements;
}

/** The same text, as long as it was, with a blank for every character of comments and of everything quoted. */
export function maskStatement(sql: string): string {
  let masked = '';
  for (const piece of sql.matchAll(PIECE)) {
    const { quoted, comment } = piece.groups ?? {};
    masked += quoted === undefined && comment === undefined ? piece[0] : ' '.repeat(piece[0].length);
  }
  return masked;
}
