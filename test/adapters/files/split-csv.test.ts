import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCsv } from '../../../src/adapters/files/split-csv.ts';

describe('splitCsv', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['', ['']],
    [',', ['', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",', ['say "hi"', '']],
    ['"two\nlines",x', ['two\nlines', 'x']],
    ['12" vinyl,x', ['12" vinyl', 'x']],
    ['"",""', ['', '']],
  ])('%j', (text, cells) => {
    expect(splitCsv(text, ',')).toEqual(cells);
  });

  it.each(['"a', 'a,"b', '"a""', '"'])('%j is still open', (text) => {
    expect(splitCsv(text, ',')).toBe('open');
  });

  it.each(['"a"b,c', '"a" ,b', 'x,"a"""b'])('%j is broken', (text) => {
    expect(splitCsv(text, ',')).toBe('broken');
  });

  it('reads what a CSV writer writes as csv-parse does', () => {
    const cell = fc.oneof(fc.string(), fc.stringMatching(/^[a",;\n ]{0,8}$/));
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const separator = fc.constantFrom(',', ';', '\t');
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), separator, fc.boolean(), (cells, by, quoteAll) => {
        const needsQuotes = (text: string) =>
          quoteAll || /["\r\n]/.test(text) || text.includes(by) || text === '';
        const text = cells.map((each) => (needsQuotes(each) ? quoted(each) : each)).join(by);
        expect(splitCsv(text, by)).toEqual(cells);
        expect(parse(text, { delimiter: by, record_delimiter: '\u0000' })).toEqual([cells]);
      }),
    );
  });
});
