import { describe, expect, it } from 'vitest';
import type { LineBlock } from '../../../src/adapters/files/read-lines.ts';
import { readRows } from '../../../src/adapters/files/read-rows.ts';
import { splitCsv } from '../../../src/adapters/files/split-csv.ts';

/** The rows of lines, however the lines are parted into blocks; `line: cells`, or the text where there are none. */
async function rowsOf(lines: readonly string[], linesPerBlock: number): Promise<string[]> {
  // eslint-disable-next-line @typescript-eslint/require-await -- stands for a file
  async function* blocks(): AsyncGenerator<LineBlock> {
    for (let i = 0; i < lines.length; i += linesPerBlock) {
      yield { firstLine: i + 1, lines: lines.slice(i, i + linesPerBlock) };
    }
  }
  const rows: string[] = [];
  for await (const block of readRows(blocks(), (text) => splitCsv(text, ','), 2)) {
    for (const { line, text, cells, fault } of block)
      rows.push(`${line}: ${fault === undefined ? cells.join('|') : `! ${text}`}`);
  }
  return rows;
}

describe.each([1, 2, 3, 100])('rows of blocks of %d lines', (linesPerBlock) => {
  const read = (lines: readonly string[]) => rowsOf(lines, linesPerBlock);

  it('carry the number of their first line', async () => {
    expect(await read(['a,b', '', '"c', 'd",e', '  ', 'f,"g', '', 'h"', 'i,j'])).toEqual([
      '1: a|b',
      '3: c\nd|e',
      '6: f|g\n\nh',
      '9: i|j',
    ]);
  });

  it('of a wrong width are given as they are', async () => {
    expect(await read(['a', 'b,c,d', '"e"'])).toEqual(['1: a', '2: b|c|d', '3: e']);
  });

  it('lose no more than the line with the lost quote', async () => {
    expect(await read(['a,"b', 'c,d', 'e,f', '"g",h', '"i"j,k'])).toEqual([
      '1: ! a,"b',
      '2: c|d',
      '3: e|f',
      '4: g|h',
      '5: ! "i"j,k',
    ]);
  });

  it('go on after a quote that nothing closes', async () => {
    const lines = ['a,"b', ...Array.from({ length: 500 }, (_line, i) => `c,${i}`)];
    const rows = await read(lines);
    expect(rows.length).toBe(501);
    expect([rows[0], rows[1], rows.at(-1)]).toEqual(['1: ! a,"b', '2: c|0', '501: c|499']);
    expect(await read(['x,y', 'a,"b', 'c,d'])).toEqual(['1: x|y', '2: ! a,"b', '3: c|d']);
  });
});
