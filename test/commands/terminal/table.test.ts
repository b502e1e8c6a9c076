import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { clip, printable, wrap } from '../../../src/commands/terminal/printable.ts';
import { renderTable, tableStyle } from '../../../src/commands/terminal/table.ts';
import { testWorld } from '../../support/test-world.ts';

const PEOPLE = { title: 'people', numeric: true };
const TAG = { title: 'tag', numeric: false };
const PLAIN = { colours: false };

describe('a table', () => {
  it('aligns numbers right and texts left', () => {
    const rows = [
      ['active_buyer', '1204'],
      ['dormant_buyer', '87'],
    ];
    expect(renderTable([TAG, PEOPLE], rows, { ...PLAIN, width: 80 })).toBe(
      [
        'tag            people',
        '─────────────  ──────',
        'active_buyer     1204',
        'dormant_buyer      87',
        '',
      ].join('\n'),
    );
  });

  it('cuts texts, never numbers, where the terminal is narrow', () => {
    const text = renderTable([TAG, PEOPLE], [['dormant_buyer_of_old', '1234567']], { ...PLAIN, width: 20 });
    expect(text).toBe(
      ['tag           people', '───────────  ───────', 'dormant_bu…  1234567', ''].join('\n'),
    );
  });

  it('turns rows into blocks where even that does not fit', () => {
    const text = renderTable([TAG, PEOPLE], [['dormant_buyer', '1234567']], { ...PLAIN, width: 12 });
    expect(text).toBe(['── row 1 ───', 'tag     dormant_buyer', 'people  1234567', ''].join('\n'));
  });

  it('has the width of the window on a terminal, and no limit elsewhere', () => {
    const { stdout } = testWorld({ columns: 20 }).world;
    const rows = [['dormant_buyer_of_old', '1234567']];
    expect(renderTable([TAG, PEOPLE], rows, tableStyle(stdout))).toContain('dormant_buyer_of_old  1234567\n');
    const onTerminal = tableStyle({ ...stdout, isTerminal: true, colours: true });
    expect(onTerminal).toEqual({ width: 20, colours: true });
  });

  it('shows the columns of an empty result', () => {
    expect(renderTable([TAG, PEOPLE], [], { ...PLAIN, width: 80 })).toBe('tag  people\n───  ──────\n');
  });

  it('has no colours unless it may', () => {
    expect(renderTable([TAG], [['x']], { colours: true, width: 80 })).toContain('\u001b[1mtag');
    expect(renderTable([TAG], [['x']], { ...PLAIN, width: 80 })).not.toContain('\u001b');
  });

  it('never is wider than the terminal while it is a grid, whatever it shows', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, fc.integer().map(String)), { maxLength: 5 }),
        fc.integer({ min: 34, max: 120 }),
        (rows, width) => {
          const columns = [TAG, { title: 'words', numeric: false }, PEOPLE];
          const lines = renderTable(columns, rows, { ...PLAIN, width })
            .split('\n')
            .slice(0, -1);
          expect(lines).toHaveLength(rows.length + 2);
          for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('text from outside', () => {
  it('shows what would steer the terminal', () => {
    expect(printable('a\u001b[31mb\tc\r\nd\u202ee')).toBe('a\\u001b[31mb\\tc\\r\\nd\\u202ee');
    expect(printable('Zoë 字 👩‍👧')).toBe('Zoë 字 👩‍👧');
  });

  it('is cut by cells, not by code units', () => {
    expect(clip('字字字字', 8)).toBe('字字字字');
    expect(clip('字字字字', 7)).toBe('字字字…');
    expect(clip('字字字字', 6)).toBe('字字…');
    expect(clip('abc', 0)).toBe('');
  });

  it('is wrapped at spaces', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('unbreakable it is', 4)).toEqual(['unbreakable', 'it', 'is']);
    expect(wrap('', 4)).toEqual([]);
  });
});
