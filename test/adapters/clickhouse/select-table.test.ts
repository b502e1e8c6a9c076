import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectTable } from '../../../src/adapters/clickhouse/select-table.ts';
import { aCurrentTag } from '../../contracts/sample-analytics-rows.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

describe('selectTable', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
    await database.analytics.write('one', { current_tags: [aCurrentTag()] });
  });
  afterAll(() => database.close());
  const select = (sql: string) => selectTable(database.handle, sql);

  it('gives columns in the order of the SQL, two of one name too, with their types', async () => {
    expect(await select("SELECT 1 AS b, 'x' AS a, 1 AS b")).toEqual({
      columns: [
        { name: 'b', type: 'UInt8' },
        { name: 'a', type: 'String' },
        { name: 'b', type: 'UInt8' },
      ],
      rows: [[1, 'x', 1]],
    });
  });

  it('gives columns for an answer without rows', async () => {
    expect(await select('SELECT tag FROM current_tags WHERE 0')).toEqual({
      columns: [{ name: 'tag', type: 'LowCardinality(String)' }],
      rows: [],
    });
  });

  it('gives numbers for numbers, null for what is not one, ISO instants and nested values', async () => {
    const { rows } = await select(`SELECT
      toUInt64(9007199254740991), toDecimal128('11.770', 3), toFloat32(0.5), true, 1 / 0, NULL,
      toDateTime64(1.5, 3, 'UTC'), toDate('1997-05-02'), toDateTime(0, 'Asia/Shanghai'), [1, 2], map('a', 1)`);
    expect(rows).toEqual([
      [
        9007199254740991,
        11.77,
        0.5,
        true,
        null,
        null,
        '1970-01-01T00:00:01.500Z',
        '1997-05-02',
        '1970-01-01T00:00:00Z',
        [1, 2],
        { a: 1 },
      ],
    ]);
  });

  it.each([
    ['SELECT count() FROM current_tags;'],
    ['  -- how many\n SELECT count() FROM current_tags; -- that is all'],
    ['(SELECT count() FROM current_tags)'],
    ['WITH 1 AS one SELECT count() FROM current_tags WHERE one'],
    ['FROM current_tags SELECT count()'],
    ['SELECT count() FROM current_tags FINAL'],
  ])('runs %s', async (sql) => {
    expect((await select(sql)).rows).toEqual([[1]]);
  });

  it.each([
    'SHOW TABLES',
    'DESCRIBE current_tags',
    'DESC TABLE current_tags',
    'EXPLAIN SELECT 1',
    'EXISTS current_tags',
  ])('runs %s', async (sql) => {
    expect((await select(sql)).rows).not.toHaveLength(0);
  });

  it.each([
    ['', 'no SQL', 'SELECT count()'],
    [' -- nothing', 'no SQL', 'SELECT count()'],
    ['DROP TABLE current_tags_rows', 'not a reading statement: DROP TABLE current_tags_rows', 'Only reading'],
    ['SELECT 1; SELECT 2', 'several statements; the second is: SELECT 2', 'one at a time'],
    ["SELECT 1 INTO OUTFILE 'x'", 'INTO OUTFILE', '--json'],
    ["SELECT * FROM file('/etc/hostname', 'LineAsString')", 'readonly', 'Only reading'],
    ['SELECT 1 SETTINGS max_threads = 1', 'readonly', 'no settings'],
    ['SELECT nonsense FROM current_tags', 'nonsense', 'DESCRIBE'],
    ['SELECT 1 FROM nowhere', 'nowhere', 'SHOW TABLES'],
    ['SELEKT 1', 'not a reading statement', 'begin with SELECT'],
    ['SELECT FROM WHERE', 'Syntax error', 'Correct the SQL'],
    ['SELECT 1 FORMAT CSV', 'Syntax error', 'leave FORMAT out'],
    ["SELECT 'open", 'Syntax error', 'Correct the SQL'],
    ["SELECT throwIf(1, 'on purpose')", 'on purpose', 'SHOW TABLES'],
  ])('refuses %j and says why and what to do', async (sql, why, mend) => {
    await expect(select(sql)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining(why) as string,
      mend: expect.stringContaining(mend) as string,
    });
  });
});
