import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickhouseHandle } from '../../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { selectTable } from '../../../src/adapters/clickhouse/select-table.ts';
import { type StartedClickhouse, startClickhouse } from '../../support/clickhouse/start-clickhouse.ts';

const NAMES = readdirSync(new URL('../../../schemas/clickhouse/', import.meta.url))
  .filter((name) => name.endsWith('.sql'))
  .sort();
const RETENTION = { dead_letters: 30, churn_scores: null };

describe('migrate over HTTP', () => {
  let server: StartedClickhouse;
  const handles: ClickhouseHandle[] = [];
  beforeAll(async () => {
    server = await startClickhouse();
    for (let i = 0; i < 3; i++) handles.push(await openClickhouseServer(server));
  });
  afterAll(async () => {
    for (const handle of handles) await handle.close();
    await server.close();
  });
  const first = () => {
    const [handle] = handles;
    if (handle === undefined) throw new Error('not open');
    return handle;
  };

  it('may run in several places at once', async () => {
    await Promise.all(handles.map((handle) => migrate(handle, { retentionDays: RETENTION })));
    expect(
      (await selectTable(first(), 'SELECT name FROM schema_migrations FINAL ORDER BY name')).rows.flat(),
    ).toEqual(NAMES);
  });

  it('does nothing the second time', async () => {
    for (const handle of handles) {
      expect(await migrate(handle, { retentionDays: RETENTION })).toEqual({ applied: [], already: NAMES });
    }
  });

  it('makes the tables in the database that was opened, and in no other', async () => {
    const { rows } = await selectTable(
      first(),
      "SELECT DISTINCT database FROM system.tables WHERE name = 'tag_transitions_rows' AND database = {database:String} OR database = 'default' AND name LIKE 'tag%'",
      { database: server.database },
    );
    expect(rows).toEqual([[server.database]]);
  });

  it('says so when the user may not', async () => {
    const readOnly = { ...first(), client: first().reading };
    await expect(migrate(readOnly)).rejects.toMatchObject({ code: 'DATABASE_WRITE' });
  });
});
