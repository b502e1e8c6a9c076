import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/adapters/policy/load-policy.ts';
import { followPerson } from './follow-person.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../../src/docs/policy.md'), 'utf8');
const EXAMPLE = GUIDE.slice(GUIDE.indexOf('## A worked example'));
const policy = parsePolicy(/```yaml\n(.*?)```/s.exec(EXAMPLE)?.[1] ?? '', 'policy.md');
const rows = [...EXAMPLE.matchAll(/^\| (\d{4}-\d\d-\d\d) +\| (.*?) +\| `(\w+)` +\| (\S+) +\|$/gm)];

describe('the worked example of the guide', () => {
  it('comes out as its table says', () => {
    const li = followPerson(policy);
    expect(rows).toHaveLength(7);
    for (const [, date = '', what = '', tag = '', next = ''] of rows) {
      const noon = `${date}T12:00:00.000Z`;
      const order = /^order (\d)( is cancelled)?$/.exec(what);
      const triggersBefore = li.triggers.length;
      if (order?.[2] !== undefined) li.cancel(noon, order[1] ?? '');
      else if (order !== null) li.order(noon, 500, order[1]);
      else li.waitUntil(noon);
      expect([date, li.tagOf('buyer_class')]).toEqual([date, tag]);
      expect([date, li.nextChangeOf('buyer_class')]).toEqual([
        date,
        next === 'never' ? next : `${next}T12:00:00.000Z`,
      ]);
      const fired = li.triggers.slice(triggersBefore).map(({ rule }) => rule.name);
      expect([date, fired]).toEqual([date, /welcome_back/.test(what) ? ['welcome_back'] : []]);
      if (what.startsWith('nothing'))
        expect(li.transitions.at(-1)).toMatchObject({ cause: 'time', effectiveAt: Date.parse(noon) });
    }
  });
});
