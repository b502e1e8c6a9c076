import type { ScoreRule } from '../../core/scoring/score.ts';
import {
  PopulationCounters,
  type PopulationDelta,
  type PopulationInputs,
} from '../../core/scoring/population.ts';
import { instant, latest, type Instant } from '../../core/time.ts';
import type { Claim, OutboxEntry, PartitionChanges, StateStore } from '../../ports/state-store.ts';
import { PersonTable } from './person-table.ts';

const PAGE_PEOPLE = 1000;

interface Partition {
  token: string;
  offsets: Readonly<Record<string, number>>;
  clock: Instant;
  readonly people: PersonTable;
  outbox: OutboxEntry[];
  nextSequence: number;
}

/** What of a store is not a person; a snapshot keeps it beside the records. */
export interface StoreSummary {
  readonly partitions: readonly {
    readonly offsets: Readonly<Record<string, number>>;
    readonly clock: number;
    readonly nextSequence: number;
  }[];
  readonly population: PopulationDelta;
  readonly inputs: PopulationInputs | undefined;
}

/**
 * The state store of one process. A commit is one synchronous step, so it is atomic over any number of
 * partitions; nothing survives the process unless a snapshot is taken (state-snapshot.ts).
 */
export class MemoryStateStore implements StateStore {
  readonly partitions: number;
  private readonly parts: Partition[];
  private readonly counters: PopulationCounters;
  private inputs: PopulationInputs | undefined;
  private claims = 0;

  constructor(partitions: number, counted: readonly ScoreRule[]) {
    this.partitions = partitions;
    this.counters = new PopulationCounters(counted);
    this.parts = Array.from({ length: partitions }, () => ({
      token: '',
      offsets: {},
      clock: instant(0),
      people: new PersonTable(),
      outbox: [],
      nextSequence: 0,
    }));
  }

  /** Bytes held for people, all in. */
  get bytes(): number {
    return this.parts.reduce((sum, part) => sum + part.people.bytes, 0);
  }

  claim(partition: number): Promise<Claim> {
    const part = this.part(partition);
    this.claims += 1;
    part.token = `owner-${this.claims}`;
    return Promise.resolve({ partition, token: part.token, offsets: part.offsets, clock: part.clock });
  }

  read(claim: Claim, personIds: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const { people } = this.part(claim.partition);
    return Promise.resolve(people.getAll(personIds));
  }

  due(claim: Claim, until: Instant, limit: number): Promise<readonly string[]> {
    return Promise.resolve(this.part(claim.partition).people.dueBy(until, limit));
  }

  commit(changes: readonly PartitionChanges[]): Promise<'committed' | 'fenced'> {
    for (const { claim, offsets } of changes) {
      const part = this.part(claim.partition);
      const backwards = Object.entries(offsets).some(([source, next]) => next < (part.offsets[source] ?? 0));
      if (part.token !== claim.token || backwards) return Promise.resolve('fenced');
    }
    for (const { claim, people, announcements, population, offsets, clock } of changes) {
      const part = this.part(claim.partition);
      for (const { personId, record, dueAt } of people) part.people.set(personId, record, dueAt);
      for (const announcement of announcements) {
        part.outbox.push({ partition: claim.partition, sequence: part.nextSequence++, announcement });
      }
      this.counters.add(population);
      part.offsets = { ...part.offsets, ...offsets };
      part.clock = latest(part.clock, clock);
    }
    return Promise.resolve('committed');
  }

  outbox(claim: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    return Promise.resolve(this.part(claim.partition).outbox.slice(0, limit));
  }

  trim(claim: Claim, sequence: number): Promise<void> {
    const part = this.part(claim.partition);
    const kept = part.outbox.findIndex((entry) => entry.sequence > sequence);
    part.outbox = kept === -1 ? [] : part.outbox.slice(kept);
    return Promise.resolve();
  }

  population(): Promise<PopulationDelta> {
    return Promise.resolve(this.counters.export());
  }

  populationInputs(): Promise<PopulationInputs | undefined> {
    return Promise.resolve(this.inputs);
  }

  publishPopulationInputs(inputs: PopulationInputs): Promise<void> {
    this.inputs = inputs;
    return Promise.resolve();
  }

  async *people(
    claim: Claim,
  ): AsyncGenerator<readonly { readonly personId: string; readonly record: Uint8Array }[]> {
    let page: { personId: string; record: Uint8Array }[] = [];
    for (const { personId, record } of this.part(claim.partition).people.entries()) {
      page.push({ personId, record });
      if (page.length < PAGE_PEOPLE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
    await Promise.resolve();
  }

  size(): Promise<number> {
    return Promise.resolve(this.parts.reduce((sum, part) => sum + part.people.size, 0));
  }

  summary(): StoreSummary {
    return {
      partitions: this.parts.map(({ offsets, clock, nextSequence }) => ({ offsets, clock, nextSequence })),
      population: this.counters.export(),
      inputs: this.inputs,
    };
  }

  /** Into an empty store; people follow by {@link MemoryStateStore.restorePerson}. */
  restore(summary: StoreSummary): void {
    summary.partitions.forEach(({ offsets, clock, nextSequence }, i) => {
      Object.assign(this.part(i), { offsets, clock: instant(clock), nextSequence });
    });
    this.counters.add(summary.population);
    this.inputs = summary.inputs;
  }

  restorePerson(partition: number, personId: string, record: Uint8Array, dueAt: Instant): void {
    this.part(partition).people.set(personId, record, dueAt);
  }

  *entries(): Generator<{ partition: number; personId: string; record: Uint8Array; dueAt: Instant }> {
    for (const [partition, part] of this.parts.entries()) {
      for (const entry of part.people.entries()) yield { partition, ...entry };
    }
  }

  private part(partition: number): Partition {
    const part = this.parts[partition];
    if (part === undefined) throw new RangeError(`partition ${partition} of ${this.partitions}`);
    return part;
  }
}
