import { describe, expect, it } from 'vitest';
import { maskStatement, splitStatements } from '../../../src/adapters/clickhouse/split-statements.ts';

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.text);

describe('splitStatements', () => {
  it('cuts at semicolons and trims', () => {
    expect(texts(' SELECT 1 ;\n SELECT 2; ')).toEqual(['SELECT 1', 'SELECT 2']);
  });

  it.each([
    ["SELECT ';'"],
    ["SELECT 'it''s; fine'"],
    ["SELECT 'a\\'; b'"],
    ['SELECT 1 AS "a;b"'],
    ['SELECT 1 AS `a;b`'],
    ['SELECT $$ ; $$'],
    ['SELECT $tag$ ; $$ ; $tag$'],
    ['SELECT 1 -- not; yet'],
    ['SELECT 1 # not; yet'],
    ['SELECT /* ; */ 1'],
  ])('leaves %s in one piece', (sql) => {
    expect(texts(sql)).toEqual([sql]);
  });

  it('leaves out what holds only blanks and comments', () => {
    expect(texts('-- nothing\n;; /* nothing */ ; SELECT 1; -- the end')).toEqual(['SELECT 1']);
    expect(texts('')).toEqual([]);
  });

  it('keeps comments in the text and blanks them, with all that is quoted, in the bare form', () => {
    const [statement] = splitStatements("-- DROP\nSELECT 'INSERT', `ALTER` /* SET */ FROM t");
    expect(statement?.text).toContain('-- DROP');
    expect(statement?.bare).toBe("SELECT '', ''   FROM t");
  });

  it('leaves an unclosed quote to the engine', () => {
    expect(texts("SELECT 'open")).toEqual(["SELECT 'open"]);
  });

  it('reads a megabyte of string without running out of stack', () => {
    const sql = `SELECT '${'x\\n'.repeat(300_000)}'`;
    expect(texts(sql)).toEqual([sql]);
  });
});

describe('maskStatement', () => {
  it('blanks comments and what is quoted, and keeps the place of everything else', () => {
    expect(maskStatement("a 'b''c' -- d\n`e` \"f\" /* g */ h")).toBe('a            \n                h');
    for (const sql of ["x 'ä\ud83d\ude00' y", "SELECT 'open", '$tag$ ; $tag$ z'])
      expect(maskStatement(sql)).toHaveLength(sql.length);
  });
});
