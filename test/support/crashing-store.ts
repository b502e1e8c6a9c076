import type { PopulationInputs, PopulationDelta } from '../../src/core/scoring/population.ts';
import type { Instant } from '../../src/core/time.ts';
import type { Claim, OutboxEntry, PartitionChanges, StateStore } from '../../src/ports/state-store.ts';

/** What a process that dies at a commit leaves behind: nothing of it, or all of it and nobody who knows. */
export class Crash extends Error {
  constructor(when: string) {
    super(`crash ${when}`);
    this.name = 'Crash';
  }
}

/**
 * A store whose user dies at every `everyCommits`-th commit or review, before or after it reached the store behind.
 * (Commits that only count known records again are let through: no run would ever get past them.)
 */
export class CrashingStore implements StateStore {
  readonly partitions: number;
  private readonly behind: StateStore;
  private readonly everyCommits: number;
  private readonly when: 'before' | 'after';
  private commits = 0;

  constructor(behind: StateStore, everyCommits: number, when: 'before' | 'after') {
    this.behind = behind;
    this.partitions = behind.partitions;
    this.everyCommits = everyCommits;
    this.when = when;
  }

  commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    const isWork = changes.some(({ people, announcements }) => people.length + announcements.length > 0);
    const commit = () => this.behind.commit(changes);
    return isWork ? this.survive(commit) : commit();
  }

  publishPopulationInputs(inputs: PopulationInputs): Promise<void> {
    return this.survive(() => this.behind.publishPopulationInputs(inputs));
  }

  claim(partition: number): Promise<Claim> {
    return this.behind.claim(partition);
  }

  read(claim: Claim, personIds: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.behind.read(claim, personIds);
  }

  due(claim: Claim, until: Instant, limit: number): Promise<readonly string[]> {
    return this.behind.due(claim, until, limit);
  }

  outbox(claim: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    return this.behind.outbox(claim, limit);
  }

  trim(claim: Claim, sequence: number): Promise<void> {
    return this.behind.trim(claim, sequence);
  }

  population(): Promise<PopulationDelta> {
    return this.behind.population();
  }

  populationInputs(): Promise<PopulationInputs | undefined> {
    return this.behind.populationInputs();
  }

  people(claim: Claim): AsyncIterable<readonly { readonly personId: string; readonly record: Uint8Array }[]> {
    return this.behind.people(claim);
  }

  size(): Promise<number> {
    return this.behind.size();
  }

  private async survive<T>(write: () => Promise<T>): Promise<T> {
    this.commits += 1;
    const isLast = this.commits % this.everyCommits === 0;
    if (isLast && this.when === 'before') throw new Crash(`before write ${this.commits}`);
    const outcome = await write();
    if (isLast) throw new Crash(`after write ${this.commits}`);
    return outcome;
  }
}
