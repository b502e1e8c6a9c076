import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.ts';
import { redisProcess } from './redis-process.ts';

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

/** A place for the keys of one test, on a server that it shares with others. */
export interface PlaceInRedis {
  readonly address: string;
  /** New, and of this caller alone. */
  readonly prefix: string;
  /** Removes the keys under the prefix, and ends the server if it is ours. */
  readonly leave: () => Promise<void>;
}

/**
 * For tests that need a Redis and do nothing to it: the one at `TIDEMARK_TEST_REDIS` where that is set, else a server of
 * our own. Rejects with the three ways to get one where there is none.
 */
export async function placeInRedis(): Promise<PlaceInRedis> {
  const prefix = `tidemark-test-${randomUUID()}`;
  const address = process.env['TIDEMARK_TEST_REDIS'];
  if (address === undefined || address === '') {
    const redis = await startRedis();
    return { address: redis.address, prefix, leave: redis.stop };
  }
  return { address, prefix, leave: () => removeKeys(address, prefix) };
}

async function removeKeys(address: string, prefix: string): Promise<void> {
  const client = new Redis(`redis://${address}`);
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>)
    if (keys.length > 0) await client.unlink(...keys);
  await client.quit();
}

/** Of a server that ended instead of answering: most likely somebody else has its port by now. */
class EndedAtStart extends Error {}

const PORTS_TRIED = 3;
/** A question to a port that nobody listens on waits until somebody does. */
const ANSWER_MS = 500;

/**
 * A server that a test may kill and pause; never the one from the environment. Settings as on the command line, without
 * the dashes: `{appendonly: 'yes'}`. Loopback only, nothing kept on disk.
 */
export function startRedis(
  settings: Readonly<Record<string, string>> = {},
  findPort: () => Promise<number> = freePort,
): Promise<TestRedis> {
  return onFreePorts(async () => startOnce(await findPort(), settings));
}

/** Between being found free and being taken a port may be taken by others: then once more, on others. */
async function onFreePorts(start: () => Promise<TestRedis>): Promise<TestRedis> {
  for (let tried = 1; ; tried++) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof EndedAtStart) || tried === PORTS_TRIED) throw error;
    }
  }
}

async function startOnce(port: number, settings: Readonly<Record<string, string>>): Promise<TestRedis> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-redis-')));
  const server = await redisProcess(port, folder);
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    // A test waits for what it asks; a server that is down is asked again until it answers.
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
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
    server.start(args);
    let hasEnded = false;
    await eventually(async () => {
      hasEnded = server.hasEnded();
      return hasEnded || (await Promise.race([isItself(), pause(ANSWER_MS, false)]));
    });
    if (hasEnded) throw new EndedAtStart(`redis-server ended at its start: ${args.join(' ')}`);
  }
  // Who answers may be somebody else's server, until ours finds that the port is taken.
  const isItself = async (): Promise<boolean> =>
    (await client.ping()) === 'PONG' && (await client.config('GET', 'dir'))[1] === folder;
  const stop = async (): Promise<void> => {
    client.disconnect();
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  };

  await client.connect().catch(() => undefined);
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    port,
    folder,
    client,
    kill: server.kill,
    start,
    pause: server.pause,
    resume: server.resume,
    stop,
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
const MEET_AGAIN_MS = 3_000;

/** Three primaries that share the slots evenly, each with a replica if asked for. */
export async function startRedisCluster({
  withReplicas = false,
  nodeTimeoutMs = 1000,
} = {}): Promise<TestRedisCluster> {
  const nodes: TestRedis[] = [];
  try {
    for (let i = 0; i < (withReplicas ? 6 : 3); i++) {
      nodes.push(
        await onFreePorts(async () =>
          startOnce(await freePort(), {
            'cluster-enabled': 'yes',
            'cluster-port': String(await freePort()),
            'cluster-node-timeout': String(nodeTimeoutMs),
            'repl-diskless-sync-delay': '0',
          }),
        ),
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
  const meet = async (): Promise<void> => {
    for (const { client } of others) await client.call('CLUSTER', 'MEET', '127.0.0.1', first.port, busPort);
  };
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
  const knowEachOther = async (): Promise<boolean> => (await Promise.all(nodes.map(knowsAll))).every(Boolean);
  // Nodes that do not answer within the node time-out, as on a busy machine, are forgotten, and have to be met again.
  await eventually(async () => {
    await meet();
    await eventually(knowEachOther, { withinMs: MEET_AGAIN_MS });
    return true;
  });
  for (const [i, replica] of nodes.slice(3).entries()) {
    const primary = String(await nodes[i]?.client.call('CLUSTER', 'MYID'));
    await replica.client.call('CLUSTER', 'REPLICATE', primary);
    await eventually(async () =>
      (await replica.client.info('replication')).includes('master_link_status:up'),
    );
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
