import { describe, expect, it } from 'vitest';
import { ok } from '../../src/core/result.ts';
import { MAX_CATEGORIES } from '../../src/core/scoring/population.ts';
import { DAY_MS, NEVER, instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { runRecords, type RunOptions } from '../support/run-records.ts';

const START = Date.UTC(2025, 0, 1);
const CHEAP = 1_000;
const DEAR = 50_000;
const TWICE = 2 * MAX_CATEGORIES;

/** As many categories as there is place for, twice; then more; then one of the first again, at another price. */
function records(): SourceRecord[] {
  const first = Array.from({ length: TWICE }, (_, i) => `first ${i % MAX_CATEGORIES}`);
  const more = Array.from({ length: MAX_CATEGORIES + 100 }, (_, i) => `more ${i}`);
  const seen = [...first, ...more].map((category) => [category, CHEAP] as const);
  const again = Array.from({ length: 9 }, () => ['first 7', DEAR] as const);
  return [...seen, ...again, ['first 7', DEAR] as const].map(([category, priceMinor], offset, all) => {
    const at = instant(START + offset + (offset === all.length - 1 ? 30 * DAY_MS : 0));
    const properties = { category, priceMinor };
    const event = ok({
      ...{ messageId: `m${offset}`, personId: `p${offset % 9}`, at },
      ...{ name: 'Product Viewed', properties },
    });
    return { source: 's', offset, receivedAt: at, event, rows: 1, place: `s#${offset}` };
  });
}

describe('usual prices', () => {
  it.each<RunOptions>([
    { turnRecords: 100 },
    { turnRecords: TWICE },
    { turnRecords: 100_000 },
    { turnRecords: 100, partitions: 4 },
    { turnRecords: 100_000, partitions: 4 },
  ])('are those of the categories that came first, all of their prices counted, for %o', async (shape) => {
    const { store } = await runRecords(records(), shape);
    const { usualPriceMinor = {} } = (await store.populationInputs(NEVER)) ?? {};
    const categories = Object.keys(usualPriceMinor);
    expect(categories.length).toBe(MAX_CATEGORIES);
    expect(categories.filter((category) => category.startsWith('more'))).toEqual([]);
    expect(usualPriceMinor['first 7']).toBeGreaterThan(DEAR * 0.95);
    expect(usualPriceMinor['first 8']).toBeLessThan(CHEAP * 1.05);
  });
});
