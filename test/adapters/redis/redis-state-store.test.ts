import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf, bucketsFor } from '../../../src/adapters/redis/buckets.ts';
import { openRedis, type RedisConnection } from '../../../src/adapters/redis/redis-connection.ts';
import { RedisStateStore } from '../../../src/adapters/redis/redis-state-store.ts';
import { MAX_CATEGORIES } from '../../../src/core/scoring/population.ts';
import { NEVER, instant } from '../../../src/core/time.ts';
import type { Claim, PartitionChanges } from '../../../src/ports/state-store.ts';
import { letter, person } from '../../contracts/state-store-contract.ts';
import { eventually } from '../../support/eventually.ts';
import {
  startRedis,
  startRedisCluster,
  type TestRedis,
  type TestRedisCluster,
} from '../../support/redis/start-redis.ts';

const NOTHING = { orders: 0, sumMinor: 0, buckets: [], prices: [] };
const TIMEOUT_MS = 1000;

function changesOf(claim: Claim, next: number, parts: Partial<PartitionChanges> = {}): PartitionChanges {
  return {
    claim,
    people: [person('ada', next, instant(next))],
    announcements: [letter(next)],
    population: NOTHING,
    offsets: { s: next },
    clock: instant(next),
    scoredBy: '',
    ...parts,
  };
}

const open = (connection: RedisConnection, prefix: string, partitions = 1): Promise<RedisStateStore> =>
  RedisStateStore.open({ connection, prefix, partitions, counted: [] });

/** What it holds, as somebody sees it who claims it anew. */
async function heldBy(store: RedisStateStore) {
  const claim = await store.claim(0);
  return {
    offsets: claim.offsets,
    entries: (await store.outbox(claim, 100)).map(({ sequence }) => sequence),
    ada: (await store.read(claim, ['ada']))[0]?.length,
    due: await store.due(claim, NEVER, 10),
  };
}

describe('RedisStateStore on a server that fails', () => {
  let redis: TestRedis;
  let connection: RedisConnection;
  beforeAll(async () => {
    redis = await startRedis({ appendonly: 'yes', appendfsync: 'always' });
    connection = await openRedis({ addresses: [redis.address], isCluster: false, timeoutMs: TIMEOUT_MS });
  });
  afterAll(async () => {
    await connection.close();
    await redis.stop();
  });

  it('takes a commit once whose answer was lost, however often it is given again', async () => {
    const store = await open(connection, 'lost-answer');
    const claim = await store.claim(0);
    expect(await store.commit([changesOf(claim, 1)])).toBe('committed');
    redis.pause();
    const second = changesOf(claim, 2);
    await expect(store.commit([second])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    redis.resume();
    // The server now carries out what it was sent before it was asked again.
    expect(await store.commit([second])).toBe('committed');
    expect(await store.commit([changesOf(claim, 3)])).toBe('committed');
    expect(await heldBy(store)).toEqual({ offsets: { s: 3 }, entries: [0, 1, 2], ada: 3, due: ['ada'] });
  });

  it('sends what was given even when the caller uses its buffer for something else meanwhile', async () => {
    const store = await open(connection, 'buffer');
    const claim = await store.claim(0);
    const change = changesOf(claim, 1, {
      people: [{ personId: 'ada', record: Uint8Array.of(7, 7), dueAt: NEVER }],
    });
    redis.pause();
    await expect(store.commit([change])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    change.people[0]?.record.fill(0);
    redis.resume();
    await eventually(async () => (await store.size()) === 1);
    expect(await store.read(claim, ['ada'])).toEqual([Uint8Array.of(7, 7)]);
  });

  it('goes on over a server that was killed and started again, and knows its scripts no more', async () => {
    const store = await open(connection, 'restart');
    const claim = await store.claim(0);
    await store.commit([changesOf(claim, 1)]);
    await redis.kill();
    await expect(store.size()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await redis.start();
    await eventually(async () => (await store.size()) === 1);
    expect(await store.commit([changesOf(claim, 2)])).toBe('committed');
    expect(await heldBy(store)).toEqual({ offsets: { s: 2 }, entries: [0, 1], ada: 2, due: ['ada'] });
  });

  it('refuses every commit that rests on commits which an older copy of the state does not hold', async () => {
    const store = await open(connection, 'older-copy');
    const claim = await store.claim(0);
    await store.commit([changesOf(claim, 1)]);
    const copies = await copied(redis, 'older-copy');
    await store.commit([changesOf(claim, 2)]);
    await restored(redis, copies);
    expect(await store.commit([changesOf(claim, 3)])).toBe('fenced');
    expect(await heldBy(store)).toEqual({ offsets: { s: 1 }, entries: [0], ada: 1, due: ['ada'] });
    const again = await store.claim(0);
    expect(await store.commit([changesOf(again, 2)])).toBe('committed');
    expect(await store.commit([changesOf(claim, 3)])).toBe('fenced');
  });

  it('lets nobody freeze, trim or tell anything that rests on commits which an older copy does not hold', async () => {
    const store = await open(connection, 'older-progress');
    const claim = await store.claim(0);
    await store.commit([changesOf(claim, 1)]);
    const copies = await copied(redis, 'older-progress');
    expect(await store.commit([changesOf(claim, 2)])).toBe('committed');
    expect(await store.noteProgress(claim, { until: instant(2), sent: {}, taken: {} })).toBe('noted');
    await restored(redis, copies);
    expect(await store.noteProgress(claim, { until: instant(3), sent: {}, taken: {} })).toBe('fenced');
    expect(await store.freezePopulation(claim, instant(3))).toBe('fenced');
    await store.trim(claim, 1);
    expect((await store.progress())[0]?.until).toBe(0);
    expect(await store.frozenPopulation(instant(3))).toBeUndefined();
    const again = await store.claim(0);
    expect(await store.outbox(again, 10)).toHaveLength(1);
    expect(await store.noteProgress(again, { until: instant(1), sent: {}, taken: {} })).toBe('noted');
  });

  it('lets nobody trim who does not hold the partition any more', async () => {
    const store = await open(connection, 'trim');
    const zombie = await store.claim(0);
    await store.commit([changesOf(zombie, 1)]);
    const owner = await store.claim(0);
    await store.trim(zombie, 0);
    expect(await store.outbox(owner, 10)).toHaveLength(1);
    await store.trim(owner, 0);
    expect(await store.outbox(owner, 10)).toEqual([]);
  });

  it('takes what two processes with stores of their own do for what it is: one fences the other', async () => {
    const [first, second] = [await open(connection, 'two'), await open(connection, 'two')];
    const early = await first.claim(0);
    const late = await second.claim(0);
    expect(await first.commit([changesOf(early, 1)])).toBe('fenced');
    expect(await second.commit([changesOf(late, 1)])).toBe('committed');
    expect(await first.commit([changesOf(early, 2)])).toBe('fenced');
  });

  it('gives a price to so many categories and no more, those that came first', async () => {
    const store = await open(connection, 'categories');
    const claim = await store.claim(0);
    const prices = Array.from({ length: MAX_CATEGORIES + 100 }, (_, i) => [`c${i}`, [[3, 1]]] as const);
    await store.commit([changesOf(claim, 1, { population: { ...NOTHING, prices } })]);
    const taken = (await store.population()).prices;
    expect(taken).toHaveLength(MAX_CATEGORIES);
    expect(taken.slice(0, 2)).toEqual(prices.slice(0, 2));
  });

  it('tells a record that reads like an id from the id', async () => {
    const store = await open(connection, 'record-like-id');
    const claim = await store.claim(0);
    const named = (personId: string, record: string) => ({
      personId,
      record: Uint8Array.from(Buffer.from(record)),
      dueAt: NEVER,
    });
    await store.commit([changesOf(claim, 1, { people: [named('ada', 'ben'), named('cy', 'ben')] })]);
    expect(await store.read(claim, ['ben'])).toEqual([undefined]);
    await store.commit([changesOf(claim, 2, { people: [named('ben', 'ada')] })]);
    await store.commit([changesOf(claim, 3, { people: [named('ben', 'cy')] })]);
    const records = await store.read(claim, ['ada', 'ben', 'cy']);
    expect(records.map((record) => String(Buffer.from(record ?? [])))).toEqual(['ben', 'cy', 'ben']);
    expect(await store.size()).toBe(3);
  });

  it('lists everybody once who was there, while others come and buckets are split', async () => {
    const store = await open(connection, 'listing');
    const claim = await store.claim(0);
    const people = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => person(`p${from + i}`, 20, instant(i)));
    await store.commit([changesOf(claim, 1, { people: people(0, 3000) })]);
    const found: string[] = [];
    let next = 3000;
    for await (const page of store.people(claim)) {
      found.push(...page.map(({ personId }) => personId));
      await store.commit([changesOf(claim, next, { people: people(next, 2000) })]);
      next += 2000;
    }
    expect(next).toBeGreaterThan(7000);
    expect(new Set(found).size).toBe(found.length);
    const listed = new Set(found);
    expect(people(0, 3000).filter(({ personId }) => !listed.has(personId))).toEqual([]);
  });

  it('finds who is due in any number of buckets, be it one in each or everybody at once', async () => {
    const store = await open(connection, 'due');
    const claim = await store.claim(0);
    const ids = Array.from({ length: 5000 }, (_, i) => `p${i}`);
    const buckets = bucketsFor(ids.length, 1);
    const firsts = Array.from({ length: buckets }, (_, i) => ids.find((id) => bucketOf(id, buckets) === i));
    const people = ids.map((id) => {
      const bucket = firsts.indexOf(id);
      return person(id, 20, bucket < 0 ? NEVER : instant(1000 - bucket));
    });
    await store.commit([changesOf(claim, 1, { people })]);
    expect(await store.due(claim, NEVER, 512)).toEqual(firsts.toReversed());
    expect(await store.due(claim, NEVER, 100)).toEqual(firsts.toReversed().slice(0, 100));
    const atOnce = ids.map((id) => person(id, 20, instant(id === 'p77' ? 6 : 7)));
    await store.commit([changesOf(claim, 2, { people: atOnce })]);
    const due = await store.due(claim, instant(7), 512);
    expect([due[0], new Set(due).size]).toEqual(['p77', 512]);
    expect(await store.due(claim, instant(6), 512)).toEqual(['p77']);
  });

  it('keeps every bucket in the small form, however people come', async () => {
    const store = await open(connection, 'small');
    const claim = await store.claim(0);
    const sizes = [4000, ...Array.from({ length: 40 }, () => 100)];
    let count = 0;
    for (const [turn, size] of sizes.entries()) {
      const from = count;
      count += size;
      const people = Array.from({ length: size }, (_, i) => person(`p${from + i}`, 20, instant(i)));
      await store.commit([changesOf(claim, turn, { people })]);
    }
    const queues = await redis.client.keys('small:{p0}:due:*');
    const forms = await Promise.all(queues.map((key) => redis.client.object('ENCODING', key)));
    expect(queues.length).toBeGreaterThan(count / 64);
    expect(forms).not.toContain('skiplist');
  });

  it('refuses another number of partitions than the state is kept for, and keeps prefixes apart', async () => {
    await open(connection, 'partitions', 4);
    await expect(open(connection, 'partitions', 8)).rejects.toMatchObject({
      code: 'PARTITIONS_CHANGED',
      message: expect.stringContaining('kept for 4 partitions, the topics have 8') as string,
    });
    await open(connection, 'partitions-of-others', 8);
  });

  it('refuses a state of another layout, older or newer, with the way out', async () => {
    for (const version of [1, 3]) {
      await redis.client.hset('layouts:layout', { partitions: 1, version });
      await expect(open(connection, 'layouts')).rejects.toMatchObject({
        code: 'STATE_CORRUPT',
        message: expect.stringContaining(`has layout ${version}, this version of Tidemark has 2`) as string,
        mend: expect.stringContaining('another key prefix') as string,
      });
    }
  });

  it('lets a full server be claimed, told of and emptied, and takes no commit until there is room', async () => {
    const letters = Array.from({ length: 100 }, (_, i) => letter(i));
    const before = await open(connection, 'full');
    await before.commit([changesOf(await before.claim(0), 1, { announcements: letters })]);
    await redis.client.config('SET', 'maxmemory', '1');
    try {
      const store = await open(connection, 'full');
      const claim = await store.claim(0);
      // With so many a bucket is split, which begins with a DEL.
      const people = Array.from({ length: 100 }, (_, i) => person(`p${i}`, 20));
      for (const parts of [{}, { people }])
        await expect(store.commit([changesOf(claim, 2, parts)])).rejects.toMatchObject({
          code: 'REDIS_UNAVAILABLE',
          mend: expect.stringContaining('raise maxmemory') as string,
        });
      await store.noteProgress(claim, { until: instant(7), sent: {}, taken: {} });
      expect((await store.progress())[0]?.until).toBe(7);
      await store.trim(claim, 98);
      expect(await store.outbox(claim, 10)).toHaveLength(1);
      await redis.client.config('SET', 'maxmemory', '0');
      expect(await store.commit([changesOf(claim, 2)])).toBe('committed');
    } finally {
      await redis.client.config('SET', 'maxmemory', '0');
    }
  });
});

describe('openRedis', () => {
  it('refuses a server that may throw data away', async () => {
    const redis = await startRedis({ 'maxmemory-policy': 'allkeys-lru' });
    const opening = openRedis({ addresses: [redis.address], isCluster: false, timeoutMs: TIMEOUT_MS });
    await expect(opening).rejects.toMatchObject({
      code: 'REDIS_EVICTS',
      mend: expect.stringContaining('noeviction') as string,
    });
    await redis.stop();
  });

  it('says what is wrong with an address nobody listens at, with a password, and with what is no address', async () => {
    const redis = await startRedis();
    await redis.client.config('SET', 'requirepass', 'correct');
    const to = (address: string, password?: string) =>
      openRedis({ addresses: [address], isCluster: false, timeoutMs: TIMEOUT_MS, password });
    await expect(to(redis.address, 'wrong')).rejects.toMatchObject({ code: 'REDIS_REFUSED' });
    await expect(to(redis.address)).rejects.toMatchObject({ code: 'REDIS_REFUSED' });
    await (await to(redis.address, 'correct')).close();
    await redis.stop();
    await expect(to(redis.address)).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      message: expect.stringContaining(redis.address) as string,
    });
    await expect(to('localhost')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('RedisStateStore on a cluster that loses a primary', () => {
  let cluster: TestRedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ withReplicas: true });
  });
  afterAll(() => cluster.stop());

  it('goes on with the replica that takes its place, fenced where that lacks commits', async () => {
    const { addresses, primaries } = cluster;
    const connection = await openRedis({ addresses, isCluster: true, timeoutMs: 5000 });
    const partitions = 6;
    const store = await open(connection, 'failover', partitions);
    const claims = await Promise.all(Array.from({ length: partitions }, (_, i) => store.claim(i)));
    for (const claim of claims) expect(await store.commit([changesOf(claim, 1)])).toBe('committed');
    await eventually(async () => (await Promise.all(primaries.map(isReplicated))).every(Boolean));
    await primaries[0]?.kill();
    for (const claim of claims) {
      const outcomes: string[] = [];
      await eventually(async () => outcomes.push(await store.commit([changesOf(claim, 2)])) > 0);
      expect(outcomes).toEqual(['committed']);
      expect((await store.claim(claim.partition)).offsets).toEqual({ s: 2 });
    }
    await connection.close();
  });
});

/** WAIT would not tell: it asks for what its own connection wrote. */
async function isReplicated({ client }: TestRedis): Promise<boolean> {
  const info = await client.info('replication');
  const offsetAt = (pattern: RegExp): number => Number(pattern.exec(info)?.[1] ?? NaN);
  return offsetAt(/^slave0:.*offset=(\d+)/m) >= offsetAt(/^master_repl_offset:(\d+)/m);
}

/** All keys under a prefix as DUMP gives them: a copy of the state at an instant. */
async function copied({ client }: TestRedis, prefix: string): Promise<ReadonlyMap<string, Buffer>> {
  const copies = new Map<string, Buffer>();
  for (const key of await client.keys(`${prefix}:*`)) {
    const dump = await client.dumpBuffer(key);
    if (dump !== null) copies.set(key, dump);
  }
  return copies;
}

async function restored({ client }: TestRedis, copies: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [key, dump] of copies) await client.restore(key, 0, dump, 'REPLACE');
}
