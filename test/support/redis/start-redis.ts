import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.ts';

/** A Redis server of a test, and what a test can do to it. */
export interface TestRedis {
  readonly address: string;
  readonly port: number;
  /** Where it keeps what it writes to disk. */
  readonly folder: string;
  /** A connection of the test's own. */
  readonly client: Redis;
  /** SIGKILL: what was not on disk is gone. */
  readonly kill: () => Promise<void>;
  /** On the same port and folder, after `kill`; `settings` outrank those of before. */
  readonly start: (settings?: Readonly<Record<string, string>>) => Promise<void>;
  /** SIGSTOP and SIGCONT. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it and removes its folder. */
  readonly stop: () => Promise<void>;
}

const EXECUTABLE = 'redis-server';
const MISSING = `no Redis for the tests: install ${EXECUTABLE} (Debian: apt-get install redis-server; macOS: brew install redis)`;

/** Settings as on the command line, without the dashes: `{appendonly: 'yes'}`. Loopback only, nothing kept on disk. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<TestRedis> {
  if (spawnSync(EXECUTABLE, ['--version']).status !== 0) throw new Error(MISSING);
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-redis-'));
  const port = await freePort();
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    // A test waits for what it asks; a server that is down is asked again until it answers.
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  let server: ChildProcess | undefined;
  const killAtExit = (): void => {
    server?.kill('SIGKILL');
  };

  async function start(changed: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = {
      bind: '127.0.0.1',
      port: String(port),
      dir: folder,
      save: '',
      appendonly: 'no',
      ...settings,
    };
    const args = Object.entries({ ...all, ...settings, ...changed }).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]);
    server = spawn(EXECUTABLE, args, { stdio: 'ignore' });
    process.once('exit', killAtExit);
    await eventually(async () => (await client.ping()) === 'PONG');
  }

  async function kill(): Promise<void> {
    const ending = server;
    server = undefined;
    process.removeListener('exit', killAtExit);
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill('SIGCONT');
    ending.kill('SIGKILL');
    await ended;
  }

  await client.connect().catch(() => undefined);
  await start();
  return {
    address: `127.0.0.1:${port}`,
    port,
    folder,
    client,
    kill,
    start,
    pause: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    stop: async () => {
      client.disconnect();
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TestRedisCluster {
  readonly addresses: readonly string[];
  readonly primaries: readonly TestRedis[];
  /** Of the primary at the same place; none when the cluster was asked for without. */
  readonly replicas: readonly TestRedis[];
  readonly flush: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const SLOTS = 16_384;

/** Three primaries that share the slots evenly, each with a replica if asked for. */
export async function startRedisCluster({
  withReplicas = false,
  nodeTimeoutMs = 1000,
} = {}): Promise<TestRedisCluster> {
  const nodes: TestRedis[] = [];
  try {
    for (let i = 0; i < (withReplicas ? 6 : 3); i++) {
      nodes.push(
        await startRedis({
          'cluster-enabled': 'yes',
          'cluster-port': String(await freePort()),
          'cluster-node-timeout': String(nodeTimeoutMs),
          'repl-diskless-sync-delay': '0',
        }),
      );
    }
    await formCluster(nodes);
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  }
  const primaries = nodes.slice(0, 3);
  return {
    addresses: nodes.map(({ address }) => address),
    primaries,
    replicas: nodes.slice(3),
    flush: async () => {
      await Promise.all(primaries.map(({ client }) => client.flushall()));
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function formCluster(nodes: readonly TestRedis[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  const busPort = Number((await first.client.config('GET', 'cluster-port'))[1]);
  for (const { client } of others) await client.call('CLUSTER', 'MEET', '127.0.0.1', first.port, busPort);
  await Promise.all(
    nodes.slice(0, 3).map(({ client }, i) => {
      const [from, to] = [Math.ceil((SLOTS / 3) * i), Math.ceil((SLOTS / 3) * (i + 1)) - 1];
      return client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
    }),
  );
  const knowsAll = async ({ client }: TestRedis): Promise<boolean> => {
    const info = String(await client.call('CLUSTER', 'INFO'));
    return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
  };
  await eventually(async () => (await Promise.all(nodes.map(knowsAll))).every(Boolean));
  for (const [i, replica] of nodes.slice(3).entries()) {
    const primary = String(await nodes[i]?.client.call('CLUSTER', 'MYID'));
    await replica.client.call('CLUSTER', 'REPLICATE', primary);
    await eventually(async () =>
      (await replica.client.info('replication')).includes('master_link_status:up'),
    );
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
