import fc from 'fast-check';
import { expect } from 'vitest';
import { NEVER, instant, type Instant } from '../../src/core/time.ts';
import type { Claim, PartitionChanges, PersonChange, StateStore } from '../../src/ports/state-store.ts';
import { letter, person } from './state-store-contract.ts';

interface Kept {
  readonly record: Uint8Array;
  readonly dueAt: Instant;
}

/** What a store should hold, in the plainest way there is. */
export class StoreModel {
  readonly parts: {
    readonly people: Map<string, Kept>;
    readonly offsets: Map<string, number>;
    outbox: { readonly sequence: number; readonly number: number }[];
    sequence: number;
    owner: number;
  }[];

  constructor(partitions: number) {
    this.parts = Array.from({ length: partitions }, () => ({
      people: new Map<string, Kept>(),
      offsets: new Map<string, number>(),
      outbox: [],
      sequence: 0,
      owner: -1,
    }));
  }

  part(partition: number) {
    const part = this.parts[partition];
    if (part === undefined) throw new RangeError(`partition ${partition}`);
    return part;
  }

  dueBy(partition: number, until: Instant): [string, Instant][] {
    return [...this.part(partition).people]
      .filter(([, { dueAt }]) => dueAt !== NEVER && dueAt <= until)
      .map(([id, { dueAt }]) => [id, dueAt] as [string, Instant])
      .sort(([, a], [, b]) => a - b);
  }
}

interface Real {
  readonly store: StateStore;
  /** Every claim ever made of a partition, the valid one last. */
  readonly claims: Map<number, Claim[]>;
}

type Step = fc.AsyncCommand<StoreModel, Real>;

/** Commands over the people given; `mostPeople` is the largest commit. */
export function storeCommands(ids: readonly string[], mostPeople: number): fc.Arbitrary<Step>[] {
  const partition = fc.integer({ min: 0, max: 1 });
  const dueAt = fc.oneof(
    { weight: 1, arbitrary: fc.constant(NEVER) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 500 }).map(instant) },
  );
  const seed = fc.integer({ min: 1, max: 2 ** 31 });
  return [
    partition.map(claimed),
    fc
      .record({ seed, partition, people: fc.integer({ min: 1, max: mostPeople }), isStale: fc.boolean() })
      .map(({ seed: from, partition: at, people, isStale }) => committed(ids, from, at, people, isStale)),
    fc
      .record({ seed, partition, people: fc.integer({ min: 1, max: mostPeople }) })
      .map(({ seed: from, partition: at, people }) => committed(ids, from, at, people, false)),
    fc.record({ seed, partition }).map(({ seed: from, partition: at }) => wasRead(ids, from, at)),
    fc
      .record({ partition, until: dueAt, limit: fc.integer({ min: 1, max: 300 }) })
      .map(({ partition: at, until, limit }) => wasDue(at, until, limit)),
    fc
      .record({ partition, limit: fc.integer({ min: 1, max: 6 }), isTrimmed: fc.boolean() })
      .map(({ partition: at, limit, isTrimmed }) => announced(at, limit, isTrimmed)),
    partition.map(listed),
  ];
}

function claimed(partition: number): Step {
  return {
    check: () => true,
    async run(model, real) {
      const claim = await real.store.claim(partition);
      const part = model.part(partition);
      expect(claim.offsets).toEqual(Object.fromEntries(part.offsets));
      const claims = real.claims.get(partition) ?? [];
      real.claims.set(partition, [...claims, claim]);
      part.owner = claims.length;
    },
    toString: () => `claim ${partition}`,
  };
}

function committed(
  ids: readonly string[],
  seed: number,
  partition: number,
  people: number,
  isStale: boolean,
): Step {
  return {
    check: (model) => model.part(partition).owner >= (isStale ? 1 : 0),
    async run(model, real) {
      const part = model.part(partition);
      const claim = real.claims.get(partition)?.[part.owner - (isStale ? 1 : 0)];
      if (claim === undefined) throw new Error('no claim');
      const next = numbersFrom(seed);
      const changes = Array.from({ length: people }, (): PersonChange => {
        const id = ids[next() % ids.length] ?? '';
        const size = next() % 40 === 0 ? next() % 9000 : next() % 400;
        return person(id, size, next() % 5 === 0 ? NEVER : instant(next() % 500));
      });
      const source = `s${next() % 2}`;
      const offset = (part.offsets.get(source) ?? 0) + (next() % 4) - 1;
      const letters = Array.from({ length: next() % 4 }, () => next() % 1000);
      const outcome = await real.store.commit([changed(claim, changes, letters, { [source]: offset })]);
      const isRefused = isStale || offset < (part.offsets.get(source) ?? 0);
      expect(outcome).toBe(isRefused ? 'fenced' : 'committed');
      if (isRefused) return;
      for (const { personId, record, dueAt } of changes) part.people.set(personId, { record, dueAt });
      for (const number of letters) part.outbox.push({ sequence: part.sequence++, number });
      part.offsets.set(source, offset);
    },
    toString: () => `commit ${people} people to ${partition} from seed ${seed}${isStale ? ', stale' : ''}`,
  };
}

function wasRead(ids: readonly string[], seed: number, partition: number): Step {
  return {
    check: (model) => model.part(partition).owner >= 0,
    async run(model, real) {
      const next = numbersFrom(seed);
      const asked = Array.from({ length: 20 }, () => ids[next() % ids.length] ?? '');
      const records = await real.store.read(ownerOf(model, real, partition), asked);
      const { people } = model.part(partition);
      const wrong = asked.filter((id, i) => !isEqual(records[i], people.get(id)?.record));
      expect(wrong).toEqual([]);
    },
    toString: () => `read ${partition} from seed ${seed}`,
  };
}

function wasDue(partition: number, until: Instant, limit: number): Step {
  return {
    check: (model) => model.part(partition).owner >= 0,
    async run(model, real) {
      const given = await real.store.due(ownerOf(model, real, partition), until, limit);
      const expected = model.dueBy(partition, until);
      const people = model.part(partition).people;
      expect(given.length).toBe(Math.min(limit, expected.length));
      expect(new Set(given).size).toBe(given.length);
      expect(given.map((id) => people.get(id)?.dueAt)).toEqual(
        expected.slice(0, limit).map(([, dueAt]) => dueAt),
      );
    },
    toString: () => `due of ${partition} until ${until}, at most ${limit}`,
  };
}

function announced(partition: number, limit: number, isTrimmed: boolean): Step {
  return {
    check: (model) => model.part(partition).owner >= 0,
    async run(model, real) {
      const part = model.part(partition);
      const owner = ownerOf(model, real, partition);
      const entries = await real.store.outbox(owner, limit);
      expect(entries).toEqual(
        part.outbox.slice(0, limit).map(({ sequence, number }) => ({
          partition,
          sequence,
          announcement: letter(number),
        })),
      );
      const last = entries.at(-1);
      if (!isTrimmed || last === undefined) return;
      await real.store.trim(owner, last.sequence);
      part.outbox = part.outbox.filter(({ sequence }) => sequence > last.sequence);
    },
    toString: () => `outbox of ${partition}, ${limit}${isTrimmed ? ', trimmed' : ''}`,
  };
}

function listed(partition: number): Step {
  return {
    check: (model) => model.part(partition).owner >= 0,
    async run(model, real) {
      const found = new Map<string, Uint8Array>();
      let count = 0;
      for await (const page of real.store.people(ownerOf(model, real, partition)))
        for (const { personId, record } of page) {
          count += 1;
          found.set(personId, record);
        }
      const { people } = model.part(partition);
      expect([count, found.size]).toEqual([people.size, people.size]);
      const differing = [...people].filter(([id, kept]) => !isEqual(found.get(id), kept.record));
      expect(differing.map(([id]) => id)).toEqual([]);
    },
    toString: () => `people of ${partition}`,
  };
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}

function ownerOf(model: StoreModel, real: Real, partition: number): Claim {
  const claim = real.claims.get(partition)?.[model.part(partition).owner];
  if (claim === undefined) throw new Error('no claim');
  return claim;
}

function changed(
  claim: Claim,
  people: readonly PersonChange[],
  letters: readonly number[],
  offsets: Readonly<Record<string, number>>,
): PartitionChanges {
  return {
    claim,
    people,
    announcements: letters.map(letter),
    population: { orders: 0, sumMinor: 0, buckets: [], prices: [] },
    offsets,
    clock: instant(0),
    scoredBy: '',
  };
}

/** By a linear congruence: reproducible from its seed alone. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
