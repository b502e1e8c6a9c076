import type { PopulationInputs, PopulationDelta } from '../../src/core/scoring/population.ts';
import type { Instant } from '../../src/core/time.ts';
import type {
  Claim,
  OutboxEntry,
  PartitionChanges,
  Progress,
  StateStore,
} from '../../src/ports/state-store.ts';

/** What a process that dies at a commit leaves behind: nothing of it, or all of it and nobody who knows. */
export class Crash extends Error {
  constructor(when: string) {
    super(`crash ${when}`);
    this.name = 'Crash';
  }
}

/** Which writes are fatal, counted from 1, and whether the store behind got them. */
export interface Fate {
  readonly when: 'before' | 'after';
  isFatal(write: number): boolean;
  /**
   * Lets commits pass uncounted that only count known records again, and what is frozen again: no run that dies at
   * every so many writes would ever get past them.
   */
  readonly spares?: 'known records';
}

export function everyNth(writes: number, when: Fate['when']): Fate {
  return { when, isFatal: (write) => write % writes === 0, spares: 'known records' };
}

export function onceAt(fatal: number, when: Fate['when']): Fate {
  return { when, isFatal: (write) => write === fatal };
}

/** A store whose user dies at a fatal commit or review. */
export class CrashingStore implements StateStore {
  readonly partitions: number;
  /** Commits and reviews so far. */
  writes = 0;
  private readonly behind: StateStore;
  private readonly fate: Fate;

  constructor(behind: StateStore, fate: Fate) {
    this.behind = behind;
    this.partitions = behind.partitions;
    this.fate = fate;
  }

  commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    const isWork = changes.some(({ people, announcements }) => people.length + announcements.length > 0);
    const commit = () => this.behind.commit(changes);
    return isWork || this.fate.spares === undefined ? this.survive(commit) : commit();
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

  freezePopulation(claim: Claim, at: Instant): Promise<'frozen' | 'fenced'> {
    const freeze = () => this.behind.freezePopulation(claim, at);
    return this.fate.spares === undefined ? this.survive(freeze) : freeze();
  }

  frozenPopulation(at: Instant): Promise<PopulationDelta | undefined> {
    return this.behind.frozenPopulation(at);
  }

  populationInputs(at: Instant): Promise<PopulationInputs | undefined> {
    return this.behind.populationInputs(at);
  }

  noteProgress(claim: Claim, progress: Progress): Promise<'noted' | 'fenced'> {
    return this.behind.noteProgress(claim, progress);
  }

  progress(): Promise<readonly Progress[]> {
    return this.behind.progress();
  }

  people(claim: Claim): AsyncIterable<readonly { readonly personId: string; readonly record: Uint8Array }[]> {
    return this.behind.people(claim);
  }

  size(): Promise<number> {
    return this.behind.size();
  }

  private async survive<T>(write: () => Promise<T>): Promise<T> {
    this.writes += 1;
    const isFatal = this.fate.isFatal(this.writes);
    if (isFatal && this.fate.when === 'before') throw new Crash(`before write ${this.writes}`);
    const outcome = await write();
    if (isFatal) throw new Crash(`after write ${this.writes}`);
    return outcome;
  }
}

/** Runs anew over what the last life left, until one lives to the end. */
export async function liveUntilDone(live: () => Promise<unknown>): Promise<number> {
  for (let lives = 1; lives < 2000; lives++) {
    try {
      await live();
      return lives;
    } catch (thrown) {
      if (!(thrown instanceof Crash)) throw thrown;
    }
  }
  throw new Error('no life reached the end');
}
