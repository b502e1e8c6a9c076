import { describe, expect, it } from 'vitest';
import { NOTHING_UNDERWAY, type Underway } from '../../src/adapters/memory/state-snapshot.ts';
import { SourceWatch } from '../../src/commands/source-watch.ts';
import { err, ok } from '../../src/core/result.ts';
import { instant } from '../../src/core/time.ts';
import type { EventSource, SourceRecord } from '../../src/ports/event-source.ts';

const SOURCE = 'csv:a.csv';
const OTHER = 'csv:b.csv';
const REFUSED = { code: 'DATABASE_OTHER_ORIGIN' };

function record(offset: number, personId = `p${offset}`, source = SOURCE): SourceRecord {
  const at = instant(offset * 1000);
  const event = ok({ messageId: `m${offset}`, personId, at, name: 'Product Viewed', properties: {} });
  return { source, offset, receivedAt: at, event, rows: 1, place: `a.csv:${offset}` };
}

function cutOff(offset: number): SourceRecord {
  return { ...record(offset), event: err({ reason: 'after_until', detail: 'later' }) };
}

function sourceOf(records: readonly SourceRecord[], blockSize = 3, sources = [SOURCE]): EventSource {
  return {
    sources,
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous
    async *read() {
      for (let at = 0; at < records.length; at += blockSize) yield records.slice(at, at + blockSize);
    },
  };
}

const records = (count: number) => Array.from({ length: count }, (_, i) => record(i));
const changedAt = (offset: number, count: number) =>
  records(count).map((one, i) => (i === offset ? record(i, 'else') : one));

interface Earlier {
  /** How many records of {@link SOURCE} were taken in, and their digest. */
  readonly done?: number;
  readonly digests?: Readonly<Record<string, number>>;
  readonly underway?: Underway;
}

function watchOf(source: EventSource, { done = 0, digests = {}, underway = NOTHING_UNDERWAY }: Earlier = {}) {
  const offsets: Record<string, number> = done === 0 ? {} : { [SOURCE]: done };
  const watched = new SourceWatch(source, { db: 'DIR', offsets, digests, underway });
  const passed: SourceRecord[] = [];
  /** Reads to the end, or some blocks. */
  const read = async (blocks = Infinity) => {
    for await (const block of watched.read({})) {
      passed.push(...block);
      if (--blocks === 0) break;
    }
  };
  return { watched, passed, read, digestsAt: (end: number) => watched.digestsAt({ [SOURCE]: end }) };
}

async function readAll(source: EventSource, earlier: Earlier = {}, blocks = Infinity) {
  const watch = watchOf(source, earlier);
  await watch.read(blocks);
  return watch;
}

describe('a watched source', () => {
  it('passes everything on, and knows itself again wherever it was left and however it is cut', async () => {
    for (let done = 1; done <= 10; done++) {
      const before = await readAll(sourceOf(records(done)));
      expect(before.passed).toEqual(records(done));
      const digests = before.digestsAt(done);
      expect((await readAll(sourceOf(records(10), 4), { done, digests })).passed).toEqual(records(10));
    }
  });

  it('has a digest for each place within the last block, where a run may have been stopped', async () => {
    const stopped = await readAll(sourceOf(records(10)), {}, 3);
    for (const done of [6, 7, 8, 9]) {
      const exact = (await readAll(sourceOf(records(done)))).digestsAt(done);
      expect(stopped.digestsAt(done)).toEqual(exact);
    }
    for (const elsewhere of [5, 10]) expect(() => stopped.digestsAt(elsewhere)).toThrow(/last block, 6 to 9/);
  });

  it('is not moved by what was cut off', async () => {
    const before = await readAll(sourceOf([...records(4), cutOff(4), cutOff(5)]));
    const digests = before.digestsAt(4);
    expect((await readAll(sourceOf(records(6)), { done: 4, digests })).passed).toHaveLength(6);
  });

  it('keeps its digest when it is stopped before it gets to where it was', async () => {
    const digests = (await readAll(sourceOf(records(9)))).digestsAt(9);
    const stopped = await readAll(sourceOf(records(9)), { done: 9, digests }, 1);
    expect(stopped.digestsAt(9)).toEqual(digests);
  });

  it('is refused when its beginning is another, or gone, before anything new is passed on', async () => {
    const digests = (await readAll(sourceOf(records(4)))).digestsAt(4);
    for (const other of [changedAt(3, 9), records(3)]) {
      const { read, passed } = watchOf(sourceOf(other), { done: 4, digests });
      await expect(read()).rejects.toMatchObject(REFUSED);
      expect(passed).toHaveLength(3);
    }
  });

  it('is another when anything that counts is another', async () => {
    const event = { messageId: 'ab', personId: 'c', at: instant(5e12), name: 'Order Completed' };
    const one = { ...record(0), event: ok({ ...event, properties: { totalMinor: 2 ** 33 } }) };
    const changed = (change: object) => ({
      ...one,
      event: ok({ ...event, properties: { totalMinor: 2 ** 33 }, ...change }),
    });
    const variants: readonly SourceRecord[] = [
      one,
      { ...one, receivedAt: instant(one.receivedAt + 1) },
      { ...one, event: err({ reason: 'malformed', detail: '' }) },
      { ...one, event: err({ reason: 'missing_person', detail: '' }) },
      { ...one, event: err({ reason: 'malformed', detail: '' }), raw: '{' },
      changed({ messageId: 'ac' }),
      changed({ messageId: 'a', personId: 'bc' }),
      changed({ at: instant(5e12 + 2 ** 32) }),
      changed({ name: 'Order Refunded' }),
      changed({ properties: { totalMinor: 2 ** 34 } }),
      changed({ properties: { totalMinor: 0 } }),
      changed({ properties: {} }),
    ];
    const digests = await Promise.all(
      variants.map(async (variant) => (await readAll(sourceOf([variant]))).digestsAt(1)[SOURCE]),
    );
    expect(new Set(digests).size).toBe(variants.length);
    expect(digests.every((digest) => Number.isSafeInteger(digest))).toBe(true);
  });
});

describe('a watched source of a run that was killed', () => {
  /** What was underway when the run had read so many blocks of three. */
  async function killedAfter(blocks: number, earlier: Earlier = {}): Promise<Underway> {
    return (await readAll(sourceOf(records(10)), earlier, blocks)).watched.underway();
  }

  it('was underway with all that was passed on, and up to the last arrival', async () => {
    expect(await killedAfter(2)).toMatchObject({ clock: 5000, beginnings: { [SOURCE]: { records: 6 } } });
    const { watched } = await readAll(sourceOf([...records(4), cutOff(4)]));
    expect(watched.underway()).toMatchObject({ clock: 3000, beginnings: { [SOURCE]: { records: 4 } } });
    expect(watched.underway(instant(9000)).clock).toBe(9000);
    expect((await readAll(sourceOf(records(4)), {}, 1)).watched.underway(instant(9000)).clock).toBe(2000);
  });

  it('goes on when it is the same, however it is cut and whatever was added', async () => {
    for (let blocks = 1; blocks <= 3; blocks++) {
      const underway = await killedAfter(blocks);
      for (const size of [1, 4, 100]) {
        const { passed } = await readAll(sourceOf(records(12), size), { underway });
        expect(passed).toEqual(records(12));
      }
    }
  });

  it('is refused before anything is passed on when it differs anywhere in there, or is shorter', async () => {
    const underway = await killedAfter(2);
    for (const other of [changedAt(0, 10), changedAt(5, 10), records(5), []]) {
      const { read, passed } = watchOf(sourceOf(other), { underway });
      await expect(read()).rejects.toMatchObject({
        ...REFUSED,
        message: `DIR holds results of another ${SOURCE}, of a run that was cut short: its first 6 records are not those of this one`,
        mend: expect.stringMatching(/new folder.*run the earlier input again/) as string,
      });
      expect(passed).toEqual([]);
    }
    expect((await readAll(sourceOf(changedAt(6, 10)), { underway })).passed).toHaveLength(10);
  });

  it('is not passed over for another source', async () => {
    const underway = await killedAfter(1);
    const elsewhere = sourceOf([record(0, 'p', OTHER)], 3, [OTHER]);
    const { read, passed } = watchOf(elsewhere, { underway });
    await expect(read()).rejects.toMatchObject({
      ...REFUSED,
      message: `DIR holds results of ${SOURCE}, of a run that was cut short, and this input is ${OTHER}`,
    });
    expect(passed).toEqual([]);
  });

  it('stays underway as far as it was, until it is taken in as far', async () => {
    const first = await killedAfter(3);
    const second = (await readAll(sourceOf(records(10)), { underway: first }, 1)).watched;
    expect(second.underway()).toEqual(first);
    expect(second.underwayAfter({ [SOURCE]: 3 })).toEqual(first);
    const third = (await readAll(sourceOf(records(10)), { underway: first })).watched;
    expect(third.underway().beginnings).toMatchObject({ [SOURCE]: { records: 10 } });
    expect(third.underwayAfter({ [SOURCE]: 10 }).beginnings).toEqual({});
  });

  it('is underway with what is new only', async () => {
    const digests = (await readAll(sourceOf(records(6)))).digestsAt(6);
    const known = { done: 6, digests };
    expect((await killedAfter(2, known)).beginnings).toEqual({});
    const underway = await killedAfter(3, known);
    expect(underway.beginnings).toMatchObject({ [SOURCE]: { records: 9 } });
    expect((await readAll(sourceOf(records(10)), { ...known, underway })).passed).toHaveLength(10);
    const { read, passed } = watchOf(sourceOf(changedAt(7, 10)), { ...known, underway });
    await expect(read()).rejects.toMatchObject(REFUSED);
    expect(passed).toEqual([]);
  });

  it('is told from others that are read between it', async () => {
    const mixed = Array.from({ length: 6 }, (_, i) => [record(i), record(i, `q${i}`, OTHER)]).flat();
    const both = [SOURCE, OTHER];
    const { watched } = await readAll(sourceOf(mixed, 5, both), {}, 2);
    const underway = watched.underway();
    expect(underway.beginnings).toMatchObject({ [SOURCE]: { records: 5 }, [OTHER]: { records: 5 } });
    expect((await readAll(sourceOf(mixed, 2, both), { underway })).passed).toEqual(mixed);
    const changed = mixed.map((one) =>
      one.source === OTHER && one.offset === 4 ? record(4, 'x', OTHER) : one,
    );
    const refused = watchOf(sourceOf(changed, 2, both), { underway });
    await expect(refused.read()).rejects.toThrow(`another ${OTHER}`);
    expect(refused.passed).toEqual([]);
  });
});
