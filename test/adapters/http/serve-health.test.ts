import { afterEach, describe, expect, it } from 'vitest';
import {
  serveHealth,
  type HealthOptions,
  type HealthServer,
} from '../../../src/adapters/http/serve-health.ts';

const WELL: HealthOptions = {
  host: '127.0.0.1',
  port: 0,
  dead: () => [],
  unready: () => [],
  metrics: { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('up 1\n') },
};

const open: HealthServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(changed: Partial<HealthOptions> = {}): Promise<HealthServer> {
  const server = await serveHealth({ ...WELL, ...changed });
  open.push(server);
  return server;
}

async function ask(
  server: HealthServer,
  path: string,
): Promise<{ readonly code: number; readonly body: unknown }> {
  const answer = await fetch(server.url + path);
  return { code: answer.status, body: await answer.json() };
}

describe('the health server', () => {
  it('says that all is well', async () => {
    const server = await serve();
    expect(await ask(server, '/livez')).toEqual({ code: 200, body: { status: 'ok' } });
    expect(await ask(server, '/readyz')).toEqual({ code: 200, body: { status: 'ok' } });
  });

  it('asks anew each time, and gives the reasons of each question for itself', async () => {
    const reasons: object[] = [];
    const server = await serve({ unready: () => reasons });
    expect((await ask(server, '/readyz')).code).toBe(200);
    reasons.push({ reason: 'outage', code: 'REDIS_UNAVAILABLE' });
    expect(await ask(server, '/readyz')).toEqual({ code: 503, body: { status: 'unready', reasons } });
    expect((await ask(server, '/livez')).code).toBe(200);
  });

  it('says that it is dead', async () => {
    const server = await serve({ dead: () => [{ reason: 'silent' }] });
    const body = { status: 'dead', reasons: [{ reason: 'silent' }] };
    expect(await ask(server, '/livez')).toEqual({ code: 503, body });
  });

  it('gives metrics as Prometheus reads them', async () => {
    const answer = await fetch(`${(await serve()).url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await answer.text()).toBe('up 1\n');
  });

  it('knows no other address', async () => {
    expect((await fetch(`${(await serve()).url}/state`)).status).toBe(404);
  });

  it('says what to do about a port that is taken', async () => {
    const port = Number(new URL((await serve()).url).port);
    await expect(serveHealth({ ...WELL, port })).rejects.toMatchObject({
      code: 'HTTP_BIND',
      message: `health and metrics cannot be served at 127.0.0.1:${port}`,
      mend: expect.stringContaining('TIDEMARK_HTTP_PORT') as string,
    });
  });

  it('is gone once it is closed, whoever still has a connection', async () => {
    const server = await serve();
    await ask(server, '/livez');
    await server.close();
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });
});
