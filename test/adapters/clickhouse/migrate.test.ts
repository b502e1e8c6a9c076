import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClickhouseHandle } from '../../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import { selectTable } from '../../../src/adapters/clickhouse/select-table.ts';
import { splitStatements } from '../../../src/adapters/clickhouse/split-statements.ts';
import { aTemporaryFolder } from './an-embedded-database.ts';

const SHIPPED = new URL('../../../schemas/clickhouse/', import.meta.url);
const NAMES = [
  '0001_tag_transitions.sql',
  '0002_current_tags.sql',
  '0003_person_profiles.sql',
  '0004_trigger_events.sql',
  '0005_segment_sizes.sql',
  '0006_dead_letters.sql',
  '0007_drift.sql',
  '0008_churn_scores.sql',
];

describe('migrate', () => {
  let folder: Awaited<ReturnType<typeof aTemporaryFolder>>;
  let handle: ClickhouseHandle;
  beforeAll(async () => {
    folder = await aTemporaryFolder();
    handle = await openEmbeddedClickhouse({ path: join(folder.path, 'db') });
  });
  afterAll(async () => {
    await handle.close();
    await folder.remove();
  });
  afterEach(async () => {
    const { rows } = await selectTable(handle, 'SHOW TABLES');
    for (const [name] of rows) await handle.client.command({ query: `DROP TABLE \`${String(name)}\` SYNC` });
  });

  /** A folder of migrations that a test may change: the shipped ones, and what is given. */
  const migrationsWith = async (name: string, changes: Readonly<Record<string, string>>): Promise<URL> => {
    const path = join(folder.path, name);
    await mkdir(path);
    await cp(SHIPPED, path, { recursive: true });
    for (const [file, sql] of Object.entries(changes)) await writeFile(join(path, file), sql);
    return pathToFileURL(`${path}/`);
  };

  it('applies every file once, in order', async () => {
    expect(await migrate(handle)).toEqual({ applied: NAMES, already: [] });
    expect(await migrate(handle)).toEqual({ applied: [], already: NAMES });
  });

  it('applies what is new, after what was there', async () => {
    await migrate(handle);
    const more = await migrationsWith('more', {
      '0009_more.sql':
        "CREATE TABLE IF NOT EXISTS more (a Int8 COMMENT 'x; y') ENGINE = MergeTree ORDER BY a; -- and\n",
    });
    expect(await migrate(handle, { folder: more })).toEqual({ applied: ['0009_more.sql'], already: NAMES });
    expect((await selectTable(handle, 'SELECT count() FROM more')).rows).toEqual([[0]]);
  });

  it('refuses a file that was edited after it was applied, and names it', async () => {
    await migrate(handle);
    const sql = await readFile(new URL('0002_current_tags.sql', SHIPPED), 'utf8');
    const edited = await migrationsWith('edited', { '0002_current_tags.sql': `${sql}-- better\n` });
    await expect(migrate(handle, { folder: edited })).rejects.toMatchObject({
      code: 'SCHEMA_CONFLICT',
      message: expect.stringContaining('0002_current_tags.sql was edited') as string,
      mend: expect.stringContaining('next number') as string,
    });
  });

  it('takes other line endings for the same file', async () => {
    await migrate(handle);
    const sql = await readFile(new URL('0002_current_tags.sql', SHIPPED), 'utf8');
    const checkedOut = await migrationsWith('crlf', {
      '0002_current_tags.sql': sql.replaceAll('\n', '\r\n'),
    });
    expect(await migrate(handle, { folder: checkedOut })).toEqual({ applied: [], already: NAMES });
  });

  it('refuses a database of a newer version', async () => {
    const newer = await migrationsWith('newer', { '0099_later.sql': 'SELECT 1' });
    await migrate(handle, { folder: newer });
    await expect(migrate(handle)).rejects.toMatchObject({
      code: 'SCHEMA_CONFLICT',
      message: expect.stringContaining('0099_later.sql') as string,
    });
  });

  it('completes what was killed after any statement', async () => {
    const statements: string[] = [];
    for (const name of NAMES) {
      for (const { text } of splitStatements(await readFile(new URL(name, SHIPPED), 'utf8')))
        statements.push(text);
    }
    for (const statement of statements) {
      // Done, and killed before it could be recorded.
      await handle.client.command({ query: statement });
    }
    expect(await migrate(handle)).toEqual({ applied: NAMES, already: [] });
  });

  it('may run twice at once', async () => {
    await Promise.all([migrate(handle), migrate(handle)]);
    expect(await migrate(handle)).toEqual({ applied: [], already: NAMES });
  });

  it('says which file holds a statement that fails', async () => {
    const broken = await migrationsWith('broken', {
      '0009_broken.sql': 'CREATE TABLE IF NOT EXISTS oops (a Nonsense)',
    });
    await expect(migrate(handle, { folder: broken })).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      message: expect.stringMatching(/0009_broken\.sql.*Nonsense/s) as string,
    });
  });

  it('ships only statements that can be repeated, in files of ascending numbers', async () => {
    for (const [i, name] of NAMES.entries()) {
      expect(name).toMatch(new RegExp(`^${String(i + 1).padStart(4, '0')}_`));
      for (const { bare } of splitStatements(await readFile(new URL(name, SHIPPED), 'utf8'))) {
        expect(bare).toMatch(
          /^(CREATE (TABLE|VIEW) IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE \w+ ADD COLUMN IF NOT EXISTS) /,
        );
      }
    }
  });
});
