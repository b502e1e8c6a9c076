import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANALYTICS_TABLES, COLUMNS_BY_TABLE } from '../../../src/adapters/clickhouse/analytics-tables.ts';
import { aTransition } from '../../contracts/sample-analytics-rows.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

describe('schemas/clickhouse', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
  });
  afterAll(() => database.close());

  const columnsOf = (table: string) =>
    database.analytics.query(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
      { table },
    );

  it.each(ANALYTICS_TABLES)('%s has the columns of the port, in the table and in the view', async (table) => {
    const stored = await columnsOf(`${table}_rows`);
    expect(stored.map(({ name }) => name)).toEqual(COLUMNS_BY_TABLE[table]);
    expect(await columnsOf(table)).toEqual(stored);
  });

  it('says of every table what it is, and of every column that people read what it means', async () => {
    expect(
      await database.analytics.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND comment = ''",
      ),
    ).toEqual([]);
    expect(
      await database.analytics.query(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' AND NOT endsWith(table, '_rows')",
      ),
    ).toEqual([]);
  });

  it('finds one person without reading the others', async () => {
    const tag_transitions = Array.from({ length: 40_000 }, (_, i) =>
      aTransition({ person_id: `person-${i}`, transition_id: `t${i}` }),
    );
    await database.analytics.write('many', { tag_transitions });
    const plan = await database.analytics.query(
      "EXPLAIN indexes = 1 SELECT * FROM tag_transitions WHERE person_id = 'person-7'",
    );
    expect(plan.map((line) => line['explain'])).toContainEqual(expect.stringMatching(/Granules: 1\/\d+/));
  });

  it('segment_sizes counts who holds each tag at the end of every hour, without gaps', async () => {
    const hour = (hours: number) => Date.UTC(2025, 0, 1) + hours * 3_600_000;
    const move = (person_id: string, from_tag: string, to_tag: string, hours: number) =>
      aTransition({
        transition_id: `${person_id}@${hours}`,
        person_id,
        dimension: 'sizes',
        from_tag,
        to_tag,
        effective_at: hour(hours),
      });
    const batch = {
      tag_transitions: [
        move('ann', 'none', 'x', 0),
        move('bob', 'none', 'x', 1.5),
        move('ann', 'x', 'y', 1.75),
        move('bob', 'x', 'none', 3),
        move('cy', 'none', 'y', 3),
      ],
    };
    await database.analytics.write('sizes', batch);
    await database.analytics.write('sizes again', batch);
    const sizes = await database.analytics.query(
      "SELECT tag, groupArray(people) AS people, min(hour) AS first FROM (SELECT * FROM segment_sizes WHERE dimension = 'sizes' AND hour < '2025-01-01 04:00:00' ORDER BY hour) GROUP BY tag ORDER BY tag",
    );
    expect(sizes).toEqual([
      { tag: 'x', people: [1, 1, 1, 0], first: '2025-01-01T00:00:00Z' },
      { tag: 'y', people: [1, 1, 2], first: '2025-01-01T01:00:00Z' },
    ]);
  });
});
