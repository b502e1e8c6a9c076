import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fault, Notice, ServerSettings } from './control-messages.ts';

const PROGRAM = fileURLToPath(new URL('./serve-clickhouse.ts', import.meta.url));

export interface LocalClickhouseOptions {
  /** How long the server keeps an idle connection; 30 s as ClickHouse does, unless said otherwise. */
  readonly keepAliveMs?: number;
  /** ClickHouse's configuration in XML, for clusters and macros; there is no keeper to run them. */
  readonly config?: string;
}

/**
 * The real ClickHouse engine behind a thin HTTP server, in a process and a new folder of its own, on a free port
 * of loopback. One object outlives its process: `kill` and `restart` keep address, credentials and data. Every
 * method resolves when the fault is in force.
 */
export class LocalClickhouse {
  readonly user = 'tidemark';
  readonly password = `p@ss/${randomUUID()}`;
  readonly #folder: string;
  readonly #options: LocalClickhouseOptions;
  #port = 0;
  #process: ChildProcess | undefined;
  #commands = 0;

  private constructor(folder: string, options: LocalClickhouseOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: LocalClickhouseOptions = {}): Promise<LocalClickhouse> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-clickhouse-'));
    const server = new LocalClickhouse(folder, options);
    try {
      await server.restart();
      return server;
    } catch (cause) {
      await server.close();
      throw cause;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The next inserts are done, and the connection breaks in place of the answer. */
  loseAnswers(inserts: number): Promise<void> {
    return this.#tell({ kind: 'lose-answers', inserts });
  }

  /** The next requests are answered 503 by what looks like a proxy. */
  refuseRequests(requests: number): Promise<void> {
    return this.#tell({ kind: 'unavailable', requests });
  }

  /** The next requests on connections used before find that the server has just closed them. */
  closeKept(requests: number): Promise<void> {
    return this.#tell({ kind: 'stale', requests });
  }

  /** Every answer waits that long, until 0 is given. */
  slowDown(delayMs: number): Promise<void> {
    return this.#tell({ kind: 'slow', delayMs });
  }

  /** Connections break and new ones are refused, until `comeUp`. */
  goDown(): Promise<void> {
    return this.#tell({ kind: 'down' });
  }

  comeUp(): Promise<void> {
    return this.#tell({ kind: 'up' });
  }

  /** SIGSTOP: connections are taken by the system and nobody answers. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Resolves when the engine is given the rows of an insert, the next one after the call. */
  async nextInsert(): Promise<void> {
    await this.#nextNotice(({ kind }) => kind === 'inserting');
  }

  /** SIGKILL, whatever it is at. */
  async kill(): Promise<void> {
    const killed = this.#process;
    if (killed === undefined) return;
    this.#process = undefined;
    const gone = once(killed, 'exit');
    if (killed.exitCode !== null || killed.signalCode !== null) return;
    killed.kill('SIGKILL');
    await gone;
  }

  /** After `kill`: the same folder on the same port. */
  async restart(): Promise<void> {
    const { keepAliveMs = 30_000, config } = this.#options;
    const configFile = `${this.#folder}/config.xml`;
    if (config !== undefined) await writeFile(configFile, config);
    const settings: ServerSettings = {
      folder: join(this.#folder, 'data'),
      ...(config === undefined ? {} : { configFile }),
      port: this.#port,
      user: this.user,
      password: this.password,
      keepAliveMs,
    };
    const child = fork(PROGRAM, [JSON.stringify(settings)], {
      execArgv: ['--import', 'tsx'],
      stdio: 'inherit',
    });
    this.#process = child;
    const killAtExit = () => void child.kill('SIGKILL');
    process.once('exit', killAtExit);
    child.once('exit', () => process.off('exit', killAtExit));
    const notice = await this.#nextNotice(({ kind }) => kind === 'listening' || kind === 'failed');
    if (notice.kind !== 'listening')
      throw new Error(`the ClickHouse server of the tests: ${JSON.stringify(notice)}`);
    this.#port = notice.port;
  }

  /** Ends the process and deletes the folder. Idempotent. */
  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #tell(fault: Fault): Promise<void> {
    const id = ++this.#commands;
    const answered = this.#nextNotice((notice) => notice.kind === 'done' && notice.id === id);
    this.#process?.send({ id, fault });
    await answered;
  }

  #nextNotice(wanted: (notice: Notice) => boolean): Promise<Notice> {
    const child = this.#process;
    if (child === undefined)
      return Promise.reject(new Error('the ClickHouse server of the tests is not running'));
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        child.off('message', onNotice);
        child.off('exit', onExit);
        settle();
      };
      const onNotice = (notice: Notice) => {
        if (wanted(notice)) finish(() => resolve(notice));
      };
      const onExit = (code: number | null, signal: string | null) =>
        finish(() =>
          reject(new Error(`the ClickHouse server of the tests ended (${code ?? signal ?? '?'})`)),
        );
      child.on('message', onNotice);
      child.on('exit', onExit);
    });
  }
}
