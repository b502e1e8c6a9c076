import { TidemarkError } from '../../errors.ts';
import { maskStatement } from './split-statements.ts';

/**
 * How long a replicated table remembers insert tokens. ClickHouse forgets them after an hour unless it is told
 * otherwise; a week is longer than anybody leaves a sink stopped.
 */
const TOKENS_KEPT_SECONDS = 7 * 24 * 3600;

const TARGET =
  /^\s*(?:CREATE TABLE IF NOT EXISTS|CREATE VIEW IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE)\s+\w+/i;
const ENGINE = /\bENGINE\s*=\s*(?=\w*MergeTree\b)(?!Replicated)/i;
const TOKEN_WINDOW = /\bnon_(?=replicated_deduplication_window\s*=\s*\d+)/i;
const TOKEN_WINDOW_END = /\breplicated_deduplication_window\s*=\s*\d+/i;

/**
 * A statement of schemas/clickhouse for a cluster of replicas: run on all of them (`ON CLUSTER`), with the
 * replicated engine of the same kind in place of the plain one, and with its memory for insert tokens. The engine
 * names no path and no replica: so it takes the server's `default_replica_path` and `default_replica_name`,
 * `/clickhouse/tables/{uuid}/{shard}` and `{replica}` unless they were changed, and ON CLUSTER gives all
 * replicas the same uuid. Views and ALTER get ON CLUSTER alone.
 *
 * `cluster` is a cluster's name or a macro such as `{cluster}`. Throws an ordinary Error for a statement of another
 * kind: it would run on one replica only.
 */
export function onCluster(statement: string, cluster: string): string {
  let sql = insertAt(statement, TARGET, ` ON CLUSTER ${quoteCluster(cluster)}`);
  if (sql === undefined) throw new Error(`cannot be run on a cluster: ${statement}`);
  sql = insertAt(sql, ENGINE, 'Replicated') ?? sql;
  sql = removeAt(sql, TOKEN_WINDOW);
  return (
    insertAt(sql, TOKEN_WINDOW_END, `, replicated_deduplication_window_seconds = ${TOKENS_KEPT_SECONDS}`) ??
    sql
  );
}

/** A name may be anything that ClickHouse's configuration allows but what would end the quotes. */
function quoteCluster(cluster: string): string {
  if (!/^[\w.{}-]+$/.test(cluster)) {
    throw new TidemarkError(
      'CONFIG_INVALID',
      `${JSON.stringify(cluster)} cannot be the name of a ClickHouse cluster`,
      'Name one of `SHOW CLUSTERS`, or the macro `{cluster}`.',
    );
  }
  return `'${cluster}'`;
}

/** After the first match outside of quotes and comments; undefined when there is none. */
function insertAt(sql: string, where: RegExp, text: string): string | undefined {
  const match = where.exec(maskStatement(sql));
  if (match === null) return undefined;
  const end = match.index + match[0].length;
  return sql.slice(0, end) + text + sql.slice(end);
}

function removeAt(sql: string, what: RegExp): string {
  const match = what.exec(maskStatement(sql));
  return match === null ? sql : sql.slice(0, match.index) + sql.slice(match.index + match[0].length);
}
