import { randomUUID } from 'node:crypto';
import {
  PopulationCounters,
  type PopulationDelta,
  type PopulationInputs,
} from '../../core/scoring/population.ts';
import type { ScoreRule } from '../../core/scoring/score.ts';
import { instant, type Instant } from '../../core/time.ts';
import {
  KEPT_REVIEWS,
  type Claim,
  type OutboxEntry,
  type PartitionChanges,
  type Progress,
  type StateStore,
} from '../../ports/state-store.ts';
import { TidemarkError } from '../../errors.ts';
import { decodeAnnouncement } from './announcement-codec.ts';
import { commitParameters } from './commit-parameters.ts';
import { inputsKey, layoutKey, partitionKeys, type PartitionKeys } from './keys.ts';
import { decodeInputs, encodeInputs, readCounters, readFrozen } from './population-codec.ts';
import type { RedisConnection } from './redis-connection.ts';
import { describeRedisFailure } from './redis-failures.ts';
import { RedisScript } from './redis-script.ts';

/** Of what schemas/redis/KEYS.md describes. */
const LAYOUT_VERSION = 1;
const PAGE_PEOPLE = 1000;
/** People read in one command: a longer one would keep others waiting. */
const MOST_READ = 2000;

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Begins every key; tells several installations on one server apart. */
  readonly prefix: string;
  readonly partitions: number;
  /** Quantile scores, in the policy's order: what the population is counted by. */
  readonly counted: readonly ScoreRule[];
}

interface Held {
  readonly token: string;
  /** Commits in the partition so far. */
  revision: number;
}

/**
 * The state store on Redis, one server or a cluster. Everything of a partition lies in one slot and changes in one
 * script, so a commit is atomic over one partition and takes the changes of one only (`RangeError` for more).
 *
 * Durable as far as the server is. Where one comes back with an older copy, every commit that rests on what was lost
 * is refused as fenced: the claimant then sees the offsets of the copy. A commit whose answer was lost may be given
 * again, unchanged; it happens once. Two round trips a turn (people, commit). Failures of the server or the network are
 * `REDIS_UNAVAILABLE`, and may pass.
 */
export class RedisStateStore implements StateStore {
  readonly partitions: number;
  private readonly connection: RedisConnection;
  private readonly prefix: string;
  private readonly counted: readonly ScoreRule[];
  private readonly keys: readonly PartitionKeys[];
  private readonly held = new Map<number, Held>();
  private readonly scripts = {
    claim: new RedisScript('claim'),
    commit: new RedisScript('commit'),
    freeze: new RedisScript('freeze'),
    noteProgress: new RedisScript('note-progress'),
    outbox: new RedisScript('outbox'),
    publishInputs: new RedisScript('publish-inputs'),
    trim: new RedisScript('trim'),
  };

  private constructor({ connection, prefix, partitions, counted }: RedisStoreOptions) {
    this.connection = connection;
    this.prefix = prefix;
    this.partitions = partitions;
    this.counted = counted;
    this.keys = Array.from({ length: partitions }, (_, i) => partitionKeys(prefix, i));
  }

  /** Throws `PARTITIONS_CHANGED` when the state there was kept for another number of partitions. */
  static async open(options: RedisStoreOptions): Promise<RedisStateStore> {
    const store = new RedisStateStore(options);
    await store.call(({ client }) => store.agreeOnLayout(client));
    return store;
  }

  async claim(partition: number): Promise<Claim> {
    const token = randomUUID();
    const keys = this.keysOf(partition);
    const answer = await this.call((at) => this.scripts.claim.run(at, [keys.partition], [token]));
    const fields = fieldsOf(answer as readonly Buffer[]);
    this.held.set(partition, { token, revision: Number(fields.get('revision') ?? 0) });
    const offsets: Record<string, number> = {};
    for (const [name, value] of fields)
      if (name.startsWith('next:')) offsets[name.slice('next:'.length)] = Number(value);
    const clock = instant(Number(fields.get('clock') ?? 0));
    return { partition, token, offsets, clock, scoredBy: fields.get('scored-by') ?? '' };
  }

  async read(
    { partition }: Claim,
    personIds: readonly string[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const { people } = this.keysOf(partition);
    const pages: readonly string[][] = Array.from(
      { length: Math.ceil(personIds.length / MOST_READ) },
      (_, i) => personIds.slice(i * MOST_READ, (i + 1) * MOST_READ),
    );
    const found = await this.call(({ client }) =>
      Promise.all(pages.map((page) => client.hmgetBuffer(people, ...page))),
    );
    return found.flat().map((record) => (record === null ? undefined : bytesOf(record)));
  }

  async due({ partition }: Claim, until: Instant, limit: number): Promise<readonly string[]> {
    const { due } = this.keysOf(partition);
    const last = until === Infinity ? '+inf' : until;
    return this.call(({ client }) => client.zrangebyscore(due, '-inf', last, 'LIMIT', 0, limit));
  }

  async commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    const [change, ...others] = changes;
    if (change === undefined) return 'committed';
    if (others.length > 0) throw new RangeError('a commit to Redis is of one partition');
    const { partition, token } = change.claim;
    const held = this.held.get(partition);
    const revision = held?.token === token ? held.revision : -1;
    const keys = this.keysOf(partition);
    const { people, due, population, prices, categories, outbox } = keys;
    const answer = await this.call((at) =>
      this.scripts.commit.run(
        at,
        [keys.partition, people, due, population, prices, categories, outbox],
        commitParameters(change, revision),
      ),
    );
    if (String(answer) !== 'committed') return 'fenced';
    if (held !== undefined) held.revision += 1;
    return 'committed';
  }

  async outbox({ partition }: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    const keys = this.keysOf(partition);
    const answer = await this.call((at) =>
      this.scripts.outbox.run(at, [keys.partition, keys.outbox], [limit]),
    );
    const [first, entries] = answer as readonly [Buffer, readonly Buffer[]];
    return entries.map((entry, i) => ({
      partition,
      sequence: Number(first) + i,
      announcement: decodeAnnouncement(entry.toString()),
    }));
  }

  async trim({ partition, token }: Claim, sequence: number): Promise<void> {
    const keys = this.keysOf(partition);
    await this.call((at) => this.scripts.trim.run(at, [keys.partition, keys.outbox], [token, sequence]));
  }

  async population(): Promise<PopulationDelta> {
    const counters = new PopulationCounters(this.counted);
    for (const { population, prices, categories } of this.keys) {
      const [counts, priceCounts, numbers] = await this.call(({ client }) =>
        Promise.all([client.hgetall(population), client.hgetall(prices), client.hgetall(categories)]),
      );
      counters.add(readCounters(counts, priceCounts, numbers, this.counted.length));
    }
    return counters.export();
  }

  async freezePopulation({ partition, token }: Claim, at: Instant): Promise<'frozen' | 'fenced'> {
    const { partition: own, population, prices, categories, frozen } = this.keysOf(partition);
    const answer = await this.call((connection) =>
      this.scripts.freeze.run(
        connection,
        [own, population, prices, categories, frozen],
        [token, at, KEPT_REVIEWS],
      ),
    );
    return String(answer) === 'frozen' ? 'frozen' : 'fenced';
  }

  async frozenPopulation(at: Instant): Promise<PopulationDelta | undefined> {
    const counters = new PopulationCounters(this.counted);
    for (const { partition, frozen } of this.keys) {
      // In this order: a clock that has passed by then means that nothing will be frozen any more.
      const clock = await this.call(({ client }) => client.hget(partition, 'clock'));
      const kept = await this.call(({ client }) => client.hget(frozen, String(at)));
      if (kept !== null) counters.add(readFrozen(kept, this.counted.length));
      else if (Number(clock ?? 0) < at) return undefined;
    }
    return counters.export();
  }

  async populationInputs(at: Instant): Promise<PopulationInputs | undefined> {
    const key = inputsKey(this.prefix);
    const reviews = await this.call(({ client }) => client.hkeys(key));
    const latest = Math.max(...reviews.map(Number).filter((since) => since <= at));
    if (latest === -Infinity) return undefined;
    const json = await this.call(({ client }) => client.hget(key, String(latest)));
    return json === null ? undefined : decodeInputs(json);
  }

  async publishPopulationInputs(inputs: PopulationInputs): Promise<void> {
    const parameters = [inputs.since, encodeInputs(inputs), KEPT_REVIEWS];
    await this.call((at) => this.scripts.publishInputs.run(at, [inputsKey(this.prefix)], parameters));
  }

  async noteProgress({ partition, token }: Claim, progress: Progress): Promise<void> {
    const parameters = [token, JSON.stringify(progress)];
    await this.call((at) =>
      this.scripts.noteProgress.run(at, [this.keysOf(partition).partition], parameters),
    );
  }

  async progress(): Promise<readonly Progress[]> {
    const noted = await this.call(({ client }) =>
      Promise.all(this.keys.map(({ partition }) => client.hget(partition, 'progress'))),
    );
    return noted.map((json) =>
      json === null ? { until: instant(0), sent: {}, taken: {} } : (JSON.parse(json) as Progress),
    );
  }

  /** Remembers the ids it gave, since a scan may come upon somebody twice: about 100 bytes each while it runs. */
  async *people({
    partition,
  }: Claim): AsyncGenerator<readonly { readonly personId: string; readonly record: Uint8Array }[]> {
    const { people } = this.keysOf(partition);
    const given = new Set<string>();
    let cursor = '0';
    do {
      const [next, fields] = await this.call(({ client }) =>
        client.hscanBuffer(people, cursor, 'COUNT', PAGE_PEOPLE),
      );
      cursor = next.toString();
      const page: { personId: string; record: Uint8Array }[] = [];
      for (let i = 0; i < fields.length; i += 2) {
        const personId = fields[i]?.toString() ?? '';
        const record = fields[i + 1];
        if (record === undefined || given.has(personId)) continue;
        given.add(personId);
        page.push({ personId, record: bytesOf(record) });
      }
      if (page.length > 0) yield page;
    } while (cursor !== '0');
  }

  async size(): Promise<number> {
    const sizes = await this.call(({ client }) =>
      Promise.all(this.keys.map(({ people }) => client.hlen(people))),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  private async agreeOnLayout(client: RedisConnection['client']): Promise<void> {
    const key = layoutKey(this.prefix);
    await client.hsetnx(key, 'partitions', this.partitions);
    await client.hsetnx(key, 'version', LAYOUT_VERSION);
    const [partitions, version] = await client.hmget(key, 'partitions', 'version');
    const { place } = this.connection;
    if (Number(version) > LAYOUT_VERSION) {
      throw new TidemarkError(
        'STATE_CORRUPT',
        `the state "${this.prefix}" in ${place} has layout ${version}, this version knows up to ${LAYOUT_VERSION}`,
        'run the newer version of Tidemark that wrote it',
      );
    }
    if (Number(partitions) === this.partitions) return;
    throw new TidemarkError(
      'PARTITIONS_CHANGED',
      `the state "${this.prefix}" in ${place} is kept for ${partitions} partitions, the topics have ${this.partitions}`,
      'give the topics their old number of partitions, or set another key prefix and read the topics from the start',
    );
  }

  private keysOf(partition: number): PartitionKeys {
    const keys = this.keys[partition];
    if (keys === undefined) throw new RangeError(`partition ${partition} of ${this.partitions}`);
    return keys;
  }

  private async call<T>(ask: (connection: RedisConnection) => Promise<T>): Promise<T> {
    try {
      return await ask(this.connection);
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) throw error;
      throw describeRedisFailure(error, this.connection.place);
    }
  }
}

function bytesOf({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function fieldsOf(flat: readonly Buffer[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
  return fields;
}
