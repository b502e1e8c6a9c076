import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';

/** One request of ClickHouse's HTTP interface, read to its end. */
export interface HttpQuery {
  readonly queryId: string;
  readonly sql: string;
  readonly database: string;
  readonly format: string;
  readonly settings: readonly (readonly [string, string])[];
  /** Name and text, in the escaping of tab-separated values, as ClickHouse takes them. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly isInsert: boolean;
  /** An insert whose rows were to follow, and none did: nothing to do. */
  readonly isEmptyInsert: boolean;
  readonly compressAnswer: boolean;
}

/** A request that the interface refuses before the engine sees it, with ClickHouse's code. */
export class RefusedRequest extends Error {
  readonly code: number;

  constructor(code: number, name: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${name})`);
    this.code = code;
  }
}

/** Of the interface, not of the engine. */
const HTTP_ONLY_SETTINGS = new Set([
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'role',
  'quota_key',
  'user',
  'password',
]);
const SESSION_SETTINGS = new Set(['session_id', 'session_timeout', 'session_check', 'close_session']);

export async function readHttpQuery(request: IncomingMessage): Promise<HttpQuery> {
  const { searchParams } = new URL(request.url ?? '/', 'http://server');
  const body = await readBody(request);
  const settings: [string, string][] = [];
  const parameters: [string, string][] = [];
  let [queryId, sql, database, format] = [crypto.randomUUID() as string, '', 'default', 'TabSeparated'];
  for (const [name, value] of searchParams) {
    if (name === 'query') sql = value;
    else if (name === 'query_id') queryId = value;
    else if (name === 'database') database = value;
    else if (name === 'default_format') format = value;
    else if (name.startsWith('param_')) parameters.push([name, value]);
    else if (SESSION_SETTINGS.has(name))
      throw new RefusedRequest(48, 'NOT_IMPLEMENTED', 'There are no sessions here');
    else if (!HTTP_ONLY_SETTINGS.has(name)) settings.push([name, value]);
  }
  const head = sql === '' ? body.slice(0, 1_000) : sql;
  const isInsert = /^(?:\s|--[^\n]*\n)*INSERT\b/i.test(head);
  const isEmptyInsert = isInsert && body.trim() === '' && /\bFORMAT\s+\w+\s*$/i.test(sql);
  return {
    queryId,
    sql: sql !== '' && body !== '' ? `${sql}\n${body}` : sql + body,
    database,
    format,
    settings,
    parameters,
    isInsert,
    isEmptyInsert,
    compressAnswer:
      searchParams.get('enable_http_compression') === '1' &&
      /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined) return (await buffer(request)).toString('utf8');
  if (encoding !== 'gzip') {
    throw new RefusedRequest(432, 'UNKNOWN_COMPRESSION_METHOD', `Unknown compression method '${encoding}'`);
  }
  return (await buffer(request.pipe(createGunzip()))).toString('utf8');
}

/** Throws unless the request carries the credentials, in any of the three places ClickHouse looks. */
export function authenticate(request: IncomingMessage, user: string, password: string): void {
  const { searchParams } = new URL(request.url ?? '/', 'http://server');
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const [basicUser = '', ...rest] = Buffer.from(basic ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const given =
    basic === undefined
      ? {
          user: request.headers['x-clickhouse-user'] ?? searchParams.get('user') ?? 'default',
          password: request.headers['x-clickhouse-key'] ?? searchParams.get('password') ?? '',
        }
      : { user: basicUser, password: rest.join(':') };
  if (given.user === user && given.password === password) return;
  throw new RefusedRequest(
    516,
    'AUTHENTICATION_FAILED',
    `${String(given.user)}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
}
