import { describe, expect, it } from 'vitest';
import { ok } from '../../src/core/result.ts';
import { instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { newTally, tallyUnknownName } from '../../src/runtime/tally.ts';
import { runRecords } from '../support/run-records.ts';

function record(offset: number, name: string): SourceRecord {
  const at = instant(Date.UTC(2025, 0, 1) + offset * 1000);
  const event = ok({ messageId: `m${offset}`, personId: 'ada', at, name, properties: {} });
  return { source: 's', offset, receivedAt: at, event, rows: 1, place: `s#${offset}` };
}

describe('names that say nothing', () => {
  it('are tallied, and the events count as activity', async () => {
    const names = ['Order Complete', 'Signed In', 'Order Complete', 'constructor', 'Group Joined'];
    const { result } = await runRecords(names.map((name, i) => record(i, name)));
    expect([...result.tally.unknownNames]).toEqual([
      ['Order Complete', 2],
      ['constructor', 1],
    ]);
    expect(result.tally.events).toMatchObject({ read: 5, accepted: 5 });
    expect(result.people).toBe(1);
  });

  it('are not kept without end', () => {
    const tally = newTally();
    for (let i = 0; i < 1500; i++) tallyUnknownName(tally, `name ${i}`);
    tallyUnknownName(tally, 'name 3');
    expect(tally.unknownNames.size).toBe(1001);
    expect(tally.unknownNames.get('(other names)')).toBe(500);
    expect(tally.unknownNames.get('name 3')).toBe(2);
  });
});
