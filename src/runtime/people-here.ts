import { ByteWriter } from '../core/bytes.ts';
import type { Claim, PersonChange, StateStore } from '../ports/state-store.ts';
import { PersonCache } from './person-cache.ts';
import { changeOf, decoded, pack, type Resident } from './resident.ts';

/** What the cache may keep alive in memory per person of its capacity, to say it roughly: half of it may be stale. */
const PAGE_BYTES_PER_PERSON = 2048;

/**
 * The people of the partitions that are worked on here: read together, decoded one by one, packed when done with. What is
 * kept of them between turns is records, in the pages that turns wrote them to.
 */
export class PeopleHere {
  private claims: readonly Claim[] = [];
  private readonly store: Pick<StateStore, 'read'>;
  private readonly partitions: ReadonlySet<number>;
  private readonly cache: PersonCache;
  private readonly writer = new ByteWriter();
  private readonly cachePeople: number;
  /** Of pages since the cache last began anew. */
  private pageBytes = 0;

  constructor(
    store: Pick<StateStore, 'read' | 'partitions'>,
    partitions: ReadonlySet<number>,
    cachePeople: number,
  ) {
    this.store = store;
    this.partitions = partitions;
    this.cache = new PersonCache(cachePeople, store.partitions);
    this.cachePeople = cachePeople;
  }

  /** Forgets everybody: the claims are new. */
  restart(claims: readonly Claim[]): void {
    this.claims = claims;
    this.cache.clear();
  }

  /** undefined for who is worked on elsewhere. */
  find(personId: string, partition: number): Resident | undefined {
    return this.partitions.has(partition) ? this.cache.residentOf(personId) : undefined;
  }

  /** Somebody whom the store of a partition here names. */
  known(personId: string): Resident {
    return this.cache.residentOf(personId);
  }

  /** Asks the store for those it was not asked for yet, once a partition. */
  async read(residents: readonly Resident[]): Promise<void> {
    const missing = new Map<number, Set<Resident>>();
    for (const resident of residents) {
      if (resident.isRead) continue;
      const { partition } = resident;
      let awaited = missing.get(partition);
      if (awaited === undefined) missing.set(partition, (awaited = new Set()));
      awaited.add(resident);
    }
    for (const [partition, awaited] of missing) {
      const list = [...awaited];
      const ids = list.map(({ personId }) => personId);
      const records = await this.store.read(this.claimOf(partition), ids);
      list.forEach((resident, i) => {
        resident.record = records[i];
        resident.isRead = true;
      });
    }
  }

  async load(residents: readonly Resident[]): Promise<void> {
    await this.read(residents);
    for (const resident of residents) decoded(resident);
  }

  /** Nothing is left to be done with this person; should more come in the turn, they are decoded again. */
  release(resident: Resident): void {
    pack(resident, this.writer);
  }

  /** Packs them. Records are views, which are sure to be good until {@link PeopleHere.endTurn}. */
  changesOf(residents: readonly Resident[]): PersonChange[] {
    const changes: PersonChange[] = [];
    for (const resident of residents) {
      pack(resident, this.writer);
      const change = changeOf(resident);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  endTurn(): void {
    if (this.cachePeople === 0) this.writer.reset();
    else {
      this.pageBytes += this.writer.heldBytes;
      this.writer.leave();
    }
    // Pages may be kept alive by a few people each, while the same others are written again and again.
    const isFull = this.pageBytes > this.cachePeople * PAGE_BYTES_PER_PERSON;
    if (this.cache.age(isFull)) this.pageBytes = 0;
  }

  forget(): void {
    this.cache.clear();
  }

  private claimOf(partition: number): Claim {
    const claim = this.claims.find((one) => one.partition === partition);
    if (claim === undefined) throw new Error(`partition ${partition} was never claimed`);
    return claim;
  }
}
