import { describe, expect, it } from 'vitest';
import type { EventSource, SourceRecord } from '../../src/ports/event-source.ts';

/** What every EventSource promises. `open` gives one with records, the same each time. */
export function eventSourceContract(name: string, open: () => Promise<EventSource>): void {
  describe(`${name} keeps the event source contract`, () => {
    const read = async (source: EventSource, from: Readonly<Record<string, number>> = {}) => {
      const records: SourceRecord[] = [];
      for await (const block of source.read(from)) {
        expect(block.length).toBeGreaterThan(0);
        records.push(...block);
      }
      return records;
    };
    const ofSource = (records: readonly SourceRecord[], id: string) =>
      records.filter((record) => record.source === id);

    it('numbers each source densely from 0, in order of arrival', async () => {
      const source = await open();
      const records = await read(source);
      expect(records.length).toBeGreaterThan(0);
      expect(
        [...new Set(records.map((record) => record.source))].filter((id) => !source.sources.includes(id)),
      ).toEqual([]);
      for (const id of source.sources) {
        const own = ofSource(records, id);
        expect(own.map(({ offset }) => offset)).toEqual(own.map((_record, i) => i));
        const arrivals = own.map(({ receivedAt }) => receivedAt);
        expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
      }
    });

    it('gives the same again, opened once or twice', async () => {
      const source = await open();
      const first = await read(source);
      expect(await read(source)).toEqual(first);
      expect(await read(await open())).toEqual(first);
    });

    it('starts at any offset it gave', async () => {
      const source = await open();
      const all = await read(source);
      for (const part of [0.3, 0.5, 0.9, 1]) {
        const from = Object.fromEntries(
          source.sources.map((id) => [id, Math.floor(ofSource(all, id).length * part)]),
        );
        const rest = all.filter((record) => record.offset >= (from[record.source] ?? 0));
        expect(await read(source, from)).toEqual(rest);
      }
    });

    it('can be left at any time and read again', async () => {
      const source = await open();
      const all = await read(source);
      for await (const block of source.read({})) {
        expect(block[0]).toEqual(all[0]);
        break;
      }
      expect(await read(source)).toEqual(all);
    });
  });
}
