import { TidemarkError } from '../../errors.ts';
import type { ClickhouseHandle } from './clickhouse-handle.ts';
import { selectTable } from './select-table.ts';

/**
 * Throws `SCHEMA_CONFLICT` unless the server knows the cluster and it is one shard, however many replicas: every
 * table is whole on each of them. With several shards a view would show a part of the people.
 */
export async function refuseCluster(handle: ClickhouseHandle, cluster: string): Promise<void> {
  const macro = /^\{(\w+)\}$/.exec(cluster)?.[1];
  const name = macro === undefined ? cluster : await readMacro(handle, macro);
  const { rows } = await selectTable(
    handle,
    'SELECT uniqExact(shard_num) FROM system.clusters WHERE cluster = {name:String}',
    { name },
  );
  const shards = Number(rows[0]?.[0] ?? 0);
  if (shards === 1) return;
  throw new TidemarkError(
    'SCHEMA_CONFLICT',
    shards === 0
      ? `${handle.place} knows no cluster ${name}`
      : `the cluster ${name} of ${handle.place} has ${shards} shards`,
    shards === 0
      ? 'Name one of `SHOW CLUSTERS`, or leave the cluster out for a single server.'
      : 'Name a cluster of one shard with as many replicas as you like (remote_servers in the configuration of ClickHouse): the tables are whole on each replica.',
  );
}

async function readMacro(handle: ClickhouseHandle, macro: string): Promise<string> {
  const { rows } = await selectTable(
    handle,
    'SELECT substitution FROM system.macros WHERE macro = {macro:String}',
    { macro },
  );
  const [row] = rows;
  if (row !== undefined) return String(row[0]);
  throw new TidemarkError(
    'SCHEMA_CONFLICT',
    `${handle.place} has no macro {${macro}} to name its cluster`,
    `Set it in the configuration of ClickHouse (macros), with {shard} and {replica}, or give the name of a cluster.`,
  );
}
