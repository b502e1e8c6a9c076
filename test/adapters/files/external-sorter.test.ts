import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalSorter } from '../../../src/adapters/files/external-sorter.ts';
import { mergeSorted } from '../../../src/adapters/files/merge-sorted.ts';
import { TempFolder } from '../../../src/adapters/files/temp-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Item {
  readonly key: number;
  readonly text: string;
}

const compare = (a: Item, b: Item) => a.key - b.key || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);

async function sorted(items: readonly Item[], budget: number, parent: string): Promise<Item[]> {
  const folder = new TempFolder(parent);
  const sorter = new ExternalSorter<Item>({ compare, budget, folder });
  try {
    for (const item of items) {
      sorter.add(item, 1);
      if (sorter.isFull) await sorter.spill();
    }
    const all: Item[] = [];
    for await (const block of sorter.sorted()) all.push(...block);
    expect(sorter.size).toBe(items.length);
    return all;
  } finally {
    await folder.remove();
  }
}

describe('ExternalSorter', () => {
  it('sorts on disk as in memory', async () => {
    const parent = temporaryFolder();
    const item = fc.record({ key: fc.integer({ min: 0, max: 20 }), text: fc.string({ unit: 'binary' }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        async (items, budget) => {
          expect(await sorted(items, budget, parent)).toEqual([...items].sort(compare));
        },
      ),
      { numRuns: 40 },
    );
    expect(readdirSync(parent)).toEqual([]);
  });

  it('merges runs in stages when there are many', async () => {
    const items = Array.from({ length: 64 * 64 + 70 }, (_item, i) => ({
      key: (i * 7919) % 5003,
      text: String(i),
    }));
    expect(await sorted(items, 1, temporaryFolder())).toEqual([...items].sort(compare));
  });
});

describe('mergeSorted', () => {
  it('closes every stream when its consumer leaves', async () => {
    const closed: string[] = [];
    // eslint-disable-next-line @typescript-eslint/require-await -- stands for a file
    async function* stream(name: string) {
      try {
        for (let i = 0; ; i++) yield [i];
      } finally {
        closed.push(name);
      }
    }
    for await (const block of mergeSorted([stream('a'), stream('b')], (a, b) => a - b)) {
      expect(block.slice(0, 6)).toEqual([0, 0, 1, 1, 2, 2]);
      break;
    }
    expect(closed).toEqual(['a', 'b']);
  });
});
