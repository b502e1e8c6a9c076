import { statfs } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { TidemarkError } from '../../errors.ts';

/** Below this the engine's small files (its logs, its lists of parts) are in danger, which it does not reserve. */
const LEAST_FREE_BYTES = 8 * 1024 * 1024;

/**
 * Makes the check that what was inserted is stored. The embedded engine reserves space before it writes rows and
 * refuses when there is not enough, but a write that the system refuses nevertheless (another program filled the
 * disk meanwhile, a quota, a limit on file sizes) it passes over in silence; it only counts it. So the check
 * looks at that counter, and at the free space. About 1 ms of CPU time.
 *
 * The check throws `DATABASE_WRITE`, and once writes were lost it throws for as long as the folder is open: the
 * engine sets damaged parts aside only when it opens a folder.
 */
export async function watchEmbeddedStorage(
  reading: ClickHouseClient,
  path: string,
): Promise<() => Promise<void>> {
  const lostBefore = await countLostWrites(reading);
  return async () => {
    const lost = (await countLostWrites(reading)) - lostBefore;
    if (lost > 0) {
      throw new TidemarkError(
        'DATABASE_WRITE',
        `the system refused ${lost} writes to ${path} (disk full, quota or limit on file sizes)`,
        'Free some space and run the same command again: what is damaged is set aside and written anew.',
      );
    }
    const { bavail, bsize } = await statfs(path);
    if (bavail * bsize < LEAST_FREE_BYTES) {
      throw new TidemarkError(
        'DATABASE_WRITE',
        `the disk of ${path} is full: less than ${LEAST_FREE_BYTES / 1024 / 1024} MB are left`,
        'Free some space on that disk and run the same command again: what is stored stays, and nothing counts twice.',
      );
    }
  };
}

/**
 * What tokens begin with, so that rows of a part that was damaged and set aside can be written again: the engine
 * remembers their token though it no longer has the rows.
 */
export async function readTokenScope(reading: ClickHouseClient): Promise<string> {
  const aside = await readNumber(
    reading,
    "SELECT count() FROM system.detached_parts WHERE startsWith(reason, 'broken')",
  );
  return aside === 0 ? '' : `${aside} set aside/`;
}

function countLostWrites(reading: ClickHouseClient): Promise<number> {
  return readNumber(
    reading,
    "SELECT value FROM system.events WHERE event = 'WriteBufferFromFileDescriptorWriteFailed'",
  );
}

async function readNumber(reading: ClickHouseClient, query: string): Promise<number> {
  const result = await reading.query({ query, format: 'JSONCompactEachRow' });
  const [row] = await result.json<[number]>();
  return row?.[0] ?? 0;
}
