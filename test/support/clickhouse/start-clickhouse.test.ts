import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalClickhouse } from './local-clickhouse.ts';
import { startClickhouse } from './start-clickhouse.ts';

describe('the ClickHouse server of the tests', () => {
  let server: LocalClickhouse;
  beforeAll(async () => {
    server = await LocalClickhouse.start();
  });
  afterAll(() => server.close());

  const ask = (
    search: Record<string, string>,
    body: string | Uint8Array = '',
    headers: Record<string, string> = {},
  ) =>
    fetch(`${server.url}/?${new URLSearchParams(search).toString()}`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${server.user}:${server.password}`).toString('base64')}`,
        ...headers,
      },
      body,
    });
  const answerOf = async (response: Promise<Response>) => {
    const { status, headers } = await response;
    return { status, code: headers.get('x-clickhouse-exception-code'), text: await (await response).text() };
  };

  it('answers ping to anybody', async () => {
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
  });

  it('takes a query from the body, from the address, and from both', async () => {
    expect(await answerOf(ask({}, 'SELECT 1, 2'))).toMatchObject({ status: 200, text: '1\t2\n' });
    expect(await answerOf(ask({ query: 'SELECT 3' }))).toMatchObject({ text: '3\n' });
    await answerOf(ask({}, 'CREATE TABLE t (a Int8) ENGINE = Memory'));
    await answerOf(ask({ query: 'INSERT INTO t FORMAT JSONCompactEachRow' }, '[1]\n[2]\n'));
    await answerOf(ask({ query: 'INSERT INTO t FORMAT JSONCompactEachRow' }, ''));
    expect(await answerOf(ask({}, 'SELECT count() FROM t'))).toMatchObject({ text: '2\n' });
  });

  it('forgets the settings and the parameters of a query', async () => {
    const sql = "SELECT getSetting('max_threads'), {text:String}";
    expect(await answerOf(ask({ max_threads: '1', param_text: "it's\\ta\\\\b" }, sql))).toMatchObject({
      text: "1\tit\\'s\\ta\\\\b\n",
    });
    expect(await answerOf(ask({ max_threads: '2' }, sql))).toMatchObject({ status: 500, code: '456' });
  });

  it('reads and writes gzip when it is asked to', async () => {
    const response = await ask({ enable_http_compression: '1' }, gzipSync('SELECT 7'), {
      'Content-Encoding': 'gzip',
      'Accept-Encoding': 'gzip',
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toBe('7\n');
  });

  it.each([
    ['SELEC 1', {}, 400, '62'],
    ['SELECT 1; SELECT 2', {}, 400, '62'],
    ['SELECT * FROM nowhere', {}, 404, '60'],
    ['SELECT 1', { database: 'nowhere' }, 404, '81'],
    ['SELECT 1', { session_id: 'mine' }, 501, '48'],
    ['CREATE TABLE u (a Int8) ENGINE = Memory', { readonly: '1' }, 500, '164'],
    ['SELECT 1', { no_such_setting: '1' }, 404, '115'],
  ])('answers %s with %j by status and code', async (sql, search, status, code) => {
    const answer = await answerOf(ask(search, sql));
    expect(answer).toMatchObject({ status, code });
    expect(answer.text).toMatch(/^Code: \d+\. DB::Exception: [^]* \([A-Z_]+\) \(version /);
  });

  it('refuses strangers', async () => {
    expect(await answerOf(ask({}, 'SELECT 1', { Authorization: 'Basic eDp5' }))).toMatchObject({
      status: 403,
      code: '516',
    });
  });

  it('is taken from the environment when that names one, and gives each caller a database', async () => {
    const { host } = new URL(server.url);
    const before = process.env['TIDEMARK_TEST_CLICKHOUSE'];
    process.env['TIDEMARK_TEST_CLICKHOUSE'] =
      `http://${server.user}:${encodeURIComponent(server.password)}@${host}`;
    try {
      const [one, two] = await Promise.all([startClickhouse(), startClickhouse()]);
      expect([one.url, two.url]).toEqual([server.url, server.url]);
      expect(one.database).not.toBe(two.database);
      await one.close();
      await two.close();
      expect(
        await answerOf(ask({}, "SELECT count() FROM system.databases WHERE name LIKE 'tidemark%'")),
      ).toMatchObject({ text: '0\n' });
    } finally {
      if (before === undefined) delete process.env['TIDEMARK_TEST_CLICKHOUSE'];
      else process.env['TIDEMARK_TEST_CLICKHOUSE'] = before;
    }
  });
});
