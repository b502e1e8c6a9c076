import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import type { TidemarkError } from '../../../src/errors.ts';
import { FILLING_BATCHES, fillingBatch } from './fill-database.ts';

const mount = (...options: string[]): boolean => spawnSync('mount', options).status === 0;
const unmount = (path: string): void => void spawnSync('umount', [path]);

/** Only root with the right capability may mount; a container usually has not. */
function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'tidemark-mount-'));
  const mounted = mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path);
  if (mounted) unmount(path);
  rmSync(path, { recursive: true });
  return mounted;
}

const COMPLETE = [{ n: FILLING_BATCHES * 2_000, ids: FILLING_BATCHES * 2_000 }];
const COUNT = 'SELECT count() AS n, uniqExact(transition_id) AS ids FROM tag_transitions';

describe('a disk that refuses', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'tidemark-full-'));
  });
  afterEach(async () => {
    unmount(path);
    await rm(path, { recursive: true, force: true });
  });

  it.skipIf(!canMount())(
    'when it is full says so, keeps reading, and completes once there is space',
    async () => {
      expect(mount('-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', path)).toBe(true);
      const handle = await openEmbeddedClickhouse({ path: join(path, 'db') });
      try {
        await migrate(handle);
        const analytics = new ClickhouseAnalytics(handle);
        const writeAll = async () => {
          for (let i = 0; i < FILLING_BATCHES; i++) await analytics.write(`batch ${i}`, fillingBatch(i));
        };
        const failure = await writeAll().then(
          () => undefined,
          (cause: TidemarkError) => cause,
        );
        expect(failure).toMatchObject({
          code: 'DATABASE_WRITE',
          message: expect.stringMatching(/disk of .* is full: less than 8 MB are left/) as string,
          mend: expect.stringContaining('Free some space') as string,
        });
        const [stored] = await analytics.query(COUNT);
        expect(stored?.['n']).toBe(stored?.['ids']);
        expect(stored?.['n']).not.toBe(COMPLETE[0]?.n);

        expect(mount('-o', 'remount,size=96m', path)).toBe(true);
        await writeAll();
        expect(await analytics.query(COUNT)).toEqual(COMPLETE);
      } finally {
        await handle.close();
      }
    },
  );

  it.skipIf(!canMount())('when one batch alone does not fit says so, and takes it whole later', async () => {
    expect(mount('-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', path)).toBe(true);
    const handle = await openEmbeddedClickhouse({ path: join(path, 'db') });
    try {
      await migrate(handle);
      const analytics = new ClickhouseAnalytics(handle);
      const batches = Array.from({ length: 40 }, (_, i) => fillingBatch(i));
      const large = { tag_transitions: batches.flatMap((batch) => batch.tag_transitions ?? []) };
      await expect(analytics.write('large', large)).rejects.toMatchObject({
        code: 'DATABASE_WRITE',
        message: expect.stringMatching(/disk of .* is full: tag_transitions cannot be written/) as string,
        mend: expect.stringContaining('Free some space') as string,
      });

      expect(mount('-o', 'remount,size=96m', path)).toBe(true);
      await analytics.write('large', large);
      expect(await analytics.query(COUNT)).toEqual([{ n: 80_000, ids: 80_000 }]);
    } finally {
      await handle.close();
    }
  });

  it.skipIf(process.platform === 'win32')(
    'when a file may not grow says what was refused, and a run without that limit completes',
    async () => {
      const filler = fileURLToPath(new URL('./fill-database.ts', import.meta.url));
      const db = join(path, 'db');
      await mkdir(db);
      const run = (limit: string) =>
        spawnSync(
          'sh',
          ['-c', `ulimit -f ${limit} && exec "$0" --import tsx "$1" "$2"`, process.execPath, filler, db],
          { encoding: 'utf8' },
        );
      // 512-byte or 1,024-byte blocks, by shell: too small for one batch either way.
      const refused = run('64');
      expect(refused.stdout).toMatch(
        /^DATABASE_WRITE the system refused \d+ writes .*\nFree some space and run the same command again/,
      );
      const completed = run('unlimited');
      expect(completed.stdout).toBe(`${JSON.stringify(COMPLETE)}\n`);
    },
  );
});
