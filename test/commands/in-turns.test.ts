import { describe, expect, it } from 'vitest';
import { inTurns } from '../../src/commands/in-turns.ts';
import { ok } from '../../src/core/result.ts';
import { instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';

function record(offset: number): SourceRecord {
  const at = instant(offset);
  const event = ok({ messageId: `m${offset}`, personId: 'p', at, name: 'Searched', properties: {} });
  return { source: 's', offset, receivedAt: at, event, rows: 1, place: `s#${offset}` };
}

describe('a source in turns', () => {
  it('gives the same records, and lets others have their turn in between', async () => {
    const records = Array.from({ length: 5_000 }, (_, i) => record(i));
    const source = inTurns(
      {
        sources: ['s'],
        // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous
        async *read() {
          yield records;
        },
      },
      2_000,
    );
    let turnsOfOthers = 0;
    setImmediate(() => turnsOfOthers++);
    const sizes: number[] = [];
    const seen: SourceRecord[] = [];
    for await (const block of source.read({})) {
      sizes.push(block.length);
      seen.push(...block);
    }
    expect(sizes).toEqual([2_000, 2_000, 1_000]);
    expect(seen).toEqual(records);
    expect(turnsOfOthers).toBe(1);
  });
});
