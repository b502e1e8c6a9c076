import { describe, expect, it } from 'vitest';
import { ClickhouseAnalytics } from '../../../src/adapters/clickhouse/clickhouse-analytics.ts';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import { openEmbeddedClickhouse } from '../../../src/adapters/clickhouse/open-embedded-clickhouse.ts';
import { analyticsContract } from '../../contracts/analytics-contract.ts';
import { aCurrentTag, aTransition } from '../../contracts/sample-analytics-rows.ts';
import { aTemporaryFolder, anEmbeddedDatabase } from './an-embedded-database.ts';

analyticsContract('embedded ClickHouse', anEmbeddedDatabase);

describe('the tokens of the embedded engine', () => {
  it('drop a batch that was written before, in this session or a later one, before it is stored at all', async () => {
    const folder = await aTemporaryFolder();
    const storedRows = async (analytics: ClickhouseAnalytics) =>
      analytics.query(
        `SELECT (SELECT count() FROM tag_transitions_rows) AS transitions, (SELECT count() FROM current_tags_rows) AS tags`,
      );
    const inSession = async <T>(work: (analytics: ClickhouseAnalytics) => Promise<T>): Promise<T> => {
      const handle = await openEmbeddedClickhouse({ path: folder.path });
      try {
        await migrate(handle);
        for (const table of ['tag_transitions_rows', 'current_tags_rows']) {
          await handle.client.command({ query: `SYSTEM STOP MERGES ${table}` });
        }
        return await work(new ClickhouseAnalytics(handle));
      } finally {
        await handle.close();
      }
    };
    const batch = {
      tag_transitions: [
        aTransition(),
        aTransition({ transition_id: 'transition-2', effective_at: Date.UTC(2024, 0, 1) }),
      ],
      current_tags: [aCurrentTag()],
    };
    try {
      await inSession(async (analytics) => {
        await analytics.write("it's \\ one", batch);
        await analytics.write("it's \\ one", batch);
        expect(await storedRows(analytics)).toEqual([{ transitions: 2, tags: 1 }]);
      });
      await inSession(async (analytics) => {
        await analytics.write("it's \\ one", batch);
        expect(await storedRows(analytics)).toEqual([{ transitions: 2, tags: 1 }]);
        await analytics.write('two', batch);
        expect(await storedRows(analytics)).toEqual([{ transitions: 4, tags: 2 }]);
        expect(await analytics.query('SELECT count() AS n FROM tag_transitions')).toEqual([{ n: 2 }]);
      });
    } finally {
      await folder.remove();
    }
  });

  it('are not kept by the connection for what it inserts next', async () => {
    const database = await anEmbeddedDatabase();
    try {
      await database.analytics.write('one', { current_tags: [aCurrentTag()] });
      expect(
        await database.handle.client
          .query({ query: "SELECT getSetting('insert_deduplication_token')", format: 'JSONCompactEachRow' })
          .then((result) => result.json()),
      ).toEqual([['']]);
    } finally {
      await database.close();
    }
  });
});
