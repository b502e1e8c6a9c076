import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { err, ok } from '../../../src/core/result.ts';
import { instant } from '../../../src/core/time.ts';
import type { SourceRecord } from '../../../src/ports/event-source.ts';
import type { SinkRow } from '../../../src/ports/sink-row.ts';
import { SinkBatch, type BatchLimits } from '../../../src/runtime/sink/sink-batch.ts';

function record(offset: number, chars: number, of = 'events:0'): SourceRecord<SinkRow> {
  const row = {
    source: of,
    offset,
    place: '',
    reason: '',
    detail: '',
    raw: 'x'.repeat(chars),
    received_at: 0,
  };
  const event = ok({ table: 'dead_letters' as const, row });
  return { source: 'letters:0', offset, receivedAt: instant(0), event, rows: 1, place: '' };
}

function cut(records: readonly SourceRecord<SinkRow>[], limits: BatchLimits): SinkBatch[] {
  const batches = [new SinkBatch(limits)];
  for (const each of records) {
    if (batches.at(-1)?.takes(each) !== true) batches.push(new SinkBatch(limits));
    batches.at(-1)?.add(each);
  }
  return batches;
}

describe('batches of the sink', () => {
  it('are cut at the same places by whoever begins at one of them', () => {
    const sizes = fc.array(fc.record({ gap: fc.nat(3), chars: fc.nat(40) }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 300 }),
        (all, rows, chars) => {
          let offset = -1;
          const records = all.map((each) => record((offset += 1 + each.gap), each.chars));
          const limits = { rows, chars };
          const tokens = cut(records, limits).map((batch) => batch.token('letters:0'));
          cut(records, limits).forEach((batch, i) => {
            const from = batch.until;
            const again = cut(
              records.filter((each) => each.offset >= from),
              limits,
            );
            if (from <= offset)
              expect(again.map((each) => each.token('letters:0'))).toEqual(tokens.slice(i + 1));
            expect(batch.rows.length).toBeLessThanOrEqual(rows);
          });
        },
      ),
    );
  });

  it('are full at a multiple of the rows, and once they are large', () => {
    const batch = new SinkBatch({ rows: 10, chars: 1000 });
    batch.add(record(18, 5));
    expect(batch.isFull).toBe(false);
    batch.add(record(19, 5));
    expect([batch.isFull, batch.until]).toEqual([true, 20]);
    expect(batch.takes(record(20, 5))).toBe(false);
    const large = new SinkBatch({ rows: 10, chars: 1000 });
    large.add(record(11, 1000));
    expect([large.isFull, large.takes(record(12, 0))]).toEqual([true, false]);
  });

  it('have the token of a topic that was made anew only where the rows are the same, too', () => {
    const limits = { rows: 10, chars: 1000 };
    const [before] = cut([record(0, 1), record(1, 1)], limits);
    const [same] = cut([record(0, 1), record(1, 1)], limits);
    const [anew] = cut([record(0, 1, 'events:1'), record(1, 1, 'events:1')], limits);
    expect(same?.token('letters:0')).toBe(before?.token('letters:0'));
    expect(same?.token('letters:1')).not.toBe(before?.token('letters:0'));
    expect(anew?.token('letters:0')).not.toBe(before?.token('letters:0'));
  });

  it('pass over what cannot be read, and end after it', () => {
    const batch = new SinkBatch({ rows: 10, chars: 1000 });
    batch.add({ ...record(4, 1), event: err({ reason: 'malformed', detail: 'not JSON' }) });
    expect([batch.isEmpty, batch.until, batch.rows, batch.unreadable.length]).toEqual([false, 5, [], 1]);
    expect(() => new SinkBatch({ rows: 10, chars: 1000 }).until).toThrow('no end');
  });
});
