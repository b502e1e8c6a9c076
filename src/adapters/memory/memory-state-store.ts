import type { ScoreRule } from '../../core/scoring/score.ts';
import {
  PopulationCounters,
  type PopulationDelta,
  type PopulationInputs,
} from '../../core/scoring/population.ts';
import { instant, latest, type Instant } from '../../core/time.ts';
import {
  KEPT_REVIEWS,
  type Claim,
  type OutboxEntry,
  type PartitionChanges,
  type Progress,
  type StateStore,
} from '../../ports/state-store.ts';
import { PersonTable } from './person-table.ts';

const PAGE_PEOPLE = 1000;
const NOBODY: PopulationDelta = { orders: 0, sumMinor: 0, buckets: [], prices: [] };

interface Partition {
  token: string;
  offsets: Readonly<Record<string, number>>;
  clock: Instant;
  scoredBy: string;
  readonly people: PersonTable;
  readonly counters: PopulationCounters;
  /** By the instant of the review. */
  readonly frozen: Map<Instant, PopulationDelta>;
  progress: Progress;
  outbox: OutboxEntry[];
  nextSequence: number;
}

/** What of a store is not a person; a snapshot keeps it beside the records. */
export interface StoreSummary {
  readonly partitions: readonly {
    readonly offsets: Readonly<Record<string, number>>;
    readonly clock: number;
    readonly nextSequence: number;
    /** Absent in what earlier versions wrote: then it is not known. */
    readonly scoredBy?: string;
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
  private readonly counted: readonly ScoreRule[];
  /** In order of their reviews. */
  private inputs: PopulationInputs[] = [];
  private claims = 0;

  constructor(partitions: number, counted: readonly ScoreRule[]) {
    this.partitions = partitions;
    this.counted = counted;
    this.parts = Array.from({ length: partitions }, () => ({
      token: '',
      offsets: {},
      clock: instant(0),
      scoredBy: '',
      people: new PersonTable(),
      counters: new PopulationCounters(counted),
      frozen: new Map<Instant, PopulationDelta>(),
      progress: { until: instant(0), sent: {}, taken: {} },
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
    const { token, offsets, clock, scoredBy } = part;
    return Promise.resolve({ partition, token, offsets, clock, scoredBy });
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
    for (const { claim, people, announcements, population, offsets, clock, scoredBy } of changes) {
      const part = this.part(claim.partition);
      for (const { personId, record, dueAt } of people) part.people.set(personId, record, dueAt);
      for (const announcement of announcements) {
        part.outbox.push({ partition: claim.partition, sequence: part.nextSequence++, announcement });
      }
      part.counters.add(population);
      part.offsets = { ...part.offsets, ...offsets };
      part.clock = latest(part.clock, clock);
      part.scoredBy = scoredBy;
    }
    return Promise.resolve('committed');
  }

  outbox(claim: Claim, limit: number): Promise<readonly OutboxEntry[]> {
    return Promise.resolve(this.part(claim.partition).outbox.slice(0, limit));
  }

  trim({ partition, token }: Claim, sequence: number): Promise<void> {
    const part = this.part(partition);
    if (part.token !== token) return Promise.resolve();
    const kept = part.outbox.findIndex((entry) => entry.sequence > sequence);
    part.outbox = kept === -1 ? [] : part.outbox.slice(kept);
    return Promise.resolve();
  }

  population(): Promise<PopulationDelta> {
    return Promise.resolve(this.sumOf(this.parts.map(({ counters }) => counters.export())));
  }

  freezePopulation({ partition, token }: Claim, at: Instant): Promise<'frozen' | 'fenced'> {
    const { token: current, counters, frozen } = this.part(partition);
    if (token !== current) return Promise.resolve('fenced');
    if (!frozen.has(at)) frozen.set(at, counters.export());
    if (frozen.size > KEPT_REVIEWS) frozen.delete(instant(Math.min(...frozen.keys())));
    return Promise.resolve('frozen');
  }

  frozenPopulation(at: Instant): Promise<PopulationDelta | undefined> {
    const kept = this.parts.map(({ frozen, clock }) => frozen.get(at) ?? (clock >= at ? NOBODY : undefined));
    const all = kept.filter((one) => one !== undefined);
    return Promise.resolve(all.length === kept.length ? this.sumOf(all) : undefined);
  }

  populationInputs(at: Instant): Promise<PopulationInputs | undefined> {
    return Promise.resolve(this.inputs.findLast(({ since }) => since <= at));
  }

  publishPopulationInputs(inputs: PopulationInputs): Promise<void> {
    if (this.inputs.every(({ since }) => since !== inputs.since)) {
      const all = [...this.inputs, inputs].sort((a, b) => a.since - b.since);
      this.inputs = all.slice(-KEPT_REVIEWS);
    }
    return Promise.resolve();
  }

  noteProgress({ partition, token }: Claim, progress: Progress): Promise<'noted' | 'fenced'> {
    const part = this.part(partition);
    if (part.token !== token) return Promise.resolve('fenced');
    part.progress = progress;
    return Promise.resolve('noted');
  }

  progress(): Promise<readonly Progress[]> {
    return Promise.resolve(this.parts.map(({ progress }) => progress));
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
      partitions: this.parts.map(({ offsets, clock, nextSequence, scoredBy }) => ({
        ...{ offsets, clock, nextSequence, scoredBy },
      })),
      population: this.sumOf(this.parts.map(({ counters }) => counters.export())),
      inputs: this.inputs.at(-1),
    };
  }

  /** Into an empty store; people follow by {@link MemoryStateStore.restorePerson}. */
  restore(summary: StoreSummary): void {
    summary.partitions.forEach(({ offsets, clock, nextSequence, scoredBy = '' }, i) => {
      Object.assign(this.part(i), { offsets, clock: instant(clock), nextSequence, scoredBy });
    });
    // Whose part is whose does not matter any more: all that is ever asked for is the sum.
    this.part(0).counters.add(summary.population);
    this.inputs = summary.inputs === undefined ? [] : [summary.inputs];
  }

  restorePerson(partition: number, personId: string, record: Uint8Array, dueAt: Instant): void {
    this.part(partition).people.set(personId, record, dueAt);
  }

  *entries(): Generator<{ partition: number; personId: string; record: Uint8Array; dueAt: Instant }> {
    for (const [partition, part] of this.parts.entries()) {
      for (const entry of part.people.entries()) yield { partition, ...entry };
    }
  }

  private sumOf(deltas: readonly PopulationDelta[]): PopulationDelta {
    const sum = new PopulationCounters(this.counted);
    for (const delta of deltas) sum.add(delta);
    return sum.export();
  }

  private part(partition: number): Partition {
    const part = this.parts[partition];
    if (part === undefined) throw new RangeError(`partition ${partition} of ${this.partitions}`);
    return part;
  }
}
