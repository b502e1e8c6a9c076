import kafkajs, { type PartitionAssigner } from 'kafkajs';
import { assignPartitions } from './assign-partitions.ts';

const { AssignerProtocol } = kafkajs;
const NAME = 'tidemark-co-partitioned';
const VERSION = 1;

export interface AssignerContext {
  readonly partitions: number;
  /** What this member was given last; it is told to whoever shares out. */
  readonly had: () => readonly number[];
  /** Called before each request to join: from here on the partitions may go to others. */
  readonly joining: () => void;
}

/** Gives partition n of every topic to the same member; see {@link assignPartitions} for who that is. */
export function coPartitionedAssigner({ partitions, had, joining }: AssignerContext): PartitionAssigner {
  return () => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => {
      joining();
      const userData = Buffer.from(JSON.stringify(had()));
      return {
        name: NAME,
        metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData }),
      };
    },
    assign: ({ members }) => {
      const known = members.map(({ memberId, memberMetadata }) => {
        const said = AssignerProtocol.MemberMetadata.decode(memberMetadata);
        return { id: memberId, topics: said?.topics ?? [], had: partitionsIn(said?.userData) };
      });
      const shares = assignPartitions(partitions, known);
      return Promise.resolve(
        known.map(({ id, topics }) => ({
          memberId: id,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            // Its own topics: while a topic is being added, members of both kinds are there.
            assignment: Object.fromEntries(topics.map((topic) => [topic, [...(shares.get(id) ?? [])]])),
            userData: Buffer.alloc(0),
          }),
        })),
      );
    },
  });
}

function partitionsIn(userData: Buffer | undefined): number[] {
  try {
    const said: unknown = JSON.parse(userData?.toString() ?? '[]');
    return Array.isArray(said) ? said.filter((each): each is number => Number.isInteger(each)) : [];
  } catch {
    return [];
  }
}
