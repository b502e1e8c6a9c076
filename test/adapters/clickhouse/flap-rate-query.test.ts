import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import { flapRate } from '../../../src/core/scoring/segments/flap-rate.ts';
import { instant } from '../../../src/core/time.ts';
import { recordsOf } from '../../support/listed-source.ts';
import { runRecords } from '../../support/run-records.ts';
import { anEmbeddedDatabase } from './an-embedded-database.ts';

const QUERY = new URL('../../../schemas/clickhouse/queries/flap-rate.sql', import.meta.url);

it('flap-rate.sql and the flap rate of the core agree on a run', async () => {
  const market = { people: 60, days: 200, seed: 3, startAt: instant(Date.UTC(2025, 0, 1)) };
  const policy = await loadPolicy(defaultPolicyPath());
  const { told } = await runRecords(await recordsOf(simulatedSource(market)), { policy });
  const transitions = told.rows.tag_transitions;
  const until = instant(Math.max(...transitions.map((row) => row.effective_at)));
  const expected = [...new Set(transitions.map(({ dimension }) => dimension))].flatMap((dimension) => {
    const { changes, reverted, rate } = flapRate(
      transitions
        .filter((row) => row.dimension === dimension)
        .map((row) => ({
          personId: row.person_id,
          dimension,
          from: row.from_tag,
          to: row.to_tag,
          effectiveAt: instant(row.effective_at),
        })),
      until,
    );
    return changes === 0 ? [] : [{ dimension, changes, reverted, flap_rate: Math.round(rate * 1e4) / 1e4 }];
  });
  expect(expected.some(({ reverted }) => reverted > 0)).toBe(true);
  expect(expected.some(({ reverted, changes }) => reverted < changes)).toBe(true);

  const database = await anEmbeddedDatabase();
  try {
    await database.analytics.write('run', { tag_transitions: transitions });
    const rows = await database.analytics.query(readFileSync(QUERY, 'utf8'));
    expect(rows.toSorted((a, b) => (String(a['dimension']) < String(b['dimension']) ? -1 : 1))).toEqual(
      expected.toSorted((a, b) => (a.dimension < b.dimension ? -1 : 1)),
    );
    const rates = rows.map((row) => Number(row['flap_rate']));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  } finally {
    await database.close();
  }
});
