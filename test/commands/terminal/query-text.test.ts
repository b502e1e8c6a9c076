import { describe, expect, it } from 'vitest';
import { jsonArrayOfLines, readTabbedTable, textPieces } from '../../../src/commands/terminal/query-text.ts';

// eslint-disable-next-line @typescript-eslint/require-await
async function* each<T>(...values: T[]): AsyncGenerator<T, void, undefined> {
  yield* values;
}

async function all(pieces: AsyncIterable<string>): Promise<string[]> {
  const collected: string[] = [];
  for await (const piece of pieces) collected.push(piece);
  return collected;
}

describe('textPieces', () => {
  it('puts characters together that were cut in two, and large chunks into pieces', async () => {
    const bytes = new TextEncoder().encode('a→b');
    expect((await all(textPieces(each(bytes.subarray(0, 2), bytes.subarray(2))))).join('')).toBe('a→b');
    const large = new Uint8Array(3_000_000).fill(120);
    const lengths = (await all(textPieces(each(large)))).map(({ length }) => length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1 << 20);
    expect(lengths.reduce((a, b) => a + b)).toBe(3_000_000);
  });
});

describe('jsonArrayOfLines', () => {
  it.each([
    [[], '[]\n'],
    [[''], '[]\n'],
    [['1\n'], '[1]\n'],
    [['1\n2', '\n', '3', '', '\n'], '[1,2,3]\n'],
    [['{"a":"x\\ny"}\n'], '[{"a":"x\\ny"}]\n'],
  ])('makes one array of %j', async (pieces, expected) => {
    expect((await all(jsonArrayOfLines(each(...pieces)))).join('')).toBe(expected);
  });
});

describe('readTabbedTable', () => {
  it('keeps the first rows, counts all, and takes escapes and NULL back', async () => {
    const pieces = each('a\tb', '\nUInt8\tString\n1\tx\\ty\\\\', "\\'\n2\t\\N\n3\tz\n");
    expect(await readTabbedTable(pieces, 2)).toEqual({
      columns: [
        { name: 'a', type: 'UInt8' },
        { name: 'b', type: 'String' },
      ],
      rows: [
        ['1', "x\ty\\'"],
        ['2', null],
      ],
      rowCount: 3,
    });
  });
});
