import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryStateStore } from '../../../src/adapters/memory/memory-state-store.ts';
import {
  NOTHING_UNDERWAY,
  loadSnapshot,
  markSnapshot,
  openSnapshot,
  saveSnapshot,
  type SnapshotIdentity,
} from '../../../src/adapters/memory/state-snapshot.ts';
import { partitionOf } from '../../../src/core/partition.ts';
import { PopulationCounters } from '../../../src/core/scoring/population.ts';
import { NEVER, instant } from '../../../src/core/time.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const IDENTITY: SnapshotIdentity = { policyVersion: 'market@1-abcdef', catalogueHash: 'cafe', partitions: 3 };
const CLOCK = instant(Date.UTC(2025, 3, 1));
const ABOUT = {
  identity: IDENTITY,
  policyText: 'name: market\n# “quoted”',
  digests: { 'csv:a.csv': 12 },
  underway: NOTHING_UNDERWAY,
};

/** A store with people of every size, some of them due, and everything else that a snapshot keeps. */
async function aStore(people = 40): Promise<MemoryStateStore> {
  const store = new MemoryStateStore(IDENTITY.partitions, []);
  const population = new PopulationCounters([]);
  population.contribution(undefined, [3, 1200]);
  population.price('watches', 5000);
  for (let partition = 0; partition < IDENTITY.partitions; partition++) {
    const claim = await store.claim(partition);
    const ids = Array.from({ length: people }, (_, i) => (i === 0 ? 'Zoë 買い手' : `p${i}`));
    await store.commit([
      {
        claim,
        people: ids
          .filter((id) => partitionOf(id, IDENTITY.partitions) === partition)
          .map((personId) => ({
            personId,
            record: new Uint8Array(personId.length * 7).fill(partition + 1),
            dueAt: personId.endsWith('3') ? instant(CLOCK + 5) : NEVER,
          })),
        announcements: [],
        population: population.export(),
        offsets: { 'csv:a.csv': 100 },
        clock: CLOCK,
        scoredBy: 'churn@1',
      },
    ]);
  }
  await store.publishPopulationInputs({
    ...{ version: 'v', since: CLOCK, meanOrderMinor: NaN },
    ...{ cuts: { seller_f: [1, 2.5] }, usualPriceMinor: { watches: 4987 } },
  });
  return store;
}

async function load(path: string, identity = IDENTITY) {
  const store = new MemoryStateStore(identity.partitions, []);
  const header = await loadSnapshot(store, path, identity);
  return { store, header };
}

describe('a snapshot', () => {
  it('gives everything back', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    const store = await aStore();
    await saveSnapshot(store, path, ABOUT);
    const { store: loaded, header } = await load(path);
    expect(header).toMatchObject(ABOUT);
    expect(loaded.summary()).toEqual(store.summary());
    expect([...loaded.entries()]).toEqual([...store.entries()]);
    const claim = await loaded.claim(0);
    expect(await loaded.due(claim, instant(CLOCK + 5), 100)).toEqual(
      await store.due(claim, instant(CLOCK + 5), 100),
    );
    expect(readdirSync(join(path, '..'))).toEqual(['tidemark.state']);
  });

  it('gives an empty store back, and nothing where there is none', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    expect((await load(path)).header).toBeUndefined();
    await saveSnapshot(new MemoryStateStore(3, []), path, ABOUT);
    const { store, header } = await load(path);
    expect(header?.policyText).toBe(ABOUT.policyText);
    expect(await store.size()).toBe(0);
  });

  it('of more than a chunk comes back whole', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    const store = await aStore(0);
    const claim = await store.claim(0);
    const people = Array.from({ length: 3_000 }, (_, i) => ({
      personId: `big${i}`,
      record: new Uint8Array(1_000).fill(i % 251),
      dueAt: NEVER,
    })).filter(({ personId }) => partitionOf(personId, 3) === 0);
    const nothing = new PopulationCounters([]).export();
    await store.commit([
      { claim, people, announcements: [], population: nothing, offsets: {}, clock: CLOCK, scoredBy: '' },
    ]);
    await saveSnapshot(store, path, ABOUT);
    expect([...(await load(path)).store.entries()]).toEqual([...store.entries()]);
  });

  it('that was cut off anywhere is refused, and so is one with a changed byte or something added', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    await saveSnapshot(await aStore(), path, ABOUT);
    const whole = readFileSync(path);
    const refused = { code: 'STATE_CORRUPT', mend: expect.stringContaining('new folder') as string };
    for (let length = 0; length < whole.length; length += 100) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(load(path), `${length} bytes`).rejects.toMatchObject(refused);
    }
    writeFileSync(path, whole.subarray(0, -1));
    await expect(load(path)).rejects.toMatchObject(refused);
    writeFileSync(path, Buffer.concat([whole, Buffer.from('x')]));
    await expect(load(path)).rejects.toMatchObject(refused);
    for (let at = whole.indexOf('\n') + 1; at < whole.length; at += 100) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      writeFileSync(path, changed);
      await expect(load(path), `byte ${at}`).rejects.toMatchObject(refused);
    }
  });

  it.each([
    [{ policyVersion: 'market@2-000000' }, 'the policy market@1-abcdef, and not market@2-000000'],
    [{ catalogueHash: 'beef' }, 'another catalogue of features (cafe, and not beef)'],
    [{ partitions: 4 }, '3 partitions, and not 4'],
  ])('made with something else than %o is refused with what differs', async (other, words) => {
    const path = join(temporaryFolder(), 'tidemark.state');
    await saveSnapshot(await aStore(), path, ABOUT);
    await expect(load(path, { ...IDENTITY, ...other })).rejects.toMatchObject({
      code: 'DATABASE_OTHER_ORIGIN',
      message: expect.stringContaining(words) as string,
      mend: expect.stringContaining('new folder') as string,
    });
  });

  it.each([1, 99])('of another format is refused by its format (%i)', async (version) => {
    const path = join(temporaryFolder(), 'tidemark.state');
    writeFileSync(path, `{"format":"tidemark.state","version":${version}}\n`);
    await expect(openSnapshot(path)).rejects.toMatchObject({
      code: 'DATABASE_OTHER_ORIGIN',
      message: expect.stringContaining(`is of format ${version}, and this version reads format 2`) as string,
      mend: expect.stringContaining('new folder') as string,
    });
  });

  it('can be marked with what is underway, and is otherwise the same', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    const store = await aStore();
    await saveSnapshot(store, path, ABOUT);
    const unmarked = readFileSync(path);
    const underway = { clock: CLOCK, beginnings: { 'csv:b.csv': { records: 7, digest: 2 ** 53 - 1 } } };
    await markSnapshot(path, underway);
    const { store: loaded, header } = await load(path);
    expect(header).toMatchObject({ ...ABOUT, underway });
    expect(loaded.summary()).toEqual(store.summary());
    expect([...loaded.entries()]).toEqual([...store.entries()]);
    await markSnapshot(path, NOTHING_UNDERWAY);
    expect(readFileSync(path)).toEqual(unmarked);
    expect(readdirSync(join(path, '..'))).toEqual(['tidemark.state']);
  });

  it('is as it was when it cannot be marked', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    await saveSnapshot(await aStore(), path, ABOUT);
    const unmarked = readFileSync(path);
    mkdirSync(`${path}.part`);
    await expect(markSnapshot(path, { clock: CLOCK, beginnings: {} })).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
    });
    expect(readFileSync(path)).toEqual(unmarked);
  });

  it('that a crash left half written does not touch the old one, and the next takes its place', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    const store = await aStore();
    await saveSnapshot(store, path, ABOUT);
    writeFileSync(`${path}.part`, readFileSync(path).subarray(0, 500));
    expect([...(await load(path)).store.entries()]).toHaveLength(40);
    await saveSnapshot(await aStore(50), path, ABOUT);
    expect([...(await load(path)).store.entries()]).toHaveLength(50);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('that cannot be written says so and leaves the old one', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    await saveSnapshot(await aStore(), path, ABOUT);
    mkdirSync(`${path}.part`);
    await expect(saveSnapshot(await aStore(50), path, ABOUT)).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      mend: expect.stringContaining('nothing is lost') as string,
    });
    expect([...(await load(path)).store.entries()]).toHaveLength(40);
  });

  it.skipIf(!existsSync('/dev/full'))('on a full disk says so, and that nothing is lost', async () => {
    const path = join(temporaryFolder(), 'tidemark.state');
    symlinkSync('/dev/full', `${path}.part`);
    await expect(saveSnapshot(await aStore(), path, ABOUT)).rejects.toMatchObject({
      code: 'DATABASE_WRITE',
      message: expect.stringContaining('is full') as string,
      mend: expect.stringContaining('free some space') as string,
    });
  });
});
