import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TidemarkError } from '../../src/errors.ts';
import type { PartitionedSource } from '../../src/ports/partitioned-source.ts';
import { until } from '../support/eventually.ts';
import { WatchedOwners } from './watched-owners.ts';

export interface PartitionedSourceWorld {
  /** A new topic that nobody has used. */
  createTopic(partitions: number): Promise<string>;
  /** Appends to a partition, in this order; resolves once they can be read. */
  write(topic: string, partition: number, texts: readonly string[]): Promise<void>;
  /** A member that has not joined yet. Decodes with text-decoder.ts. */
  open(group: string, topics: readonly string[]): Promise<PartitionedSource>;
  close(): Promise<void>;
}

const PARTITIONS = 6;
/** Far below the time after which a member that says nothing is given up. */
const AT_ONCE_MS = 4_000;

/** What every implementation of PartitionedSource promises. */
export function partitionedSourceContract(
  name: string,
  start: () => Promise<PartitionedSourceWorld>,
  startMs: number,
): void {
  describe(`${name} keeps the contract of partitioned sources`, () => {
    let world: PartitionedSourceWorld;
    let groups = 0;
    const opened: PartitionedSource[] = [];
    beforeAll(async () => {
      world = await start();
    }, startMs);
    afterEach(async () => {
      await Promise.allSettled(opened.splice(0).map((source) => source.leave()));
    });
    afterAll(() => world.close());

    const newGroup = () => `group-${process.pid}-${groups++}`;
    const open = async (group: string, topics: readonly string[]) => {
      const source = await world.open(group, topics);
      opened.push(source);
      return source;
    };
    const twoTopics = async () => [await world.createTopic(PARTITIONS), await world.createTopic(PARTITIONS)];
    const oneTopic = async () => {
      const topic = await world.createTopic(1);
      return { topic, source: `${topic}:0` };
    };

    it('gives a lone member every partition, with its part of every topic', async () => {
      const topics = await twoTopics();
      const source = await open(newGroup(), topics);
      expect(source.partitions).toBe(PARTITIONS);
      const owners = new WatchedOwners();
      await source.join(owners.reader('a'));
      await owners.settled(PARTITIONS, ['a']);
      for (const { assignment } of owners.assignments)
        expect(assignment.sources).toEqual(topics.map((topic) => `${topic}:${assignment.partition}`));
    });

    it('shares the partitions out among members that come and go, each to one at a time', async () => {
      const [group, topics, owners] = [newGroup(), await twoTopics(), new WatchedOwners()];
      const members = new Map<string, PartitionedSource>();
      const come = async (member: string) => {
        const source = await open(group, topics);
        members.set(member, source);
        await source.join(owners.reader(member));
      };
      const go = async (member: string) => {
        await members.get(member)?.leave();
        members.delete(member);
      };
      const settle = () => owners.settled(PARTITIONS, [...members.keys()]);
      await come('a');
      await settle();
      await come('b');
      await settle();
      await come('c');
      await settle();
      await go('a');
      await settle();
      await come('d');
      await settle();
      await go('c');
      await go('d');
      await settle();
      expect([...owners.owners().values()]).toEqual(Array(PARTITIONS).fill(['b']));
    });

    it('reads from the offsets named, and from the beginning where none is', async () => {
      const topics = await twoTopics();
      for (const topic of topics) await world.write(topic, 2, ['a', 'b', 'c', 'd']);
      const [named, unnamed] = topics.map((topic) => `${topic}:2`);
      const owners = new WatchedOwners({ [named ?? '']: 2 });
      await (await open(newGroup(), topics)).join(owners.reader('a'));
      await owners.readUpTo(named ?? '', 4);
      await owners.readUpTo(unnamed ?? '', 4);
      expect(owners.offsets(named ?? '')).toEqual([2, 3]);
      expect(owners.offsets(unnamed ?? '')).toEqual([0, 1, 2, 3]);
    });

    it('tells the end of a source, also when nothing is left to read there', async () => {
      const { topic, source } = await oneTopic();
      await world.write(topic, 0, ['a', 'b']);
      const owners = new WatchedOwners({ [source]: 2 });
      await (await open(newGroup(), [topic])).join(owners.reader('a'));
      await owners.readUpTo(source, 2);
      expect(owners.blocks).toEqual([{ source, records: [], next: 2, behind: 0 }]);
      await world.write(topic, 0, ['c']);
      await owners.readUpTo(source, 3);
      expect(owners.offsets(source)).toEqual([2]);
    });

    it('gives records with their place, and what cannot be used as a rejection with the original', async () => {
      const { topic, source } = await oneTopic();
      await world.write(topic, 0, ['a@1000', '!b', 'c@900']);
      const owners = new WatchedOwners();
      await (await open(newGroup(), [topic])).join(owners.reader('a'));
      await owners.readUpTo(source, 3);
      const [a, b, c] = owners.blocks.flatMap(({ records }) => records);
      const place = (offset: number) => ({ source, offset, place: `${topic}[0]@${offset}`, rows: 1 });
      expect(a).toMatchObject({
        ...place(0),
        receivedAt: 1000,
        event: { ok: true, value: { messageId: 'a' } },
      });
      expect(b).toMatchObject({
        ...place(1),
        event: { ok: false, error: { reason: 'malformed' } },
        raw: '!b',
      });
      expect(c).toMatchObject(place(2));
      expect(a).not.toHaveProperty('raw');
      expect(c?.receivedAt).toBe(b?.receivedAt);
    });

    it('goes on behind what was read, with neither gap nor repeat', async () => {
      const { topic, source } = await oneTopic();
      const owners = new WatchedOwners();
      await (await open(newGroup(), [topic])).join(owners.reader('a'));
      for (let batch = 0; batch < 20; batch++) await world.write(topic, 0, ['x', 'y', 'z']);
      await owners.readUpTo(source, 60);
      expect(owners.offsets(source)).toEqual([...Array(60).keys()]);
    });

    it('reads again from elsewhere within one assignment', async () => {
      const { topic, source } = await oneTopic();
      await world.write(topic, 0, ['a', 'b', 'c']);
      const seen: number[][] = [];
      const rereading = new WatchedOwners().owner('a', async (assignment) => {
        for (const from of [0, 1]) {
          for await (const { records } of assignment.read(source, from)) {
            seen.push(records.map(({ offset }) => offset));
            if (records.some(({ offset }) => offset === 2)) break;
          }
        }
      });
      await (await open(newGroup(), [topic])).join(rereading);
      await until('it was read twice', () => seen.flat().filter((offset) => offset === 2).length === 2);
      expect(seen.flat()).toEqual([0, 1, 2, 1, 2]);
    });

    it('tells an owner that waits for records when its partition may be another’s', async () => {
      const [group, topics, owners] = [newGroup(), await twoTopics(), new WatchedOwners()];
      await (await open(group, topics)).join(owners.reader('a'));
      await owners.settled(PARTITIONS, ['a']);
      const before = [...owners.assignments];
      await (await open(group, topics)).join(owners.reader('b'));
      await owners.settled(PARTITIONS, ['a', 'b']);
      await until('all of the first are done', () => before.every(({ done }) => done));
    });

    it('leaves once its owners are done, and the others have the partitions at once', async () => {
      const [group, topics, owners] = [newGroup(), await twoTopics(), new WatchedOwners()];
      let finish = () => {};
      const finished = new Promise<void>((resolve) => (finish = resolve));
      await (await open(group, topics)).join(owners.reader('b'));
      const leaving = await open(group, topics);
      await leaving.join(owners.owner('a', () => finished));
      await owners.settled(PARTITIONS, ['a', 'b']);

      let hasLeft = false;
      const left = leaving.leave().then(() => (hasLeft = true));
      await until('all of a are told', () =>
        owners.assignments.every(({ member, assignment }) => member !== 'a' || assignment.revoked.aborted),
      );
      expect(hasLeft).toBe(false);
      finish();
      const since = performance.now();
      await left;
      await leaving.leave();
      await owners.settled(PARTITIONS, ['b']);
      expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
    });

    it('ends the membership with what an owner throws', async () => {
      const [group, topics] = [newGroup(), await twoTopics()];
      const failing = await open(group, topics);
      const owners = new WatchedOwners();
      const bug = new Error('a bug in an owner');
      await failing.join(
        owners.owner('a', (assignment) =>
          assignment.partition === 1
            ? Promise.reject(bug)
            : new Promise((resolve) => assignment.revoked.addEventListener('abort', () => resolve())),
        ),
      );
      await until('the others are told', () =>
        owners.assignments.every(({ assignment, done }) => assignment.revoked.aborted || done),
      );
      await (await open(group, topics)).join(owners.reader('b'));
      await owners.settled(PARTITIONS, ['b']);
      await expect(failing.leave()).rejects.toBe(bug);
    });

    it('takes any report of what was processed', async () => {
      const { topic, source } = await oneTopic();
      const owners = new WatchedOwners();
      const member = await open(newGroup(), [topic]);
      await member.join(owners.reader('a'));
      await owners.settled(1, ['a']);
      const [owned] = owners.assignments;
      owned?.assignment.processed({ [source]: 1, [`${topic}:17`]: 3 });
      await member.leave();
      owned?.assignment.processed({ [source]: 2 });
    });

    it('refuses topics that are missing or differ in their number of partitions', async () => {
      const six = await world.createTopic(PARTITIONS);
      const join = async (...topics: string[]) =>
        (await open(newGroup(), topics)).join(() => Promise.resolve());
      await expect(join(six, 'nobody-made-this')).rejects.toThrow(/nobody-made-this/);
      await expect(join(six, await world.createTopic(2))).rejects.toThrow(TidemarkError);
    });
  });
}
