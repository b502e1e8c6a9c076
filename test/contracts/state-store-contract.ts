import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureNamed } from '../../src/core/features/catalogue.ts';
import { partitionOf } from '../../src/core/partition.ts';
import { PopulationCounters } from '../../src/core/scoring/population.ts';
import type { ScoreRule } from '../../src/core/scoring/score.ts';
import { NEVER, instant, type Instant } from '../../src/core/time.ts';
import type {
  Announcement,
  Claim,
  PartitionChanges,
  PersonChange,
  StateStore,
} from '../../src/ports/state-store.ts';
import { populationContract } from './state-store-population-contract.ts';
import { StoreModel, storeCommands } from './state-store-model.ts';

export const COUNTED: readonly ScoreRule[] = ['orders_90d', 'days_since_order'].map((name) => {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`no feature ${name}`);
  return { name, feature, better: 'higher', by: 'quantiles' };
});
export const START = instant(Date.UTC(2024, 0, 1));

export type OpenClaimed = (
  partitions?: number,
) => Promise<{ readonly store: StateStore; readonly claimOf: (partition: number) => Claim }>;

export type OpenStore = (partitions: number, counted: readonly ScoreRule[]) => Promise<StateStore>;

/** What every StateStore promises. `open` gives an empty one; `commitsAcross`: one commit may change several partitions. */
export function stateStoreContract(name: string, open: OpenStore, { commitsAcross = true } = {}): void {
  const opened: OpenClaimed = async (partitions = 2) => {
    const store = await open(partitions, COUNTED);
    const claims = await Promise.all(Array.from({ length: partitions }, (_, i) => store.claim(i)));
    const claimOf = (partition: number): Claim => {
      const claim = claims[partition];
      if (claim === undefined) throw new RangeError(`partition ${partition}`);
      return claim;
    };
    return { store, claimOf };
  };

  describe(`${name} keeps the state store contract: claims and commits`, () => {
    it('an empty store has nobody, owes nothing and starts every source at 0', async () => {
      const { store, claimOf } = await opened();
      expect(claimOf(1)).toMatchObject({ partition: 1, offsets: {}, clock: 0 });
      expect(await store.size()).toBe(0);
      expect(await store.read(claimOf(0), ['ada', 'ben'])).toEqual([undefined, undefined]);
      expect(await store.due(claimOf(0), NEVER, 10)).toEqual([]);
      expect(await store.outbox(claimOf(0), 10)).toEqual([]);
      expect(await store.populationInputs(NEVER)).toBeUndefined();
      expect(await pagesOf(store, claimOf(0))).toEqual([]);
    });

    it('what was committed is read back, in the order asked for, and by whoever claims next', async () => {
      const { store, claimOf } = await opened();
      const changes = changesOf(claimOf(0), {
        people: [person('ada', 1), person('ben', 2)],
        offsets: { orders: 7 },
        clock: plusMs(5),
      });
      expect(await store.commit([changes])).toBe('committed');
      const next = await store.claim(0);
      expect(next).toMatchObject({ offsets: { orders: 7 }, clock: plusMs(5) });
      const [ben, nobody, ada] = await store.read(next, ['ben', 'cy', 'ada']);
      expect([ben, nobody, ada]).toEqual([person('ben', 2).record, undefined, person('ada', 1).record]);
    });

    it('records belong to whoever read or gave them', async () => {
      const { store, claimOf } = await opened();
      const given = person('ada', 3);
      const expected = given.record.slice();
      await store.commit([changesOf(claimOf(0), { people: [given] })]);
      given.record.fill(0);
      const [first] = await store.read(claimOf(0), ['ada']);
      expect(first).toEqual(expected);
      first?.fill(255);
      expect(await store.read(claimOf(0), ['ada'])).toEqual([expected]);
      for (const { record } of await pagesOf(store, claimOf(0))) record.fill(1);
      expect(await store.read(claimOf(0), ['ada'])).toEqual([expected]);
    });

    it('a later claim makes an earlier one worthless', async () => {
      const { store, claimOf } = await opened();
      const zombie = claimOf(0);
      await store.commit([changesOf(zombie, { people: [person('ada', 1)], offsets: { s: 1 } })]);
      const owner = await store.claim(0);
      const late = changesOf(zombie, {
        people: [person('ada', 2), person('eve', 1)],
        announcements: [letter(1)],
        offsets: { s: 9 },
        clock: plusMs(9),
      });
      expect(await store.commit([late])).toBe('fenced');
      expect(await store.read(owner, ['ada', 'eve'])).toEqual([person('ada', 1).record, undefined]);
      expect(await store.outbox(owner, 10)).toEqual([]);
      expect(await store.claim(0)).toMatchObject({ offsets: { s: 1 }, clock: 0 });
    });

    it('a commit over several partitions happens in all or in none, or is not taken', async () => {
      const { store, claimOf } = await opened();
      if (!commitsAcross) {
        const both = [changesOf(claimOf(0), {}), changesOf(claimOf(1), {})];
        await expect(store.commit(both)).rejects.toThrow(RangeError);
        return;
      }
      const before = await snapshotOf(store);
      const stale = claimOf(1);
      const owner = await store.claim(1);
      const delta = counted([[1, 10]]);
      const both = (second: Claim) => [
        changesOf(claimOf(0), {
          people: [person('ada', 1)],
          offsets: { s: 3 },
          announcements: [letter(0)],
          population: delta,
        }),
        changesOf(second, { people: [person('ben', 1)], offsets: { s: 3 }, population: delta }),
      ];
      expect(await store.commit(both(stale))).toBe('fenced');
      expect(await snapshotOf(store)).toEqual(before);
      const claims = [await store.claim(0), await store.claim(1)];
      expect(owner.token).not.toBe(claims[1]?.token);
    });

    it('offsets only move forward, each source by itself', async () => {
      const { store, claimOf } = await opened();
      const claim = claimOf(0);
      const commit = (offsets: Record<string, number>) => store.commit([changesOf(claim, { offsets })]);
      expect(await commit({ a: 5, b: 2 })).toBe('committed');
      expect(await commit({ a: 5 })).toBe('committed');
      expect(await commit({ a: 4, c: 1 })).toBe('fenced');
      expect(await commit({ b: 3 })).toBe('committed');
      expect((await store.claim(0)).offsets).toEqual({ a: 5, b: 3 });
    });

    it('remembers whose scores everyone in a partition has', async () => {
      const { store, claimOf } = await opened();
      expect(claimOf(0).scoredBy).toBe('');
      await store.commit([changesOf(claimOf(0), { scoredBy: 'churn@1' })]);
      expect((await store.claim(0)).scoredBy).toBe('churn@1');
      expect((await store.claim(1)).scoredBy).toBe('');
    });

    it('the clock never goes back', async () => {
      const { store, claimOf } = await opened();
      await store.commit([changesOf(claimOf(0), { clock: plusMs(100) })]);
      await store.commit([changesOf(claimOf(0), { clock: plusMs(50) })]);
      expect((await store.claim(0)).clock).toBe(plusMs(100));
      expect((await store.claim(1)).clock).toBe(0);
    });
  });

  describe(`${name} keeps the state store contract: the due queue`, () => {
    it('gives those due by an instant, that instant included, in order, and changes nothing by it', async () => {
      const { store, claimOf } = await opened();
      const claim = claimOf(0);
      const people = [30, 10, 20, NEVER, 40].map((at, i) =>
        person(`p${i}`, 1, at === NEVER ? NEVER : plusMs(at)),
      );
      await store.commit([changesOf(claim, { people })]);
      expect(await store.due(claim, plusMs(9), 10)).toEqual([]);
      expect(await store.due(claim, plusMs(30), 10)).toEqual(['p1', 'p2', 'p0']);
      expect(await store.due(claim, plusMs(30), 2)).toEqual(['p1', 'p2']);
      expect(await store.due(claim, plusMs(30), 10)).toEqual(['p1', 'p2', 'p0']);
      expect(await store.due(claim, NEVER, 10)).toEqual(['p1', 'p2', 'p0', 'p4']);
      expect(await store.due(claimOf(1), NEVER, 10)).toEqual([]);
    });

    it('follows every change of a due, to NEVER and back', async () => {
      const { store, claimOf } = await opened();
      const claim = claimOf(0);
      const move = (id: string, at: Instant) =>
        store.commit([changesOf(claim, { people: [person(id, 1, at)] })]);
      await move('ada', plusMs(10));
      await move('ben', plusMs(20));
      await move('ada', plusMs(30));
      expect(await store.due(claim, plusMs(30), 10)).toEqual(['ben', 'ada']);
      await move('ben', NEVER);
      expect(await store.due(claim, plusMs(30), 10)).toEqual(['ada']);
      await move('ben', plusMs(5));
      expect(await store.due(claim, plusMs(30), 10)).toEqual(['ben', 'ada']);
    });
  });

  describe(`${name} keeps the state store contract: the outbox`, () => {
    it('numbers entries densely per partition and keeps them until they are trimmed', async () => {
      const { store, claimOf } = await opened();
      const claim = claimOf(0);
      await store.commit([changesOf(claim, { announcements: [letter(0), letter(1)] })]);
      await store.commit([changesOf(claim, { announcements: [letter(2)] })]);
      const entries = await store.outbox(claim, 10);
      expect(entries.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
      expect(entries.map(({ announcement }) => announcement)).toEqual([letter(0), letter(1), letter(2)]);
      expect(await store.outbox(claim, 2)).toEqual(entries.slice(0, 2));
      await store.trim(claim, 1);
      await store.trim(claim, 0);
      expect(await store.outbox(claim, 10)).toEqual(entries.slice(2));
      await store.trim(claim, 2);
      await store.commit([changesOf(claim, { announcements: [letter(3)] })]);
      expect((await store.outbox(claim, 10)).map(({ sequence }) => sequence)).toEqual([3]);
      expect(await store.outbox(claimOf(1), 10)).toEqual([]);
    });
  });

  describe(`${name} keeps the state store contract: progress`, () => {
    it('is what the owner noted last, for whoever asks', async () => {
      const { store, claimOf } = await opened();
      const nothing = { until: 0, sent: {}, taken: {} };
      expect(await store.progress()).toEqual([nothing, nothing]);
      const progress = { until: plusMs(5), sent: { 0: { 'events:1': 7 } }, taken: { 'facts:0': 3 } };
      await store.noteProgress(claimOf(1), { until: plusMs(9), sent: {}, taken: {} });
      expect(await store.noteProgress(claimOf(1), progress)).toBe('noted');
      expect(await store.progress()).toEqual([nothing, progress]);
      await store.claim(1);
      expect(await store.noteProgress(claimOf(1), { until: plusMs(99), sent: {}, taken: {} })).toBe('fenced');
      expect(await store.progress()).toEqual([nothing, progress]);
    });
  });

  populationContract(name, opened);

  describe(`${name} keeps the state store contract: people`, () => {
    it('of any id and any size come back as they were', async () => {
      const { store, claimOf } = await opened();
      const ids = ['a', 'é', 'person 1', '李娜', '🦉'.repeat(50), 'x'.repeat(500), 'x'.repeat(501)];
      ids.push('ä'.repeat(5000), `${'ä'.repeat(5000)}b`, 'y'.repeat(70_000), '\u0000', ' ');
      const people = ids.map((id, i) => person(id, 4090 + i, plusMs(i)));
      await store.commit([changesOf(claimOf(0), { people })]);
      await store.commit([changesOf(claimOf(0), { people: [person('big', 3_000_000, plusMs(99))] })]);
      const all = [...people, person('big', 3_000_000)];
      const found = await store.read(claimOf(0), [...ids, 'big']);
      expect(found.map(textOf)).toEqual(all.map(({ record }) => textOf(record)));
      expect(await store.due(claimOf(0), NEVER, 100)).toEqual([...ids, 'big']);
      expect((await pagesOf(store, claimOf(0))).map(({ personId }) => personId).sort()).toEqual(
        [...ids, 'big'].sort(),
      );
      expect(await store.size()).toBe(ids.length + 1);
    });

    it('grow and shrink through every size without touching each other', async () => {
      const { store, claimOf } = await opened();
      for (const [round, size] of [1, 9, 4096, 4104, 100_000, 8, 4095, 5000, 0, 4096].entries()) {
        const people = Array.from({ length: 20 }, (_, i) =>
          person(`p${i}`, Math.max(0, size - i * 3 - round)),
        );
        await store.commit([changesOf(claimOf(0), { people })]);
        const found = await store.read(
          claimOf(0),
          people.map(({ personId }) => personId),
        );
        expect(found.map(textOf)).toEqual(people.map(({ record }) => textOf(record)));
      }
    });

    it('come in pages, each person once, the same every time', async () => {
      const { store, claimOf } = await opened();
      const people = Array.from({ length: 5000 }, (_, i) => person(`p${i}`, i % 50));
      for (const partition of [0, 1]) {
        const own = people.filter(({ personId }) => partitionOf(personId, 2) === partition);
        await store.commit([changesOf(claimOf(partition), { people: own })]);
      }
      const first = [...(await pagesOf(store, claimOf(0))), ...(await pagesOf(store, claimOf(1)))];
      expect(first.length).toBe(5000);
      const told = (pages: typeof first) =>
        pages.map(({ personId, record }) => `${personId} ${textOf(record)}`);
      expect(told(first).sort()).toEqual(told(people).sort());
      const again = [...(await pagesOf(store, claimOf(0))), ...(await pagesOf(store, claimOf(1)))];
      expect(told(again)).toEqual(told(first));
      expect(await store.size()).toBe(5000);
    });
  });

  describe(`${name} keeps the state store contract: everything together`, () => {
    it('does what a naive map does, whatever the interleaving', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.commands(storeCommands(people40(), 60), { maxCommands: 120, size: 'max' }),
          async (commands) => {
            const real = { store: await open(2, COUNTED), claims: new Map<number, Claim[]>() };
            await fc.asyncModelRun(() => ({ model: new StoreModel(2), real }), commands);
          },
        ),
        { numRuns: 25 },
      );
    });

    it('does it with twenty thousand people, too', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.commands(storeCommands(peopleMany(20_000), 20_000), { maxCommands: 40, size: 'max' }),
          async (commands) => {
            const real = { store: await open(2, COUNTED), claims: new Map<number, Claim[]>() };
            await fc.asyncModelRun(() => ({ model: new StoreModel(2), real }), commands);
          },
        ),
        { numRuns: 5 },
      );
    });
  });
}

function people40(): readonly string[] {
  return Array.from({ length: 40 }, (_, i) => (i % 5 === 0 ? `人-${i}-${'x'.repeat(i * 7)}` : `person-${i}`));
}

function peopleMany(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `person-${i}`);
}

export function plusMs(ms: number): Instant {
  return instant(START + ms);
}

/** A record that tells whose it is and how long. */
export function person(personId: string, length: number, dueAt: Instant = NEVER): PersonChange {
  const record = Uint8Array.from({ length }, (_, i) => (i * 31 + personId.length * 7 + length) & 255);
  return { personId, record, dueAt };
}

export function letter(offset: number): Announcement {
  return {
    kind: 'dead_letter',
    letter: {
      source: 's',
      offset,
      place: `s#${offset}`,
      rejection: { reason: 'malformed', detail: `${offset}` },
      raw: '',
      receivedAt: START,
    },
  };
}

export function counted(
  contributions: readonly (readonly [number, number])[],
): PartitionChanges['population'] {
  const counters = new PopulationCounters(COUNTED);
  for (const [orders, sum] of contributions) counters.contribution(undefined, [orders, sum, orders, -1]);
  return counters.export();
}

export function changesOf(claim: Claim, parts: Partial<PartitionChanges>): PartitionChanges {
  return {
    claim,
    people: [],
    announcements: [],
    population: counted([]),
    offsets: {},
    clock: instant(0),
    scoredBy: '',
    ...parts,
  };
}

/** A record as text: comparing long arrays byte by byte takes a test runner seconds. */
function textOf(record: Uint8Array | undefined): string {
  return record === undefined ? 'nobody' : `${record.length}:${Buffer.from(record).toString('latin1')}`;
}

async function pagesOf(
  store: StateStore,
  claim: Claim,
): Promise<{ readonly personId: string; readonly record: Uint8Array }[]> {
  const all: { readonly personId: string; readonly record: Uint8Array }[] = [];
  for await (const page of store.people(claim)) {
    expect(page.length).toBeGreaterThan(0);
    all.push(...page);
  }
  return all;
}

/** Everything a store can be asked; takes the claims anew for it. */
async function snapshotOf(store: StateStore): Promise<unknown> {
  const parts = [];
  for (let i = 0; i < store.partitions; i++) {
    const probe = await store.claim(i);
    parts.push({
      offsets: probe.offsets,
      clock: probe.clock,
      people: await pagesOf(store, probe),
      due: await store.due(probe, NEVER, 1000),
      outbox: await store.outbox(probe, 1000),
    });
  }
  return { parts, population: await store.population(), size: await store.size() };
}
