import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onCluster } from '../../../src/adapters/clickhouse/cluster-statements.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { retentionStatements } from '../../../src/adapters/clickhouse/retention.ts';
import { selectTable } from '../../../src/adapters/clickhouse/select-table.ts';
import { splitStatements } from '../../../src/adapters/clickhouse/split-statements.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

const SHIPPED = new URL('../../../schemas/clickhouse/', import.meta.url);

async function shippedStatements(): Promise<string[]> {
  const names = (await readdir(SHIPPED)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readFile(new URL(name, SHIPPED), 'utf8')));
  return files.flatMap((sql) => splitStatements(sql).map(({ text }) => text));
}

describe('onCluster', () => {
  it.each([
    [
      'a table',
      "CREATE TABLE IF NOT EXISTS a_rows (x Int8) ENGINE = ReplacingMergeTree PARTITION BY x ORDER BY x SETTINGS non_replicated_deduplication_window = 10000 COMMENT 'c'",
      "CREATE TABLE IF NOT EXISTS a_rows ON CLUSTER '{cluster}' (x Int8) ENGINE = ReplicatedReplacingMergeTree PARTITION BY x ORDER BY x SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800 COMMENT 'c'",
    ],
    [
      'a table with a version column and no memory for tokens',
      'CREATE TABLE IF NOT EXISTS a (x Int8, v DateTime) ENGINE = ReplacingMergeTree(v) ORDER BY x',
      "CREATE TABLE IF NOT EXISTS a ON CLUSTER '{cluster}' (x Int8, v DateTime) ENGINE = ReplicatedReplacingMergeTree(v) ORDER BY x",
    ],
    [
      'a table that is replicated as it stands',
      'CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = ReplicatedMergeTree ORDER BY x',
      "CREATE TABLE IF NOT EXISTS a ON CLUSTER '{cluster}' (x Int8) ENGINE = ReplicatedMergeTree ORDER BY x",
    ],
    [
      'a view',
      'CREATE VIEW IF NOT EXISTS a (x Int8) AS SELECT * FROM a_rows FINAL',
      "CREATE VIEW IF NOT EXISTS a ON CLUSTER '{cluster}' (x Int8) AS SELECT * FROM a_rows FINAL",
    ],
    [
      'another view in its place',
      'CREATE OR REPLACE VIEW a AS SELECT 1',
      "CREATE OR REPLACE VIEW a ON CLUSTER '{cluster}' AS SELECT 1",
    ],
    [
      'a change',
      'ALTER TABLE a_rows ADD COLUMN IF NOT EXISTS y Int8',
      "ALTER TABLE a_rows ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS y Int8",
    ],
    [
      'what stands in comments and quotes, which it leaves alone',
      "-- CREATE TABLE IF NOT EXISTS b ENGINE = MergeTree\nCREATE TABLE IF NOT EXISTS a (x Int8 COMMENT 'ENGINE = MergeTree') ENGINE = MergeTree ORDER BY x",
      "-- CREATE TABLE IF NOT EXISTS b ENGINE = MergeTree\nCREATE TABLE IF NOT EXISTS a ON CLUSTER '{cluster}' (x Int8 COMMENT 'ENGINE = MergeTree') ENGINE = ReplicatedMergeTree ORDER BY x",
    ],
  ])('writes %s', (_, statement, expected) => {
    expect(onCluster(statement, '{cluster}')).toBe(expected);
  });

  it.each(['INSERT INTO a VALUES (1)', 'DROP TABLE a', 'CREATE TABLE a (x Int8) ENGINE = Memory'])(
    'refuses what it cannot repeat on every replica: %s',
    (statement) => {
      expect(() => onCluster(statement, 'main')).toThrow(/cannot be run on a cluster/);
    },
  );

  it('refuses a name that would end the quotes, and takes one with points and dashes', () => {
    expect(() => onCluster('ALTER TABLE a DROP COLUMN x', "x' SYNC")).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
    expect(onCluster('ALTER TABLE a DROP COLUMN x', 'eu-1.main')).toBe(
      "ALTER TABLE a ON CLUSTER 'eu-1.main' DROP COLUMN x",
    );
  });

  it('changes of the shipped statements nothing but this', async () => {
    for (const statement of await shippedStatements()) {
      const onAll = onCluster(statement, '{cluster}');
      expect(onAll.match(/ ON CLUSTER '\{cluster\}'/g)).toHaveLength(1);
      const back = onAll
        .replace(" ON CLUSTER '{cluster}'", '')
        .replace('ENGINE = Replicated', 'ENGINE = ')
        .replace(
          'SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800',
          'SETTINGS non_replicated_deduplication_window = 10000',
        );
      expect(back).toBe(statement);
      if (/^ENGINE/m.test(statement)) {
        expect(onAll).toMatch(/^ENGINE = ReplicatedReplacingMergeTree(\(updated_at\))?$/m);
        expect(onAll).toContain('SETTINGS replicated_deduplication_window = 10000, ');
      }
    }
  });

  describe('in the eyes of ClickHouse', () => {
    let database: EmbeddedDatabase;
    beforeAll(async () => {
      database = await anEmbeddedDatabase();
    });
    afterAll(() => database.close());

    it('is SQL, every statement of it, and means the cluster', async () => {
      const retention = retentionStatements(
        { tag_transitions: 400, trigger_events: 90, dead_letters: 30, drift: 365, churn_scores: 200 },
        () => undefined,
      );
      const removal = retentionStatements({ drift: null }, () => 'MergeTree TTL x SETTINGS y = 1');
      const statements = [...(await shippedStatements()), ...retention, ...removal];
      expect(statements.length).toBeGreaterThan(20);
      for (const statement of statements) {
        const onAll = onCluster(statement, '{cluster}');
        await database.handle.client.command({ query: `EXPLAIN AST ${onAll}` });
        const [row] = (await selectTable(database.handle, 'SELECT formatQuery({sql:String})', { sql: onAll }))
          .rows;
        expect(row?.[0]).toMatch(
          /^(CREATE|ALTER) (TABLE|VIEW) (IF NOT EXISTS )?\w+ ON CLUSTER `?\{cluster\}`?/,
        );
      }
    });

    it('needs a macro or a cluster that the server knows', async () => {
      await expect(migrate(database.handle, { cluster: '{cluster}' })).rejects.toMatchObject({
        code: 'SCHEMA_CONFLICT',
        message: expect.stringContaining('no macro {cluster}') as string,
      });
      await expect(migrate(database.handle, { cluster: 'main' })).rejects.toMatchObject({
        code: 'SCHEMA_CONFLICT',
        message: expect.stringContaining('knows no cluster main') as string,
      });
    });
  });
});
