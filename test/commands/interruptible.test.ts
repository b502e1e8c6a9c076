import { describe, expect, it } from 'vitest';
import { interruptible } from '../../src/commands/interruptible.ts';
import { ok } from '../../src/core/result.ts';
import { instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';

function record(offset: number): SourceRecord {
  const at = instant(offset);
  const event = ok({ messageId: `m${offset}`, personId: 'p', at, name: 'Searched', properties: {} });
  return { source: 's', offset, receivedAt: at, event, rows: 1, place: `s#${offset}` };
}

describe('an interruptible source', () => {
  it('gives the same records, and lets others have their turn in between', async () => {
    const records = Array.from({ length: 50 }, (_, i) => record(i));
    const source = interruptible({
      sources: ['s'],
      // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous
      async *read() {
        for (let i = 0; i < records.length; i += 20) yield records.slice(i, i + 20);
      },
    });
    let turnsOfOthers = 0;
    const beat = (): void => {
      turnsOfOthers++;
      if (turnsOfOthers < 3) setImmediate(beat);
    };
    setImmediate(beat);
    const turnsBefore: number[] = [];
    const seen: SourceRecord[] = [];
    for await (const block of source.read({})) {
      turnsBefore.push(turnsOfOthers);
      seen.push(...block);
    }
    expect(turnsBefore).toEqual([1, 2, 3]);
    expect(seen).toEqual(records);
  });
});
