import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { openSnapshot } from '../../src/adapters/memory/state-snapshot.ts';
import { openRedis } from '../../src/adapters/redis/redis-connection.ts';
import { partitionOf } from '../../src/core/partition.ts';
import type { PopulationDelta } from '../../src/core/scoring/population.ts';
import { seededRandom } from '../../src/core/seeded-random.ts';
import { NEVER, instant, plus } from '../../src/core/time.ts';
import type { PersonChange } from '../../src/ports/state-store.ts';
import { startRedis } from '../support/redis/start-redis.ts';
import { LAYOUTS, type Layout } from './redis-layouts.ts';
import { productFlags } from './product-flags.ts';

/*
 * `node --import tsx test/bench/redis-memory.bench.ts [--state FILE | --accounts N --days D] [--people N] [--partitions N]
 *   [--turn N] [--id-bytes N] [--layouts NAME;NAME]`
 *
 * How many bytes a person takes in Redis, all in, and what writing and reading one costs, in each of the layouts of
 * redis-layouts.ts. The people are those of an embedded run: of the state file that is named, or of one made here.
 * Where they are fewer than asked for they come again under other ids. Each layout has a server of its own. Everybody
 * is written with half of their record first, then whole, because records grow. Figures: README.md beside this file.
 */
const { values } = parseArgs({
  options: {
    state: { type: 'string' },
    accounts: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '3' },
    people: { type: 'string', default: '1000000' },
    partitions: { type: 'string', default: '16' },
    turn: { type: 'string', default: '500' },
    'id-bytes': { type: 'string', default: '0' },
    layouts: { type: 'string', default: Object.keys(LAYOUTS).join(';') },
  },
});
const [people, partitions, turnPeople] = [values.people, values.partitions, values.turn].map(Number) as [
  number,
  number,
  number,
];
/** Written and read once more, after everybody is there. */
const AGAIN = Math.min(people, 200_000);

interface Turn {
  readonly partition: number;
  readonly people: readonly PersonChange[];
}

async function stateOfOwn(folder: string): Promise<string> {
  const [events, db] = [join(folder, 'events.ndjson'), join(folder, 'db')];
  const main = join(import.meta.dirname, '../../src/main.ts');
  const flags = [...(await productFlags()), '--import', 'tsx'];
  const size = ['--people', values.accounts, '--days', values.days, '--seed', '1'];
  await run([...flags, main, 'simulate', ...size, '--out', events]);
  await run([...flags, join(import.meta.dirname, 'measure-replay.ts'), events, db]);
  return join(db, 'tidemark.state');
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

/** In no order. */
async function peopleOf(
  path: string,
): Promise<{ readonly all: PersonChange[]; readonly population: PopulationDelta }> {
  const found: PersonChange[] = [];
  const snapshot = await openSnapshot(path);
  for await (const person of snapshot?.people() ?? []) found.push(person);
  if (snapshot === undefined || found.length === 0) throw new Error(`nobody is in ${path}`);
  const all = Array.from({ length: people }, (_, i): PersonChange => {
    const { personId, record, dueAt } = found[i % found.length] as PersonChange;
    const round = Math.floor(i / found.length);
    const id = round === 0 ? personId : `${String.fromCharCode(64 + round)}${personId.slice(1)}`;
    return { personId: id.padEnd(Number(values['id-bytes']), '-'), record, dueAt };
  });
  const random = seededRandom(1, 'order');
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [all[i], all[j]] = [all[j] as PersonChange, all[i] as PersonChange];
  }
  return { all, population: snapshot.header.summary.population };
}

function turnsOf(all: readonly PersonChange[]): Turn[] {
  const waiting = Array.from({ length: partitions }, () => [] as PersonChange[]);
  const turns: Turn[] = [];
  for (const person of all) {
    const partition = partitionOf(person.personId, partitions);
    const own = waiting[partition] ?? [];
    own.push(person);
    if (own.length === turnPeople) turns.push({ partition, people: own.splice(0) });
  }
  return [...turns, ...waiting.map((own, partition) => ({ partition, people: own }))].filter(
    (turn) => turn.people.length > 0,
  );
}

/** Microseconds of CPU time per person, of Redis's main thread and of this process; bytes of the append-only file. */
async function costOf(client: Redis, turns: readonly Turn[], work: (turn: Turn) => Promise<unknown>) {
  const count = turns.reduce((sum, turn) => sum + turn.people.length, 0);
  const [before, own] = [await infoOf(client), process.cpuUsage()];
  for (const turn of turns) await work(turn);
  const [after, { user, system }] = [await infoOf(client), process.cpuUsage(own)];
  return {
    redisMicros: round((1e6 * (cpuSeconds(after) - cpuSeconds(before))) / count),
    clientMicros: round((user + system) / count),
    aofBytes: Math.round((after('aof_current_size') - before('aof_current_size')) / count),
  };
}

const round = (number: number): number => Math.round(number * 10) / 10;

type Info = (name: string) => number;

async function infoOf(client: Redis): Promise<Info> {
  const text = await client.info('everything');
  return (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? NaN);
}

const cpuSeconds = (info: Info): number =>
  info('used_cpu_user_main_thread') + info('used_cpu_sys_main_thread');

/** Bytes of all keys, by what stands behind the hash tag in their names. */
async function bytesByKind(client: Redis): Promise<Record<string, number>> {
  const bytes = new Map<string, number>();
  for await (const keys of client.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key, 'SAMPLES', 0)));
    keys.forEach((key, i) => {
      const kind = /\}:([a-z]+)/.exec(key)?.[1] ?? key;
      bytes.set(kind, (bytes.get(kind) ?? 0) + Number(sizes[i]));
    });
  }
  return Object.fromEntries([...bytes].map(([kind, sum]) => [kind, round(sum / people)]));
}

async function measure(name: string, turns: readonly Turn[], population: PopulationDelta) {
  const redis = await startRedis({ appendonly: 'yes', 'auto-aof-rewrite-percentage': '0' });
  const connection = await openRedis({ addresses: [redis.address], isCluster: false, timeoutMs: 60_000 });
  try {
    const empty = await infoOf(redis.client);
    const layout = (await LAYOUTS[name]?.(connection, partitions, people, population)) as Layout;
    const again = turns.slice(0, Math.ceil(AGAIN / turnPeople));
    const young = ({ partition, people: all }: Turn) =>
      layout.write(
        partition,
        all.map((person) => ({ ...person, record: person.record.subarray(0, person.record.length / 2) })),
      );
    const whole = ({ partition, people: all }: Turn) => layout.write(partition, all);
    const later = ({ partition, people: all }: Turn) =>
      layout.write(
        partition,
        all.map((person) => ({ ...person, dueAt: plus(person.dueAt, 60_000) })),
      );
    const cost = {
      arrive: await costOf(redis.client, turns, young),
      grow: await costOf(redis.client, turns, whole),
      change: await costOf(redis.client, again, later),
      read: await costOf(redis.client, again, async ({ partition, people: all }) => {
        const records = await layout.read(
          partition,
          all.map(({ personId }) => personId),
        );
        if (records.some((record, i) => record?.length !== all[i]?.record.length)) throw new Error('misread');
      }),
    };
    const full = await infoOf(redis.client);
    const perPerson = (field: string): number => round((full(field) - empty(field)) / people);
    return {
      layout: name,
      usedBytes: perPerson('used_memory'),
      datasetBytes: perPerson('used_memory_dataset'),
      residentBytes: perPerson('used_memory_rss'),
      byKind: await bytesByKind(redis.client),
      cost,
    };
  } finally {
    await connection.close();
    await redis.stop();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'tidemark-redis-memory-'));
try {
  const { all, population } = await peopleOf(values.state ?? (await stateOfOwn(folder)));
  const turns = turnsOf(
    all.map((person) => ({ ...person, dueAt: person.dueAt === NEVER ? instant(2 ** 42) : person.dueAt })),
  );
  const mean = (of: (person: PersonChange) => number): number =>
    round(all.reduce((sum, person) => sum + of(person), 0) / people);
  console.log(
    JSON.stringify({
      node: process.version,
      ...{ people, partitions, turnPeople },
      recordBytes: mean(({ record }) => record.length),
      idBytes: mean(({ personId }) => Buffer.byteLength(personId)),
      neverDue: mean(({ dueAt }) => (dueAt === NEVER ? 1 : 0)),
    }),
  );
  for (const name of values.layouts.split(';'))
    console.log(JSON.stringify(await measure(name, turns, population)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
