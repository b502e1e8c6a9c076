import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts';
import type { RetentionDays } from '../../../src/adapters/clickhouse/retention.ts';
import { aDeadLetter, aDrift, aTransition } from '../../contracts/sample-analytics-rows.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

describe('retention', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
  });
  afterAll(() => database.close());

  const keep = (retentionDays: RetentionDays) => migrate(database.handle, { retentionDays });
  const inForce = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (
        await database.analytics.query(
          "SELECT name, extract(engine_full, 'TTL (.*?) SETTINGS') AS ttl FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '%TTL%' ORDER BY name",
        )
      ).map(({ name, ttl }) => [String(name), ttl]),
    );
  const metadataVersion = async () =>
    database.analytics.query(
      "SELECT toUnixTimestamp(max(metadata_modification_time)) AS at, count() AS mutations FROM system.tables LEFT JOIN (SELECT table FROM system.mutations) AS m ON m.table = name WHERE name = 'dead_letters_rows'",
    );

  it('is put on the tables that grow, changed, and taken off again', async () => {
    await keep({ tag_transitions: 400, trigger_events: 90, dead_letters: 30, drift: 365, churn_scores: 200 });
    expect(await inForce()).toEqual({
      tag_transitions_rows: 'toDateTime(effective_at) + toIntervalDay(400)',
      trigger_events_rows: 'toDateTime(fired_at) + toIntervalDay(90)',
      dead_letters_rows: 'toDateTime(received_at) + toIntervalDay(30)',
      drift_rows: 'toDateTime(measured_at) + toIntervalDay(365)',
      churn_scores_rows: 'toDateTime(scored_at) + toIntervalDay(200)',
    });
    await keep({ tag_transitions: null, trigger_events: null, churn_scores: null, dead_letters: 31 });
    expect(await inForce()).toEqual({
      dead_letters_rows: 'toDateTime(received_at) + toIntervalDay(31)',
      drift_rows: 'toDateTime(measured_at) + toIntervalDay(365)',
    });
  });

  it('touches nothing when it is in force already, or not given', async () => {
    await keep({ dead_letters: 31, tag_transitions: null });
    const before = [await inForce(), await metadataVersion()];
    await keep({ dead_letters: 31, tag_transitions: null });
    await keep({});
    await migrate(database.handle);
    expect([await inForce(), await metadataVersion()]).toEqual(before);
  });

  it('takes old rows out and leaves young ones', async () => {
    const now = Date.now();
    const old = now - 40 * 86_400_000;
    await database.analytics.write('aged', {
      tag_transitions: [
        aTransition({ transition_id: 'old', effective_at: old }),
        aTransition({ transition_id: 'young', effective_at: now }),
      ],
      dead_letters: [
        aDeadLetter({ source: 'aged', offset: 1, received_at: old }),
        aDeadLetter({ source: 'aged', offset: 2, received_at: now }),
      ],
      drift: [aDrift({ reference: 'aged', measured_at: old })],
    });
    await keep({ tag_transitions: 30, dead_letters: 30 });
    for (const table of ['tag_transitions_rows', 'dead_letters_rows'])
      await database.handle.client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    expect(await database.analytics.query('SELECT transition_id AS id FROM tag_transitions')).toEqual([
      { id: 'young' },
    ]);
    expect(await database.analytics.query("SELECT offset FROM dead_letters WHERE source = 'aged'")).toEqual([
      { offset: 2 },
    ]);
    expect(await database.analytics.query("SELECT count() AS n FROM drift WHERE reference = 'aged'")).toEqual(
      [{ n: 1 }],
    );
  });

  it.each([0, -1, 1.5, 40_000, Number.NaN])('refuses %d days', async (days) => {
    await expect(keep({ drift: days })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('drift cannot be kept') as string,
    });
  });

  it('finds the tables that grow fastest cut by month', async () => {
    expect(
      await database.analytics.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND partition_key LIKE 'toYYYYMM(%' ORDER BY name",
      ),
    ).toEqual([
      { name: 'churn_scores_rows' },
      { name: 'tag_transitions_rows' },
      { name: 'trigger_events_rows' },
    ]);
  });
});
