import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { Said } from '../../src/ports/forwarded-facts.ts';
import type { Assignment, PartitionOwner, SourceBlock } from '../../src/ports/partitioned-source.ts';

interface Member<Content> {
  readonly owner: PartitionOwner<Content>;
  readonly held: Map<number, { readonly revocation: AbortController; readonly work: Promise<void> }>;
}

export interface Membership {
  /** Resolves when its work is over and the others have its partitions; rejects if an owner failed. */
  readonly leave: () => Promise<void>;
  /** The group holds it for dead and gives its partitions to others; it does not know, and goes on until it leaves. */
  readonly lose: () => Promise<void>;
}

/** Topics, `events` and `facts` unless others are named, and a group that shares their partitions out; all in memory. */
export class MemoryTopics<Content = Said> {
  readonly partitions: number;
  private readonly factsLagTurns: number;
  private readonly topics: readonly string[];
  private readonly logs = new Map<string, SourceRecord<Content>[]>();
  private readonly readers = new Set<() => void>();
  private readonly members: Member<Content>[] = [];

  /** `factsLagTurns`: how many turns of the event loop later facts are read than they could be. */
  constructor(partitions: number, factsLagTurns = 0, topics: readonly string[] = ['events']) {
    this.partitions = partitions;
    this.factsLagTurns = factsLagTurns;
    this.topics = topics;
    for (let i = 0; i < partitions; i++) {
      for (const topic of topics) this.logs.set(`${topic}:${i}`, []);
      this.logs.set(`facts:${i}`, []);
    }
  }

  length(source: string): number {
    return this.log(source).length;
  }

  /** At the end of a source; it gets the next offset. */
  append(source: string, record: Omit<SourceRecord<Content>, 'source' | 'offset' | 'place'>): void {
    const log = this.log(source);
    log.push({ ...record, source, offset: log.length, place: `${source}@${log.length}` });
    for (const wake of this.readers) wake();
  }

  /** Joins and shares out anew. */
  async join(owner: PartitionOwner<Content>): Promise<Membership> {
    const member: Member<Content> = { owner, held: new Map() };
    this.members.push(member);
    await this.share();
    const remove = (): void => void this.members.splice(this.members.indexOf(member), 1);
    return {
      leave: async () => {
        if (this.members.includes(member)) remove();
        await revoke(member, [...member.held.keys()]);
        await this.share();
      },
      lose: async () => {
        remove();
        await this.share();
      },
    };
  }

  private async share(): Promise<void> {
    for (const [i, member] of this.members.entries()) {
      const lost = [...member.held.keys()].filter((partition) => partition % this.members.length !== i);
      await revoke(member, lost);
    }
    for (let partition = 0; partition < this.partitions && this.members.length > 0; partition++) {
      const member = this.members[partition % this.members.length];
      if (member === undefined || member.held.has(partition)) continue;
      const revocation = new AbortController();
      const work = member.owner(this.assignment(partition, revocation.signal));
      // Whoever leaves hears of it.
      work.catch(() => undefined);
      member.held.set(partition, { revocation, work });
    }
  }

  private assignment(partition: number, revoked: AbortSignal): Assignment<Content> {
    return {
      partition,
      sources: this.topics.map((topic) => `${topic}:${partition}`),
      factSources: [`facts:${partition}`],
      revoked,
      read: (source, from, stop = revoked) => this.read(source, from ?? 0, AbortSignal.any([revoked, stop])),
      processed: () => undefined,
    };
  }

  private async *read(source: string, from: number, over: AbortSignal): AsyncGenerator<SourceBlock<Content>> {
    const log = this.log(source);
    for (let next = from; !over.aborted;) {
      if (source.startsWith('facts')) await loopTurns(this.factsLagTurns);
      const records = log.slice(next, next + BLOCK_RECORDS);
      next += records.length;
      yield { records, next, behind: log.length - next };
      if (next < log.length || over.aborted) continue;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.readers.delete(wake);
          over.removeEventListener('abort', wake);
          resolve();
        };
        this.readers.add(wake);
        over.addEventListener('abort', wake);
      });
    }
  }

  private log(source: string): SourceRecord<Content>[] {
    const log = this.logs.get(source);
    if (log === undefined) throw new RangeError(`no source ${source}`);
    return log;
  }
}

const BLOCK_RECORDS = 100;

async function loopTurns(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function revoke<Content>(member: Member<Content>, partitions: readonly number[]): Promise<void> {
  const given = partitions.flatMap((partition) => {
    const held = member.held.get(partition);
    member.held.delete(partition);
    return held === undefined ? [] : [held];
  });
  for (const { revocation } of given) revocation.abort();
  await Promise.all(given.map(({ work }) => work));
}
