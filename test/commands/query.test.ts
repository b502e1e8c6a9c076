import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/command-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testWorld } from '../support/test-world.ts';

async function run(args: readonly string[], options: Parameters<typeof testWorld>[0] = {}) {
  const { world, stdout, stderr } = testWorld(options);
  const code = await runCommandLine(args, world);
  return { code, stdout: stdout(), stderr: stderr() };
}

async function migratedFolder(): Promise<string> {
  const db = join(temporaryFolder(), 'db');
  expect(await run(['migrate', '--db', db])).toMatchObject({ code: 0 });
  return db;
}

describe('migrate', () => {
  it('creates the tables once and says so', async () => {
    const db = join(temporaryFolder(), 'db');
    const first = await run(['migrate', '--db', db]);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('applied 0001_tag_transitions.sql\n');
    expect((await run(['migrate', '--db', db])).stdout).toMatch(/: nothing to do, \d+ applied before\n$/);
    const json = JSON.parse((await run(['migrate', '--db', db, '--json'])).stdout) as Record<
      string,
      string[]
    >;
    expect(json['applied']).toEqual([]);
    expect(json['already']).toContain('0001_tag_transitions.sql');
  });
});

describe('query', () => {
  const SQL =
    "SELECT number + 1 AS n, if(n = 2, NULL, concat('a\tb', '\n', toString(n))) AS words FROM numbers(2)";

  it('prints tab-separated lines where nobody watches', async () => {
    const db = await migratedFolder();
    expect(await run(['query', '--db', db, SQL])).toEqual({
      code: 0,
      stdout: 'n\twords\n1\ta\\tb\\n1\n2\t\\N\n',
      stderr: '',
    });
  });

  it.each(['-- a comment\nSELECT 1 AS n', '--a=b\nSELECT 1 AS n', '/* two\nlines */ SELECT 1 AS n'])(
    'takes SQL however it begins, before and after the options: %j',
    async (sql) => {
      const db = await migratedFolder();
      const one = { code: 0, stdout: 'n\n1\n', stderr: '' };
      expect(await run(['query', '--db', db, sql])).toEqual(one);
      expect(await run(['query', sql, '--db', db])).toEqual(one);
      expect(await run(['query', `--db=${db}`, '--', sql])).toEqual(one);
      expect(await run(['query', sql, '--json', '--db', db])).toMatchObject({ stdout: '[{"n":1}]\n' });
    },
  );

  it('keeps what begins with a dash apart from options', async () => {
    const sql = '-- a comment\nSELECT 1';
    for (const args of [
      ['--jsn', sql],
      [sql, '--jsn'],
    ]) {
      const { code, stderr } = await run(['query', '--db', 'x', ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/unknown option '--jsn'[^]*did you mean --json\?/);
    }
    expect((await run(['query', 'SELECT 1', '--bd=a b'])).stderr).toContain("unknown option '--bd=a b'");
    expect((await run(['query', '--db', 'x', sql, sql])).stderr).toContain('too many arguments');
    expect((await run(['query', '--db', '-- a b', 'SELECT 1'])).stderr).toContain('-- a b');
    expect((await run(['query', '--db=-- a\nb', 'SELECT 1'])).stderr).toContain('no database at -- a\n');
    expect((await run(['query', '--db', 'x', '--', sql])).stderr).toContain('[INPUT_NOT_FOUND]');
  });

  it('prints one array of row objects with --json', async () => {
    const db = await migratedFolder();
    const { code, stdout } = await run(['query', '--db', db, '--json', SQL]);
    expect(code).toBe(0);
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual([
      { n: 1, words: 'a\tb\n1' },
      { n: 2, words: null },
    ]);
    expect((await run(['query', '--db', db, '--json', 'SELECT 1 WHERE 0'])).stdout).toBe('[]\n');
  });

  it('prints a table on a terminal, with what it left out', async () => {
    const db = await migratedFolder();
    const table = await run(['query', '--db', db, SQL], { isTerminal: true });
    expect(table.stdout).toBe('n  words\n─  ───────\n1  a\\tb\\n1\n2  NULL\n');
    expect(table.stderr).toBe('\n2 rows in 0 ms\n');
    const long = await run(['query', '--db', db, 'SELECT number FROM numbers(1234)'], { isTerminal: true });
    expect(long.stdout.trimEnd().split('\n')).toHaveLength(1002);
    expect(long.stderr).toContain('the first 1,000 of 1,234 rows');
    expect(
      (await run(['query', '--db', db, 'SELECT number FROM numbers(1234)'])).stdout.split('\n'),
    ).toHaveLength(1236);
  });

  it('keeps the last column of a large result whole', async () => {
    const db = await migratedFolder();
    const sql = "SELECT number, repeat('x', 100) AS x FROM numbers(20000)";
    const rows = JSON.parse((await run(['query', '--db', db, '--json', sql])).stdout) as unknown[];
    expect(rows).toHaveLength(20_000);
    expect(rows.at(-1)).toEqual({ number: 19_999, x: 'x'.repeat(100) });
  });

  it('keeps every digit, on a terminal, in a pipe and with --json', async () => {
    const db = await migratedFolder();
    const sql =
      "SELECT toUInt64(18446744073709551615) AS n, toDecimal128('12345678901234567.89', 2) AS d, 'a/b' AS t";
    const digits = ['18446744073709551615', '12345678901234567.89'];
    expect((await run(['query', '--db', db, sql])).stdout).toBe(`n\td\tt\n${digits.join('\t')}\ta/b\n`);
    expect((await run(['query', '--db', db, '--json', sql])).stdout).toBe(
      `[{"n":${digits.join(',"d":')},"t":"a/b"}]\n`,
    );
    const table = await run(['query', '--db', db, sql], { isTerminal: true });
    expect(table.stdout).toContain(digits.join('  '));
  });

  it('says what is wrong with the SQL or the folder', async () => {
    const db = await migratedFolder();
    const unknown = await run(['query', '--db', db, 'SELECT x FROM current_tagz']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/current_tagz[^]*\[QUERY_FAILED\]\n {2}mend: /);
    expect(await run(['query', '--db', db, 'DROP TABLE current_tags_rows'])).toMatchObject({
      code: 1,
      stdout: '',
    });
    const nowhere = await run(['query', '--db', join(db, 'nowhere'), 'SELECT 1']);
    expect(nowhere.code).toBe(2);
    expect(nowhere.stderr).toContain('[INPUT_NOT_FOUND]');
  });
});
