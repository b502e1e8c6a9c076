import type { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import type { PopulationDelta, PopulationInputs } from '../../src/core/scoring/population.ts';
import type { Instant } from '../../src/core/time.ts';
import type {
  Claim,
  OutboxEntry,
  PartitionChanges,
  Progress,
  StateStore,
} from '../../src/ports/state-store.ts';

interface Hold {
  /** By this the store behind knows the claim. */
  token: string;
  readonly partition: number;
  /** When it was made, in writes. */
  readonly madeAt: number;
  /** Commits in the partition, as its holder knows it. */
  revision: number;
}

interface Write {
  /** undefined for what is of all of them. */
  readonly partition: number | undefined;
  /** How many writes there were before, ever. */
  readonly madeAt: number;
  readonly on: (store: MemoryStateStore) => Promise<unknown>;
}

/**
 * A store in memory that can go back to what it was: it remembers everything that was written, and does as much of it anew.
 * As with Redis, who made commits that are lost by that can write nothing more until the partition is claimed again.
 */
export class RevertibleStore implements StateStore {
  readonly partitions: number;
  private readonly empty: () => MemoryStateStore;
  private behind: MemoryStateStore;
  private writes: Write[] = [];
  private written = 0;
  private readonly holds = new Map<string, Hold>();
  private revisions: readonly number[];
  private claims = 0;
  /** Nothing else happens meanwhile. */
  private restoring: Promise<void> = Promise.resolve();

  constructor(empty: () => MemoryStateStore) {
    this.empty = empty;
    this.behind = empty();
    this.partitions = this.behind.partitions;
    this.revisions = Array.from({ length: this.partitions }, () => 0);
  }

  /**
   * @returns what brings the store, or one partition of it, back to what it is now, unless it went back further meanwhile
   */
  copy(partition?: number): () => Promise<void> {
    const asOf = this.written;
    const { revisions } = this;
    const isLost = (one: { readonly partition: number | undefined; readonly madeAt: number }): boolean =>
      one.madeAt >= asOf && (partition === undefined || one.partition === partition);
    return () => {
      this.writes = this.writes.filter((write) => !isLost(write));
      this.revisions = this.revisions.map((revision, i) =>
        partition === undefined || i === partition ? Math.min(revision, revisions[i] ?? 0) : revision,
      );
      for (const [token, hold] of this.holds) if (isLost(hold)) this.holds.delete(token);
      this.restoring = this.doAnew();
      return this.restoring;
    };
  }

  async claim(partition: number): Promise<Claim> {
    await this.restoring;
    this.claims += 1;
    const token = `claim-${this.claims}`;
    const revision = this.revisions[partition] ?? 0;
    const hold: Hold = { token: '', partition, madeAt: this.written, revision };
    this.holds.set(token, hold);
    const claim = await this.write(partition, async (store) => {
      const made = await store.claim(partition);
      hold.token = made.token;
      return made;
    });
    return { ...claim, token };
  }

  read(claim: Claim, personIds: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.ask((store) => store.read(claim, personIds));
  }

  due(claim: Claim, until: Instant, limit: number): Promise<readonly string[]> {
    return this.ask((store) => store.due(claim, until, limit));
  }

  async commit([change, ...others]: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    if (change === undefined) return 'committed';
    if (others.length > 0) throw new RangeError('one partition a commit');
    const kept = structuredClone(change);
    const outcome = await this.underClaim(
      change.claim,
      (store, claim) => store.commit([{ ...kept, claim }]),
      () => {
        this.revisions = this.revisions.map(
          (revision, i) => revision + (i === change.claim.partition ? 1 : 0),
        );
        const hold = this.holds.get(change.claim.token);
        if (hold !== undefined) hold.revision += 1;
      },
    );
    return outcome ?? 'fenced';
  }

  outbox(claim: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    return this.ask((store) => store.outbox(claim, limit));
  }

  async trim(claim: Claim, sequence: number): Promise<void> {
    await this.underClaim(claim, (store, ours) => store.trim(ours, sequence));
  }

  population(): Promise<PopulationDelta> {
    return this.ask((store) => store.population());
  }

  async freezePopulation(claim: Claim, at: Instant): Promise<'frozen' | 'fenced'> {
    return (await this.underClaim(claim, (store, ours) => store.freezePopulation(ours, at))) ?? 'fenced';
  }

  frozenPopulation(at: Instant): Promise<PopulationDelta | undefined> {
    return this.ask((store) => store.frozenPopulation(at));
  }

  populationInputs(at: Instant): Promise<PopulationInputs | undefined> {
    return this.ask((store) => store.populationInputs(at));
  }

  async publishPopulationInputs(inputs: PopulationInputs): Promise<void> {
    await this.restoring;
    await this.write(undefined, (store) => store.publishPopulationInputs(inputs));
  }

  async noteProgress(claim: Claim, progress: Progress): Promise<'noted' | 'fenced'> {
    return (await this.underClaim(claim, (store, ours) => store.noteProgress(ours, progress))) ?? 'fenced';
  }

  progress(): Promise<readonly Progress[]> {
    return this.ask((store) => store.progress());
  }

  people(claim: Claim): AsyncIterable<readonly { readonly personId: string; readonly record: Uint8Array }[]> {
    return this.behind.people(claim);
  }

  size(): Promise<number> {
    return this.ask((store) => store.size());
  }

  private async ask<T>(question: (store: MemoryStateStore) => Promise<T>): Promise<T> {
    await this.restoring;
    return question(this.behind);
  }

  /** @returns undefined when the claim rests on what is lost; `onDone` is called at once with a write that is done */
  private async underClaim<T>(
    claim: Claim,
    write: (store: MemoryStateStore, ours: Claim) => Promise<T>,
    onDone?: () => void,
  ): Promise<T | undefined> {
    await this.restoring;
    const hold = this.holds.get(claim.token);
    if (hold === undefined || hold.revision !== this.revisions[claim.partition]) return undefined;
    const done = this.write(claim.partition, (store) => write(store, { ...claim, token: hold.token }));
    onDone?.();
    return done;
  }

  private write<T>(partition: number | undefined, on: (store: MemoryStateStore) => Promise<T>): Promise<T> {
    this.writes.push({ partition, madeAt: this.written, on });
    this.written += 1;
    return on(this.behind);
  }

  private async doAnew(): Promise<void> {
    const anew = this.empty();
    for (const { on } of this.writes) await on(anew);
    this.behind = anew;
  }
}
