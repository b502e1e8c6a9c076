import { describe, expect, it } from 'vitest';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import type { EventSource, SourceRecord } from '../../../src/ports/event-source.ts';
import { STARTS_AT } from './a-marketplace.ts';

const OPTIONS = { people: 300, days: 20, seed: 9, startAt: STARTS_AT };

async function readAll(source: EventSource, from: Record<string, number>): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const block of source.read(from)) {
    expect(block.length).toBeGreaterThan(0);
    records.push(...block);
  }
  return records;
}

describe('simulatedSource', () => {
  const source = simulatedSource(OPTIONS);
  const [name = ''] = source.sources;

  it('gives dense offsets from 0, one row a record, in order of arrival', async () => {
    const records = await readAll(source, {});
    expect(records.length).toBeGreaterThan(5_000);
    records.forEach((record, offset) => {
      expect(record).toMatchObject({ source: name, offset, rows: 1, place: `${name}#${offset}` });
      expect(record.event.ok).toBe(true);
      expect(record.receivedAt).toBeGreaterThanOrEqual(records[offset - 1]?.receivedAt ?? 0);
    });
  });

  it('resumes at any offset with the same records', async () => {
    const all = await readAll(source, {});
    for (const from of [1, 2_047, 2_048, 2_100, all.length - 1, all.length]) {
      expect(await readAll(simulatedSource(OPTIONS), { [name]: from })).toEqual(all.slice(from));
    }
  });

  it('refuses options out of range when it is made', () => {
    expect(() => simulatedSource({ ...OPTIONS, people: -1 })).toThrow('people is -1');
  });
});
