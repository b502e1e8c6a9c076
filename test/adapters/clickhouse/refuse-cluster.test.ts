import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickhouseHandle } from '../../../src/adapters/clickhouse/clickhouse-handle.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openClickhouseServer } from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { LocalClickhouse } from '../../support/clickhouse/local-clickhouse.ts';

const replica = (host: string) => `<replica><host>${host}</host><port>9000</port></replica>`;
const CONFIG = `<clickhouse>
  <macros><cluster>pair</cluster><shard>1</shard><replica>a</replica></macros>
  <remote_servers>
    <pair><shard>${replica('127.0.0.1')}${replica('127.0.0.2')}</shard></pair>
    <wide><shard>${replica('127.0.0.1')}</shard><shard>${replica('127.0.0.2')}</shard></wide>
  </remote_servers>
</clickhouse>`;

describe('a cluster', () => {
  let server: LocalClickhouse;
  let handle: ClickhouseHandle;
  beforeAll(async () => {
    server = await LocalClickhouse.start({ config: CONFIG });
    handle = await openClickhouseServer({ url: server.url, user: server.user, password: server.password });
  });
  afterAll(async () => {
    await handle.close();
    await server.close();
  });

  it.each([
    ['wide', 'the cluster wide', 'has 2 shards', 'one shard'],
    ['nowhere', 'knows no cluster nowhere', '', 'SHOW CLUSTERS'],
    ['{nowhere}', 'has no macro {nowhere}', '', 'macros'],
  ])('is refused when it is %s', async (cluster, message, more, mend) => {
    await expect(migrate(handle, { cluster })).rejects.toMatchObject({
      code: 'SCHEMA_CONFLICT',
      message: expect.stringMatching(new RegExp(`${message.replaceAll(/[{}]/g, '\\$&')}.*${more}`)) as string,
      mend: expect.stringContaining(mend) as string,
    });
  });

  it.each(['pair', '{cluster}'])('of one shard is used: %s', async (cluster) => {
    // As far as it goes without a keeper, where ClickHouse itself declines to pass statements on.
    await expect(migrate(handle, { cluster })).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      message: expect.stringMatching(/^schema_migrations in .*DDL/) as string,
    });
  });
});
