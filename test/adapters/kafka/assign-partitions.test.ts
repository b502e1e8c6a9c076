import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions, type GroupMember } from '../../../src/adapters/kafka/assign-partitions.ts';

const partitionCount = fc.integer({ min: 1, max: 40 });
const groups = fc.uniqueArray(
  fc.record({ id: fc.string({ minLength: 1 }), had: fc.array(fc.integer({ min: -3, max: 45 })) }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 12 },
);

const membersAfter = (assigned: ReadonlyMap<string, readonly number[]>): GroupMember[] =>
  [...assigned].map(([id, had]) => ({ id, had }));

const moved = (
  before: ReadonlyMap<string, readonly number[]>,
  after: ReadonlyMap<string, readonly number[]>,
) =>
  [...after].flatMap(([id, own]) => own.filter((partition) => !(before.get(id) ?? []).includes(partition)));

describe('sharing partitions out', () => {
  it('gives each partition to one member, and shares that differ by one at most', () => {
    fc.assert(
      fc.property(partitionCount, groups, (partitions, members) => {
        const assigned = assignPartitions(partitions, members);
        expect([...assigned.keys()].sort()).toEqual(members.map(({ id }) => id).sort());
        expect([...assigned.values()].flat().sort((a, b) => a - b)).toEqual([...Array(partitions).keys()]);
        const shares = [...assigned.values()].map((own) => own.length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('comes to the same whatever the order of the members', () => {
    fc.assert(
      fc.property(
        partitionCount,
        groups.chain((members) =>
          fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length })),
        ),
        (partitions, [members, shuffled]) => {
          expect(Object.fromEntries(assignPartitions(partitions, shuffled))).toEqual(
            Object.fromEntries(assignPartitions(partitions, members)),
          );
        },
      ),
    );
  });

  it('moves nothing when nobody came or went', () => {
    fc.assert(
      fc.property(partitionCount, groups, (partitions, members) => {
        const before = assignPartitions(partitions, members);
        expect(moved(before, assignPartitions(partitions, membersAfter(before)))).toEqual([]);
      }),
    );
  });

  it('moves only what the newcomer gets', () => {
    fc.assert(
      fc.property(partitionCount, groups, fc.string({ minLength: 1 }), (partitions, members, newcomer) => {
        fc.pre(members.every(({ id }) => id !== newcomer));
        const before = assignPartitions(partitions, members);
        const after = assignPartitions(partitions, [...membersAfter(before), { id: newcomer, had: [] }]);
        expect(moved(before, after).length).toBe(after.get(newcomer)?.length);
      }),
    );
  });

  it('moves only what somebody left behind', () => {
    fc.assert(
      fc.property(partitionCount, groups, (partitions, members) => {
        fc.pre(members.length > 1);
        const before = assignPartitions(partitions, members);
        const [gone, ...staying] = membersAfter(before);
        expect(moved(before, assignPartitions(partitions, staying)).length).toBe(gone?.had.length);
      }),
    );
  });

  it('shares nothing out among nobody', () => {
    expect(assignPartitions(4, [])).toEqual(new Map());
  });
});
