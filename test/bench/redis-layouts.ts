import { createHash } from 'node:crypto';
import type { RedisConnection } from '../../src/adapters/redis/redis-connection.ts';
import { RedisStateStore } from '../../src/adapters/redis/redis-state-store.ts';
import { hash32 } from '../../src/core/hash.ts';
import type { PopulationDelta } from '../../src/core/scoring/population.ts';
import { instant } from '../../src/core/time.ts';
import type { Claim, PersonChange } from '../../src/ports/state-store.ts';

/** A way to keep people in Redis. What it is given is of one partition. */
export interface Layout {
  write(partition: number, people: readonly PersonChange[]): Promise<void>;
  read(partition: number, personIds: readonly string[]): Promise<readonly (Uint8Array | null | undefined)[]>;
}

type OpenLayout = (
  connection: RedisConnection,
  partitions: number,
  people: number,
  /** What is counted over the people. */
  population: PopulationDelta,
) => Promise<Layout>;

/** Ways that were weighed, the one in use first. */
export const LAYOUTS: Readonly<Record<string, OpenLayout>> = {
  'in use': openStore,
  flat: (connection) => Promise.resolve(flat(connection)),
  'flat, due in buckets': (connection, partitions, people) =>
    Promise.resolve(dueInBuckets(connection, Math.ceil(people / partitions / 32))),
  'strings of 4': (connection, partitions, people) =>
    Promise.resolve(framed(connection, Math.ceil(people / partitions / 4))),
  'strings of 8': (connection, partitions, people) =>
    Promise.resolve(framed(connection, Math.ceil(people / partitions / 8))),
};

const NOTHING: PopulationDelta = { orders: 0, sumMinor: 0, buckets: [], prices: [] };

/** The adapter itself, fences and all. */
async function openStore(
  connection: RedisConnection,
  partitions: number,
  _: number,
  population: PopulationDelta,
): Promise<Layout> {
  const store = await RedisStateStore.open({ connection, prefix: 'tidemark', partitions, counted: [] });
  const claims: Claim[] = [];
  for (let i = 0; i < partitions; i++) claims.push(await store.claim(i));
  const claimOf = (partition: number): Claim => {
    const claim = claims[partition];
    if (claim === undefined) throw new RangeError(`partition ${partition}`);
    return claim;
  };
  const commit = async (partition: number, people: readonly PersonChange[], delta: PopulationDelta) => {
    const outcome = await store.commit([
      {
        claim: claimOf(partition),
        people,
        announcements: [],
        population: delta,
        offsets: {},
        clock: instant(0),
        scoredBy: '',
      },
    ]);
    if (outcome !== 'committed') throw new Error(outcome);
  };
  // As many counters in each partition as all people have.
  for (let i = 0; i < partitions; i++) await commit(i, [], population);
  return {
    write: (partition, people) => commit(partition, people, NOTHING),
    read: (partition, personIds) => store.read(claimOf(partition), personIds),
  };
}

const FLAT = `
local people, due, n = KEYS[1], KEYS[2], tonumber(ARGV[1])
redis.call('HSET', people, unpack(ARGV, 2, 1 + 2 * n))
redis.call('ZADD', due, unpack(ARGV, 2 + 2 * n, 1 + 4 * n))`;

/** A hash of records and a sorted set of dues for each partition: layout 1. */
function flat(connection: RedisConnection): Layout {
  const write = scriptOf(connection, FLAT);
  const keysOf = (partition: number) => [`tidemark:{p${partition}}:people`, `tidemark:{p${partition}}:due`];
  return {
    write: (partition, people) =>
      write(keysOf(partition), [
        people.length,
        ...people.flatMap(({ personId, record }) => [personId, Buffer.from(record)]),
        ...people.flatMap(({ personId, dueAt }) => [dueAt, personId]),
      ]),
    read: (partition, personIds) => connection.client.hmgetBuffer(keysOf(partition)[0] ?? '', ...personIds),
  };
}

const DUE_IN_BUCKETS = `
local n = tonumber(ARGV[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2, 1 + 2 * n))
for i = 1, n do
  local key, at = KEYS[2 + i], 1 + 2 * n + 2 * i
  redis.call('ZADD', key, ARGV[at - 1], ARGV[at])
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  redis.call('ZADD', KEYS[2], head, string.match(key, '%d+$'))
end`;

/** The same hash, and dues in small sorted sets with one over them. */
function dueInBuckets(connection: RedisConnection, buckets: number): Layout {
  const write = scriptOf(connection, DUE_IN_BUCKETS);
  return {
    ...flat(connection),
    write: (partition, people) => {
      const key = (what: string | number) => `tidemark:{p${partition}}:${what}`;
      const due = people.map(({ personId }) => key(`due:${hash32(personId) % buckets}`));
      return write(
        [key('people'), key('heads'), ...due],
        [
          people.length,
          ...people.flatMap(({ personId, record }) => [personId, Buffer.from(record)]),
          ...people.flatMap(({ personId, dueAt }) => [dueAt, personId]),
        ],
      );
    },
  };
}

const WRITE_FRAMED = `
local header = '>I4I3i6'
for at = 1, #ARGV, 3 do
  local bucket, id, frame = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local old, frames, from, head, isNew = redis.call('HGET', KEYS[1], bucket) or '', {}, 1, math.huge, true
  while from <= #old do
    local length, idLength, due = struct.unpack(header, old, from)
    local own = string.sub(old, from, from + 3 + length)
    if string.sub(own, 14, 13 + idLength) == id then
      own, isNew = frame, false
      due = select(3, struct.unpack(header, frame))
    end
    table.insert(frames, own)
    head, from = math.min(head, due), from + 4 + length
  end
  if isNew then
    table.insert(frames, frame)
    head = math.min(head, (select(3, struct.unpack(header, frame))))
  end
  redis.call('HSET', KEYS[1], bucket, table.concat(frames))
  redis.call('ZADD', KEYS[2], string.format('%.0f', head), bucket)
end`;

const READ_FRAMED = `
local records = {}
for at = 1, #ARGV, 2 do
  local all, from, record = redis.call('HGET', KEYS[1], ARGV[at]) or '', 1, false
  while from <= #all do
    local length, idLength = struct.unpack('>I4I3i6', all, from)
    if string.sub(all, from + 13, from + 12 + idLength) == ARGV[at + 1] then
      record = string.sub(all, from + 13 + idLength, from + 3 + length)
      break
    end
    from = from + 4 + length
  end
  table.insert(records, record)
end
return records`;

/** Some people in one string, strings in a hash, and a sorted set of the strings by their earliest due. */
function framed(connection: RedisConnection, buckets: number): Layout {
  const [write, read] = [scriptOf(connection, WRITE_FRAMED), scriptOf(connection, READ_FRAMED)];
  const keysOf = (partition: number) => [`tidemark:{p${partition}}:people`, `tidemark:{p${partition}}:heads`];
  const bucketOf = (personId: string) => hash32(personId) % buckets;
  return {
    write: (partition, people) =>
      write(
        keysOf(partition),
        people.flatMap((person) => [bucketOf(person.personId), person.personId, frameOf(person)]),
      ),
    read: (partition, personIds) =>
      read(
        keysOf(partition),
        personIds.flatMap((id) => [bucketOf(id), id]),
      ),
  };
}

function frameOf({ personId, record, dueAt }: PersonChange): Buffer {
  const id = Buffer.from(personId);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(9 + id.length + record.length, 0);
  header.writeUIntBE(id.length, 4, 3);
  header.writeIntBE(dueAt, 7, 6);
  return Buffer.concat([header, id, record]);
}

function scriptOf({ client }: RedisConnection, source: string) {
  const sha = createHash('sha1').update(source).digest('hex');
  let isKnown = false;
  return async <T>(
    keys: readonly string[],
    parameters: readonly (string | number | Buffer)[],
  ): Promise<T> => {
    if (!isKnown) await client.script('LOAD', source);
    isKnown = true;
    return (await client.callBuffer('EVALSHA', [sha, keys.length, ...keys, ...parameters])) as T;
  };
}
