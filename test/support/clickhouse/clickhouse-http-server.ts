import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { ChdbEngine, EngineAnswer } from './chdb-engine.ts';
import type { Fault, ServerSettings } from './control-messages.ts';
import { authenticate, type HttpQuery, readHttpQuery } from './http-query.ts';
import { statusOf } from './http-status.ts';

/** ClickHouse's own limit on the length of an address. */
const MAX_HEADER_BYTES = 1024 * 1024;

/**
 * As much of ClickHouse's HTTP interface as its client uses, over the engine: queries by POST, `/ping`,
 * settings and parameters in the address, gzip both ways, errors with code and text. No sessions, no TLS.
 */
export class ClickhouseHttpServer {
  readonly #engine: ChdbEngine;
  readonly #settings: ServerSettings;
  readonly #onInserting: () => void;
  #server: Server | undefined;
  #port: number;
  #answersToLose = 0;
  #requestsToRefuse = 0;
  #requestsToDrop = 0;
  readonly #usedSockets = new WeakSet<object>();
  #delayMs = 0;

  constructor(engine: ChdbEngine, settings: ServerSettings, onInserting: () => void) {
    this.#engine = engine;
    this.#settings = settings;
    this.#onInserting = onInserting;
    this.#port = settings.port;
  }

  async listen(): Promise<number> {
    const options = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: this.#settings.keepAliveMs };
    const server = createServer(options, (request, response) => void this.#serve(request, response));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#server = server;
    this.#port = address.port;
    return address.port;
  }

  async apply(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'lose-answers':
        this.#answersToLose = fault.inserts;
        return;
      case 'unavailable':
        this.#requestsToRefuse = fault.requests;
        return;
      case 'stale':
        this.#requestsToDrop = fault.requests;
        return;
      case 'slow':
        this.#delayMs = fault.delayMs;
        return;
      case 'down':
        await this.#stopListening();
        return;
      case 'up':
        await this.listen();
    }
  }

  async #stopListening(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that went away is no reason for the server to end.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (this.#requestsToDrop > 0 && this.#usedSockets.has(request.socket)) {
      this.#requestsToDrop -= 1;
      request.socket.destroy();
      return;
    }
    this.#usedSockets.add(request.socket);
    if (this.#requestsToRefuse > 0) {
      this.#requestsToRefuse -= 1;
      response.writeHead(503, { 'Content-Type': 'text/html', Connection: 'close' });
      response.end('<html><body><h1>503 Service Unavailable</h1></body></html>');
      return;
    }
    if (request.method === 'GET' && request.url?.startsWith('/ping') === true) {
      response.end('Ok.\n');
      return;
    }
    try {
      authenticate(request, this.#settings.user, this.#settings.password);
      const query = await readHttpQuery(request);
      if (query.isInsert) this.#onInserting();
      const answer = await this.#engine.run(query);
      if (query.isInsert && this.#answersToLose > 0) {
        this.#answersToLose -= 1;
        response.destroy();
        return;
      }
      if (this.#delayMs > 0) await delay(this.#delayMs);
      send(response, query, answer);
    } catch (cause) {
      this.#sendFailure(response, cause);
    }
  }

  #sendFailure(response: ServerResponse, cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    const code = Number(/^Code: (\d+)/.exec(message)?.[1] ?? 1001);
    response.writeHead(statusOf(code), {
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Exception-Code': String(code),
    });
    response.end(`${message} (version ${this.#engine.version} (official build))\n`);
  }
}

function send(response: ServerResponse, query: HttpQuery, { body, readRows, elapsedNs }: EngineAnswer): void {
  const rows = String(readRows);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Query-Id', query.queryId);
  response.setHeader('X-ClickHouse-Format', query.format);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  response.setHeader(
    'X-ClickHouse-Summary',
    JSON.stringify({
      read_rows: rows,
      written_rows: query.isInsert ? rows : '0',
      elapsed_ns: String(elapsedNs),
    }),
  );
  if (!query.compressAnswer) {
    response.end(body);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.end(gzipSync(body));
}
