import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeServerFailure } from '../../../src/adapters/clickhouse/describe-server-failure.ts';
import { openClickhouseServer } from '../../../src/adapters/clickhouse/open-clickhouse-server.ts';
import { selectTable, selectText } from '../../../src/adapters/clickhouse/select-table.ts';
import { parseServerAddress } from '../../../src/adapters/clickhouse/server-address.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { LocalClickhouse } from '../../support/clickhouse/local-clickhouse.ts';

describe('openClickhouseServer', () => {
  let server: LocalClickhouse;
  const others: Server[] = [];
  beforeAll(async () => {
    server = await LocalClickhouse.start();
  });
  afterAll(() => server.close());
  afterEach(async () => {
    await server.slowDown(0);
    for (const other of others.splice(0)) {
      other.closeAllConnections();
      other.close();
    }
  });

  const open = (changes: Partial<Parameters<typeof openClickhouseServer>[0]> = {}) =>
    openClickhouseServer({ url: server.url, user: server.user, password: server.password, ...changes });
  const failureOf = async (work: Promise<unknown>): Promise<TidemarkError> => {
    const failure: unknown = await work.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (!(failure instanceof TidemarkError)) throw new Error(`not a TidemarkError: ${inspect(failure)}`);
    expect(inspect(failure, { depth: 9 })).not.toContain(server.password);
    expect(inspect(failure, { depth: 9 })).not.toContain(encodeURIComponent(server.password));
    return failure;
  };
  const serving = async (listener: RequestListener): Promise<string> => {
    const other = createServer(listener).listen(0, '127.0.0.1');
    others.push(other);
    await once(other, 'listening');
    const address = other.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  };

  describe('opens', () => {
    it.each([
      ['compressed', true],
      ['as it is', false],
    ])('and sends queries %s', async (_, compressRequests) => {
      const handle = await open({ compressRequests });
      try {
        await handle.client.command({ query: 'CREATE TABLE IF NOT EXISTS t (a Int8) ENGINE = Memory' });
        expect((await selectTable(handle, "SELECT 'ä\\n' AS a")).rows).toEqual([['ä\n']]);
        const chunks: Uint8Array[] = [];
        for await (const chunk of await selectText(handle, 'SELECT 1 AS a', 'TabSeparatedWithNames'))
          chunks.push(chunk);
        expect(Buffer.concat(chunks).toString()).toBe('a\n1\n');
      } finally {
        await handle.close();
      }
    });

    it('with the credentials in the address, and never shows them', async () => {
      const { host } = new URL(server.url);
      const handle = await openClickhouseServer({
        url: `http://${server.user}:${encodeURIComponent(server.password)}@${host}`,
      });
      expect(handle.place).toBe(`http://${host}/default`);
      await handle.close();
      await handle.close();
    });

    it('with a token scope of its own where rows have to be written again', async () => {
      const handle = await open({ tokenScope: 'again/' });
      expect(handle.tokenScope).toBe('again/');
      await handle.confirmStored();
      await handle.close();
    });
  });

  describe('says what is wrong and what to do, without the password', () => {
    it.each(['wrong', ''])('when the password is %j', async (password) => {
      expect(await failureOf(open({ password }))).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: expect.stringContaining('does not know the user tidemark with this password') as string,
        mend: expect.stringContaining('Check user and password') as string,
      });
    });

    it('when there is no such user', async () => {
      expect(await failureOf(open({ user: 'nobody' }))).toMatchObject({
        message: expect.stringContaining('does not know the user nobody') as string,
      });
    });

    it('when there is no such database', async () => {
      expect(await failureOf(open({ database: 'nowhere' }))).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: `there is no database nowhere in ClickHouse at ${server.url}`,
        mend: expect.stringContaining('CREATE DATABASE nowhere') as string,
      });
    });

    it('when nothing listens at the port', async () => {
      const url = await serving(() => undefined);
      await new Promise((resolve) => others.pop()?.close(resolve));
      expect(await failureOf(open({ url }))).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        message: `nothing listens at ${url} (connection refused)`,
        mend: expect.stringContaining('8123') as string,
      });
    });

    it('when the host is unknown', async () => {
      expect(await failureOf(open({ url: 'http://clickhouse.invalid:8123' }))).toMatchObject({
        message: expect.stringContaining('the host name clickhouse.invalid is unknown') as string,
      });
    });

    it('when it is asked for TLS and has none', async () => {
      const url = server.url.replace('http:', 'https:');
      expect(await failureOf(open({ url }))).toMatchObject({
        message: expect.stringContaining('does not speak TLS') as string,
        mend: expect.stringContaining('http://') as string,
      });
    });

    it('when the server is silent', async () => {
      await server.slowDown(60_000);
      expect(await failureOf(open({ requestTimeoutMs: 100 }))).toMatchObject({
        message: `${server.url} did not answer in time`,
      });
    });

    it('when another program listens there', async () => {
      const url = await serving((_, response) => response.writeHead(404).end('<h1>nginx</h1>'));
      expect(await failureOf(open({ url }))).toMatchObject({
        message: `what answers at ${url} is not ClickHouse: <h1>nginx</h1>`,
      });
    });

    it('when the connection breaks', async () => {
      const url = await serving((request) => request.socket.destroy());
      // Whichever the system says first: that the other end is gone, or that nothing can be written to it any more.
      const failed = `the connection to ${url} failed `;
      expect([`${failed}(ECONNRESET)`, `${failed}(EPIPE)`]).toContain(
        (await failureOf(open({ url }))).message,
      );
    });

    it.each([
      'clickhouse:8123',
      'tcp://tidemark:p%40ss@host:9000',
      'http://host:8123/shop?password=p@ss',
      'http://u:%zz@host:8123',
      '',
    ])('when the address is %j', async (url) => {
      const failure = await failureOf(openClickhouseServer({ url }));
      expect(failure.code).toBe('CONFIG_INVALID');
      expect(failure.message + failure.mend).not.toMatch(/p@ss|p%40ss/);
    });
  });
});

describe('describeServerFailure', () => {
  const address = parseServerAddress('https://shop:secret@ch.example:8443', { database: 'shop' });
  it.each([
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'the certificate of https://ch.example:8443 is not trusted',
      'NODE_EXTRA_CA_CERTS',
    ],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is not trusted', 'host name'],
    ['ETIMEDOUT', 'did not answer in time', 'firewall'],
    ['EAI_AGAIN', 'the host name ch.example is unknown', 'name service'],
    ['EHOSTUNREACH', 'failed (EHOSTUNREACH)', 'port 8443'],
    ['497', 'does not let the user shop into shop', 'GRANT SELECT, INSERT, ALTER, CREATE ON shop.* TO shop'],
    ['202', 'refused: 202', 'its own log'],
  ])('explains %s', (code, message, mend) => {
    const failure = describeServerFailure(Object.assign(new Error(code), { code }), address);
    expect(failure).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining(message) as string,
      mend: expect.stringContaining(mend) as string,
    });
    expect(failure.message + failure.mend).not.toContain('secret');
  });
});
