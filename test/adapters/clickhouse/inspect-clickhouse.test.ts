import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectClickhouse } from '../../../src/adapters/clickhouse/inspect-clickhouse.ts';
import { aServerDatabase, type ServerDatabase } from './a-server-database.ts';

describe('the inspection of a ClickHouse', () => {
  let database: ServerDatabase;
  beforeAll(async () => {
    database = await aServerDatabase();
  });
  afterAll(() => database.close());

  it('finds nothing missing where everything is there, and leaves no row', async () => {
    const { handle } = database;
    const found = await inspectClickhouse(handle, Date.now);
    expect(found).toMatchObject({
      migrations: { missing: [], unknown: [] },
      writeRefused: undefined,
      readOnlyTables: [],
    });
    expect(Math.abs(found.clock.serverAt - found.clock.answeredAt)).toBeLessThan(5_000);
  });

  it('says why a user may not insert', async () => {
    const { handle } = database;
    const { writeRefused } = await inspectClickhouse({ ...handle, client: handle.reading }, Date.now);
    expect(writeRefused).toMatchObject({ code: 'DATABASE_WRITE' });
  });

  it('tells migrations that are missing from those that are unknown', async () => {
    const { handle } = database;
    await handle.client.command({
      query: "INSERT INTO schema_migrations SELECT '9999_from_the_future.sql', '', now64(3)",
    });
    await handle.client.command({
      query: "ALTER TABLE schema_migrations DELETE WHERE name LIKE '0001%' SETTINGS mutations_sync = 2",
    });
    const { migrations } = await inspectClickhouse(handle, Date.now);
    expect(migrations).toEqual({
      missing: ['0001_tag_transitions.sql'],
      unknown: ['9999_from_the_future.sql'],
    });
  });
});
