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
import { ancestorOf } from './buckets.ts';
import { commitCall, type HeldPartition } from './commit-call.ts';
import { duePeople } from './due-people.ts';
import { KnownOutbox } from './known-outbox.ts';
import { LAYOUT_VERSION, inputsKey, layoutKey, partitionKeys, type PartitionKeys } from './keys.ts';
import { packIds } from './packed-people.ts';
import { decodeInputs, encodeInputs, readCounters, readFrozen } from './population-codec.ts';
import type { RedisConnection } from './redis-connection.ts';
import { describeRedisFailure } from './redis-failures.ts';
import { RedisScript } from './redis-script.ts';

/** Buckets of a page of people. */
const PAGE_BUCKETS = 32;
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

const UNKNOWN: HeldPartition = { token: '', revision: -1, people: 0, buckets: 1 };

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
  private readonly held = new Map<number, HeldPartition>();
  private readonly outboxes = new Map<number, { readonly token: string; readonly known: KnownOutbox }>();
  private readonly scripts = {
    claim: new RedisScript('claim'),
    commit: new RedisScript('commit'),
    due: new RedisScript('due'),
    freeze: new RedisScript('freeze'),
    noteProgress: new RedisScript('note-progress'),
    outbox: new RedisScript('outbox'),
    publishInputs: new RedisScript('publish-inputs'),
    read: new RedisScript('read'),
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
    const number = (name: string, ifAbsent: number): number => Number(fields.get(name) ?? ifAbsent);
    this.held.set(partition, {
      ...{ token, revision: number('revision', 0) },
      ...{ people: number('people', 0), buckets: number('buckets', 1) },
    });
    this.outboxes.set(partition, { token, known: new KnownOutbox(partition) });
    const offsets: Record<string, number> = {};
    for (const [name, value] of fields)
      if (name.startsWith('next:')) offsets[name.slice('next:'.length)] = Number(value);
    const clock = instant(number('clock', 0));
    return { partition, token, offsets, clock, scoredBy: fields.get('scored-by') ?? '' };
  }

  async read(
    { partition }: Claim,
    personIds: readonly string[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const keys = this.keysOf(partition);
    const buckets = await this.bucketsOf(partition);
    const pages: readonly string[][] = Array.from(
      { length: Math.ceil(personIds.length / MOST_READ) },
      (_, i) => personIds.slice(i * MOST_READ, (i + 1) * MOST_READ),
    );
    const found = await this.call((at) =>
      Promise.all(
        pages.map((page) => {
          const { touched, bytes } = packIds(page, buckets);
          const answer = this.scripts.read.run(at, touched.map(keys.people), [page.length, bytes]);
          return answer as Promise<readonly (Buffer | null)[]>;
        }),
      ),
    );
    return found.flat().map((record) => (record === null ? undefined : bytesOf(record)));
  }

  async due({ partition }: Claim, until: Instant, limit: number): Promise<readonly string[]> {
    return this.call((at) => duePeople(at, this.scripts.due, this.keysOf(partition), until, limit));
  }

  async commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    const [change, ...others] = changes;
    if (change === undefined) return 'committed';
    if (others.length > 0) throw new RangeError('a commit to Redis is of one partition');
    const { partition, token } = change.claim;
    const held = this.heldBy(change.claim);
    const { keys, parameters, buckets } = commitCall(change, held, this.keysOf(partition));
    const answer = await this.call((at) => this.scripts.commit.run(at, keys, parameters));
    const [outcome, people] = answer as readonly [Buffer, number | undefined];
    if (String(outcome) !== 'committed') return 'fenced';
    this.held.set(partition, { token, revision: held.revision + 1, people: people ?? 0, buckets });
    this.knownOutbox(change.claim)?.committed(change.announcements);
    return 'committed';
  }

  async outbox(claim: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    const { partition } = claim;
    const known = this.knownOutbox(claim);
    const there = known?.first(limit);
    if (there !== undefined) return there;
    const keys = this.keysOf(partition);
    const answer = await this.call((at) =>
      this.scripts.outbox.run(at, [keys.partition, keys.outbox], [limit]),
    );
    const [first, entries] = answer as readonly [Buffer, readonly Buffer[]];
    const read = entries.map((entry, i) => ({
      partition,
      sequence: Number(first) + i,
      announcement: decodeAnnouncement(entry.toString()),
    }));
    if (read.length < limit) known?.readToItsEnd(read, Number(first) + read.length);
    return read;
  }

  async trim(claim: Claim, sequence: number): Promise<void> {
    const { partition, token } = claim;
    const { revision } = this.heldBy(claim);
    const keys = this.keysOf(partition);
    await this.call((at) =>
      this.scripts.trim.run(at, [keys.partition, keys.outbox], [token, revision, sequence]),
    );
    this.knownOutbox(claim)?.trimmed(sequence);
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

  async freezePopulation(claim: Claim, at: Instant): Promise<'frozen' | 'fenced'> {
    const { partition, token } = claim;
    const { revision } = this.heldBy(claim);
    const { partition: own, population, prices, categories, frozen } = this.keysOf(partition);
    const answer = await this.call((connection) =>
      this.scripts.freeze.run(
        connection,
        [own, population, prices, categories, frozen],
        [token, revision, at, KEPT_REVIEWS],
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

  async noteProgress(claim: Claim, progress: Progress): Promise<'noted' | 'fenced'> {
    const { partition, token } = claim;
    const parameters = [token, this.heldBy(claim).revision, JSON.stringify(progress)];
    const answer = await this.call((at) =>
      this.scripts.noteProgress.run(at, [this.keysOf(partition).partition], parameters),
    );
    return answer === 1 ? 'noted' : 'fenced';
  }

  async progress(): Promise<readonly Progress[]> {
    const noted = await this.call(({ client }) =>
      Promise.all(this.keys.map(({ partition }) => client.hget(partition, 'progress'))),
    );
    return noted.map((json) =>
      json === null ? { until: instant(0), sent: {}, taken: {} } : (JSON.parse(json) as Progress),
    );
  }

  /** In order of the buckets; a page is some hundred people. */
  async *people({
    partition,
  }: Claim): AsyncGenerator<readonly { readonly personId: string; readonly record: Uint8Array }[]> {
    const keys = this.keysOf(partition);
    const before = await this.bucketsOf(partition);
    for (let first = 0; first < before; first += PAGE_BUCKETS) {
      // Whom a commit moved meanwhile is found together with whom it left.
      const now = await this.bucketsOf(partition);
      const last = Math.min(first + PAGE_BUCKETS, before) - 1;
      const added = range(before, now - 1).filter((bucket) => {
        const ancestor = ancestorOf(bucket, before);
        return ancestor >= first && ancestor <= last;
      });
      const buckets = [...range(first, last), ...added];
      const lists = await this.call(({ client }) =>
        Promise.all(buckets.map((bucket) => client.lrangeBuffer(keys.people(bucket), 0, -1))),
      );
      const page = lists.flatMap(peopleIn);
      if (page.length > 0) yield page;
    }
  }

  async size(): Promise<number> {
    const sizes = await this.call(({ client }) =>
      Promise.all(this.keys.map(({ partition }) => client.hget(partition, 'people'))),
    );
    return sizes.reduce((sum, size) => sum + Number(size ?? 0), 0);
  }

  private async agreeOnLayout(client: RedisConnection['client']): Promise<void> {
    const key = layoutKey(this.prefix);
    const read = (): Promise<(string | null)[]> => client.hmget(key, 'partitions', 'version');
    let [partitions, version] = await read();
    // Only then: a full server takes no write, and lets a worker start that there is a state for.
    if (partitions === null || version === null) {
      await client.hsetnx(key, 'version', LAYOUT_VERSION);
      await client.hsetnx(key, 'partitions', this.partitions);
      [partitions, version] = await read();
    }
    const { place } = this.connection;
    if (Number(version) !== LAYOUT_VERSION) {
      throw new TidemarkError(
        'STATE_CORRUPT',
        `the state "${this.prefix}" in ${place} has layout ${version}, this version of Tidemark has ${LAYOUT_VERSION}`,
        'run the version that wrote it, or set another key prefix and read the topics from the start',
      );
    }
    if (Number(partitions) === this.partitions) return;
    throw new TidemarkError(
      'PARTITIONS_CHANGED',
      `the state "${this.prefix}" in ${place} is kept for ${partitions} partitions, the topics have ${this.partitions}`,
      'give the topics their old number of partitions, or set another key prefix and read the topics from the start',
    );
  }

  /** As of the latest claim here; whoever only looks on asks. */
  private async bucketsOf(partition: number): Promise<number> {
    const held = this.held.get(partition);
    if (held !== undefined) return held.buckets;
    const key = this.keysOf(partition).partition;
    return Number((await this.call(({ client }) => client.hget(key, 'buckets'))) ?? 1);
  }

  /** What is known of the partition under this claim. */
  private heldBy({ partition, token }: Claim): HeldPartition {
    const latest = this.held.get(partition);
    return latest?.token === token ? latest : UNKNOWN;
  }

  /** Of the latest claim here. */
  private knownOutbox({ partition, token }: Claim): KnownOutbox | undefined {
    const of = this.outboxes.get(partition);
    return of?.token === token ? of.known : undefined;
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

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function peopleIn(list: readonly Buffer[]): { readonly personId: string; readonly record: Uint8Array }[] {
  const people: { readonly personId: string; readonly record: Uint8Array }[] = [];
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [id, record] = [list[i], list[i + 1]];
    if (id !== undefined && record !== undefined)
      people.push({ personId: String(id), record: bytesOf(record) });
  }
  return people;
}

function fieldsOf(flat: readonly Buffer[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
  return fields;
}
