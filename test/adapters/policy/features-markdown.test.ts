import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { featuresMarkdown } from '../../../src/adapters/policy/features-markdown.ts';
import { CATALOGUE } from '../../../src/core/features/catalogue.ts';

const COMMITTED = join(import.meta.dirname, '../../../src/docs/features.md');

describe('src/docs/features.md', () => {
  it('is current (npm run schemas)', () => {
    expect(readFileSync(COMMITTED, 'utf8')).toBe(featuresMarkdown());
  });

  it('has a row for each feature of the catalogue, once', () => {
    const rows = featuresMarkdown().match(/^\| `\w+`/gm) ?? [];
    expect(rows.map((row) => row.slice(3, -1)).sort()).toEqual(CATALOGUE.map(({ name }) => name).sort());
  });

  it('is formatted as the rest of the documentation', async () => {
    expect(await format(featuresMarkdown(), { parser: 'markdown' })).toBe(featuresMarkdown());
  });
});
