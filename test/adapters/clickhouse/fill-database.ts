/**
 * Batches that do not compress, for the tests of full disks; run as a program it writes them all into the folder
 * named and prints what is in it, or the error and its mend.
 */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import { TidemarkError } from '../../../src/errors.ts';
import type { AnalyticsRows } from '../../../src/ports/analytics.ts';
import { aTransition } from '../../contracts/sample-analytics-rows.ts';

export const FILLING_BATCHES = 10;

/** 2,000 transitions of three months, about 0.5 MB on disk. */
export function fillingBatch(number: number): Partial<AnalyticsRows> {
  return {
    tag_transitions: Array.from({ length: 2_000 }, (_, i) => {
      const noise = createHash('sha512').update(`${number}/${i}`).digest('base64');
      return aTransition({
        transition_id: `${number}/${i}`,
        person_id: `person-${i}`,
        reasons: noise + createHash('sha512').update(noise).digest('base64'),
        effective_at: Date.UTC(2025, i % 3, 1),
      });
    }),
  };
}

async function fill(path: string): Promise<string> {
  const handle = await openEmbeddedClickhouse({ path });
  try {
    await migrate(handle);
    const analytics = new ClickhouseAnalytics(handle);
    for (let i = 0; i < FILLING_BATCHES; i++) await analytics.write(`batch ${i}`, fillingBatch(i));
    return JSON.stringify(
      await analytics.query('SELECT count() AS n, uniqExact(transition_id) AS ids FROM tag_transitions'),
    );
  } finally {
    await handle.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(
    await fill(process.argv[2] ?? '').catch((cause: unknown) => {
      if (cause instanceof TidemarkError) return `${cause.code} ${cause.message}\n${cause.mend}`;
      throw cause;
    }),
  );
}
