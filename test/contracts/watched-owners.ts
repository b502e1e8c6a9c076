import type { Assignment, PartitionOwner, SourceBlock } from '../../src/ports/partitioned-source.ts';
import { until } from '../support/eventually.ts';

/** Owners that read their partitions and are watched: who has what, and what they were given. */
export class WatchedOwners {
  readonly blocks: (SourceBlock & { readonly source: string })[] = [];
  readonly assignments: { readonly member: string; readonly assignment: Assignment; done: boolean }[] = [];
  private readonly from: Readonly<Record<string, number>>;

  /** `from`: where every assignment begins to read. */
  constructor(from: Readonly<Record<string, number>> = {}) {
    this.from = from;
  }

  /** An owner that reads all its sources until it is revoked. */
  reader(member: string): PartitionOwner {
    return this.owner(member, async (assignment) => {
      await Promise.all(
        [...assignment.sources, ...assignment.factSources].map(async (source) => {
          for await (const block of assignment.read(source, this.from[source]))
            this.blocks.push({ source, ...block });
        }),
      );
    });
  }

  /** Any owner, watched. */
  owner(member: string, work: PartitionOwner): PartitionOwner {
    return async (assignment) => {
      const watched = { member, assignment, done: false };
      this.assignments.push(watched);
      try {
        await work(assignment);
      } finally {
        watched.done = true;
      }
    };
  }

  /** Which members own each partition now. */
  owners(): Map<number, string[]> {
    const owners = new Map<number, string[]>();
    for (const { member, assignment } of this.assignments) {
      if (assignment.revoked.aborted) continue;
      owners.set(assignment.partition, [...(owners.get(assignment.partition) ?? []), member]);
    }
    return owners;
  }

  /** Resolves once every partition has exactly one owner and the members named have shares that differ by one at most. */
  async settled(partitions: number, members: readonly string[]): Promise<void> {
    await until(`${members.join(', ')} share ${partitions} partitions`, () => {
      const owners = [...this.owners().values()];
      const shares = members.map((member) => owners.filter(([owner]) => owner === member).length);
      return (
        owners.length === partitions &&
        owners.every((own) => own.length === 1) &&
        shares.reduce((sum, share) => sum + share, 0) === partitions &&
        Math.max(...shares) - Math.min(...shares) <= 1
      );
    });
  }

  /** Offsets read from a source, in the order in which they came. */
  offsets(source: string): number[] {
    return this.blocks
      .filter((block) => block.source === source)
      .flatMap(({ records }) => records.map(({ offset }) => offset));
  }

  /** The newest block of a source. */
  last(source: string): SourceBlock | undefined {
    return this.blocks.findLast((block) => block.source === source);
  }

  /** Resolves once the source was read to its end, behind the offset before `next`. */
  async readUpTo(source: string, next: number): Promise<void> {
    await until(`${source} is read up to ${next}`, () => {
      const last = this.last(source);
      return last !== undefined && last.next === next && last.behind === 0;
    });
  }
}
