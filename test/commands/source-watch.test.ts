import { describe, expect, it } from 'vitest';
import { SourceWatch } from '../../src/commands/source-watch.ts';
import { err, ok } from '../../src/core/result.ts';
import { instant } from '../../src/core/time.ts';
import type { EventSource, SourceRecord } from '../../src/ports/event-source.ts';

const SOURCE = 'csv:a.csv';

function record(offset: number, personId = `p${offset}`): SourceRecord {
  const at = instant(offset * 1000);
  const event = ok({ messageId: `m${offset}`, personId, at, name: 'Product Viewed', properties: {} });
  return { source: SOURCE, offset, receivedAt: at, event, rows: 1, place: `a.csv:${offset}` };
}

function cutOff(offset: number): SourceRecord {
  return { ...record(offset), event: err({ reason: 'after_until', detail: 'later' }) };
}

function sourceOf(records: readonly SourceRecord[], blockSize = 3): EventSource {
  return {
    sources: [SOURCE],
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous
    async *read() {
      for (let at = 0; at < records.length; at += blockSize) yield records.slice(at, at + blockSize);
    },
  };
}

const records = (count: number) => Array.from({ length: count }, (_, i) => record(i));

/** Reads a source of which `done` records were taken in before, and gives what came through and the new digests. */
async function watch(
  source: EventSource,
  done = 0,
  digests: Readonly<Record<string, number>> = {},
  blocks = Infinity,
) {
  const watched = new SourceWatch(source, {
    db: 'DIR',
    offsets: done === 0 ? {} : { [SOURCE]: done },
    digests,
  });
  const passed: SourceRecord[] = [];
  for await (const block of watched.read({})) {
    passed.push(...block);
    if (--blocks === 0) break;
  }
  return { passed, digestsAt: (end: number) => watched.digestsAt({ [SOURCE]: end }) };
}

describe('a watched source', () => {
  it('passes everything on, and knows itself again wherever it was left and however it is cut', async () => {
    for (let done = 1; done <= 10; done++) {
      const before = await watch(sourceOf(records(done)));
      expect(before.passed).toEqual(records(done));
      const digests = before.digestsAt(done);
      expect((await watch(sourceOf(records(10), 4), done, digests)).passed).toEqual(records(10));
    }
  });

  it('is not moved by what was cut off', async () => {
    const before = await watch(sourceOf([...records(4), cutOff(4), cutOff(5)]));
    expect((await watch(sourceOf(records(6)), 4, before.digestsAt(4))).passed).toHaveLength(6);
  });

  it('keeps its digest when it is stopped before it gets to where it was', async () => {
    const digests = (await watch(sourceOf(records(9)))).digestsAt(9);
    const stopped = await watch(sourceOf(records(9)), 9, digests, 1);
    expect(stopped.digestsAt(9)).toEqual(digests);
  });

  it('is refused when its beginning is another, or gone, before anything new is passed on', async () => {
    const digests = (await watch(sourceOf(records(4)))).digestsAt(4);
    const refused = { code: 'DATABASE_OTHER_ORIGIN' };
    const changed = records(9).map((one, i) => (i === 3 ? record(3, 'else') : one));
    await expect(watch(sourceOf(changed), 4, digests)).rejects.toMatchObject(refused);
    await expect(watch(sourceOf(records(3)), 4, digests)).rejects.toMatchObject(refused);
  });
});
