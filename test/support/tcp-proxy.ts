import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What becomes of the answer to bytes that a client sent, once they were passed on: `pass`; `hold`, with all that is
 * answered on the connection after it, until `release`; `lose`: the connection breaks once the answer is there, and the
 * client never sees it.
 */
export type Verdict = 'pass' | 'hold' | 'lose';

/** Between the first bytes of an answer that is lost and the end of the connection: the server is done by then. */
const LOST_AFTER_MS = 20;

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  verdict: Verdict;
  readonly kept: Buffer[];
}

/** Stands between clients and a server on loopback; passes everything on, but for answers it is told to keep. */
export class TcpProxy {
  readonly port: number;
  /** Asked about everything that clients send, a piece as they wrote it. */
  verdictOn: (request: Buffer) => Verdict = () => 'pass';
  /** Told of everything that is passed on to clients, a piece as it came. */
  onAnswer: (answer: Buffer) => void = () => undefined;
  /** What clients never got to see, by connection. */
  readonly lost: Buffer[] = [];
  /** From the server to clients, so far. */
  answeredBytes = 0;
  private readonly listener: Server;
  private readonly target: number;
  private readonly connections = new Set<Connection>();

  private constructor(listener: Server, port: number, target: number) {
    this.listener = listener;
    this.port = port;
    this.target = target;
  }

  /** `port` 0: any that is free. */
  static async start(target: number, port = 0): Promise<TcpProxy> {
    const listener = createServer();
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new TcpProxy(listener, address.port, target);
    listener.on('connection', (client) => proxy.take(client));
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Connections whose answers are held. */
  get held(): number {
    return [...this.connections].filter(({ verdict, kept }) => verdict === 'hold' && kept.length > 0).length;
  }

  /** Lets what is held go. */
  release(): void {
    for (const connection of this.connections) {
      if (connection.verdict !== 'hold') continue;
      connection.verdict = 'pass';
      for (const answer of connection.kept.splice(0)) connection.client.write(answer);
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.listener.close(resolve));
    for (const connection of this.connections) this.end(connection);
    await closed;
  }

  private take(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const connection: Connection = { client, server, verdict: 'pass', kept: [] };
    this.connections.add(connection);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.end(connection));
    }
    client.on('data', (request) => {
      const verdict = this.verdictOn(request);
      if (connection.verdict === 'pass') connection.verdict = verdict;
      server.write(request);
    });
    server.on('data', (answer) => this.answer(connection, answer));
  }

  private answer(connection: Connection, answer: Buffer): void {
    const { verdict, kept, client } = connection;
    if (verdict === 'pass') {
      this.answeredBytes += answer.length;
      this.onAnswer(answer);
      client.write(answer);
      return;
    }
    kept.push(answer);
    if (verdict === 'lose' && kept.length === 1)
      setTimeout(() => {
        this.lost.push(Buffer.concat(kept));
        this.end(connection);
      }, LOST_AFTER_MS);
  }

  private end(connection: Connection): void {
    this.connections.delete(connection);
    connection.client.destroy();
    connection.server.destroy();
  }
}
