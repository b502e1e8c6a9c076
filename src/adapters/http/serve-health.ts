import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { TidemarkError } from '../../errors.ts';

export interface HealthOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Why the process is not alive; empty when it is. What can be JSON. */
  readonly dead: () => readonly object[];
  /** Why it is not ready. */
  readonly unready: () => readonly object[];
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

export interface HealthServer {
  /** `http://host:port`, with the port that it got. */
  readonly url: string;
  /** Answers what it was asked, and nothing more. */
  close(): Promise<void>;
}

/**
 * Serves `GET /livez` and `GET /readyz`, 200 with `{"status":"ok"}` or 503 with `{"status":"…","reasons":[…]}`, and
 * `GET /metrics` in the text format of Prometheus. Nothing asked is logged. Resolves once it listens; rejects with
 * `HTTP_BIND` when it cannot.
 */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const { host, port, dead, unready, metrics } = options;
  const server = fastify({ logger: false, forceCloseConnections: true });
  const verdict = (status: string, reasons: readonly object[]) =>
    reasons.length === 0 ? ([200, { status: 'ok' }] as const) : ([503, { status, reasons }] as const);
  server.get('/livez', async (_request, reply) => {
    const [code, body] = verdict('dead', dead());
    return reply.code(code).send(body);
  });
  server.get('/readyz', async (_request, reply) => {
    const [code, body] = verdict('unready', unready());
    return reply.code(code).send(body);
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  try {
    await server.listen({ host, port });
  } catch (cause) {
    await server.close();
    throw new TidemarkError(
      'HTTP_BIND',
      `health and metrics cannot be served at ${host}:${port}`,
      'name an address of this machine in TIDEMARK_HTTP_HOST and a port that is free in TIDEMARK_HTTP_PORT; 0 takes any',
      cause,
    );
  }
  const { port: bound } = server.server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () => server.close(),
  };
}
