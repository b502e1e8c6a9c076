import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectTable } from '../../../src/adapters/clickhouse/select-table.ts';
import {
  aCurrentTag,
  aDeadLetter,
  aDrift,
  aProfile,
  aTransition,
  aTrigger,
} from '../../contracts/sample-analytics-rows.ts';
import { anEmbeddedDatabase, type EmbeddedDatabase } from './an-embedded-database.ts';

const QUERIES = new URL('../../../schemas/clickhouse/queries/', import.meta.url);
const NAMES = readdirSync(QUERIES).sort();

const day = (days: number) => Date.UTC(2025, 0, 1) + days * 86_400_000;

/** Ann and Bob bought; Bob went dormant on day 40 and comes into play again; Cy only looked. */
const HISTORY = {
  tag_transitions: [
    aTransition({ transition_id: 'a1', person_id: 'ann', to_tag: 'active_buyer', effective_at: day(0) }),
    aTransition({ transition_id: 'b1', person_id: 'bob', to_tag: 'active_buyer', effective_at: day(1) }),
    aTransition({
      transition_id: 'b2',
      person_id: 'bob',
      from_tag: 'active_buyer',
      to_tag: 'dormant_buyer',
      cause: 'time',
      cause_ref: '',
      effective_at: day(40),
    }),
    aTransition({ transition_id: 'c1', person_id: 'cy', to_tag: 'potential_buyer', effective_at: day(39) }),
  ],
  current_tags: [
    aCurrentTag({ person_id: 'ann', next_change_at: day(46), updated_at: day(40) }),
    aCurrentTag({ person_id: 'bob', tag: 'dormant_buyer', next_change_at: null, updated_at: day(40) }),
    aCurrentTag({ person_id: 'cy', tag: 'potential_buyer', next_change_at: day(60), updated_at: day(40) }),
  ],
  person_profiles: [
    aProfile({ person_id: 'ann', orders_365d: 2, value_365d: 75, last_order_at: day(0) }),
    aProfile({ person_id: 'bob', orders_365d: 1, value_365d: 25, last_order_at: day(1) }),
    aProfile({ person_id: 'cy', orders_365d: 0, value_365d: 0, last_order_at: null }),
  ],
  trigger_events: [
    aTrigger({ trigger_id: '1', person_id: 'bob', fired_at: day(40) }),
    aTrigger({ trigger_id: '2', person_id: 'cy', trigger: 'guide', fired_at: day(39), muted: true }),
  ],
  dead_letters: [aDeadLetter({ offset: 5, place: 'orders.ndjson:6' }), aDeadLetter({ offset: 9 })],
  drift: [
    aDrift({ measured_at: day(10), psi: 0.01, alarm: false }),
    aDrift({ measured_at: day(40) }),
    aDrift({ measured_at: day(40), stratum: 'all', psi: 1.5, limit: null, alarm: false, tenure_part: 1.25 }),
    aDrift({ measured_at: day(40), stratum: '0-30 days', psi: 0.75, limit: 0.3 }),
    aDrift({
      measured_at: day(40),
      kind: 'segment',
      name: 'buyer_class',
      psi: 0.01,
      limit: 0.05,
      alarm: false,
    }),
    aDrift({
      ...{ measured_at: day(40), kind: 'segment_size', name: 'buyer_class', stratum: 'dormant_buyer' },
      ...{ n_reference: 0, n_current: 1, psi: null, limit: null, alarm: false, causes: { people_moved: 1 } },
    }),
  ],
};

const EXPECTED: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'people-by-tag.sql': [
    { dimension: 'buyer_class', tag: 'active_buyer', people: 1, percent: 33.3 },
    { dimension: 'buyer_class', tag: 'dormant_buyer', people: 1, percent: 33.3 },
    { dimension: 'buyer_class', tag: 'potential_buyer', people: 1, percent: 33.3 },
  ],
  'flows-between-tags.sql': [
    { from_tag: 'active_buyer', to_tag: 'dormant_buyer', transitions: 1, people: 1, percent_by_time: 100 },
    { from_tag: 'none', to_tag: 'potential_buyer', transitions: 1, people: 1, percent_by_time: 0 },
  ],
  'transitions-by-cause.sql': [
    { month: '2025-01-01', cause: 'event', transitions: 2, people: 2 },
    { month: '2025-02-01', cause: 'event', transitions: 1 },
    { month: '2025-02-01', cause: 'time', transitions: 1 },
  ],
  'changes-within-7-days.sql': [
    { person_id: 'ann', tag: 'active_buyer', can_change_at: '2025-02-16T00:00:00.000Z', value_365d: 75 },
  ],
  'triggers-by-day.sql': [
    { day: '2025-02-09', trigger: 'guide', triggers: 1, sent: 0, people: 1 },
    { day: '2025-02-10', trigger: 'welcome-back', triggers: 1, sent: 1, people: 1 },
  ],
  'value-concentration.sql': [
    { people: 2, value: 100, percent_of_top_1: 75, percent_of_top_10: 75, percent_of_top_20: 75, gini: 0.25 },
  ],
  'segment-sizes-by-day.sql': [
    { day: '2025-01-01', tag: 'active_buyer', people: 1, change: 1 },
    { day: '2025-01-02', tag: 'active_buyer', people: 2, change: 1 },
    { day: '2025-02-09', tag: 'potential_buyer', people: 1, change: 1 },
    { day: '2025-02-10', tag: 'active_buyer', people: 1, change: -1 },
    { day: '2025-02-10', tag: 'dormant_buyer', people: 1, change: 1 },
  ],
  'latest-drift-by-measure.sql': [
    {
      ...{ kind: 'feature', name: 'orders_90d', psi: 0.125, limit: 0.05, people: 1150, alarm: true },
      ...{ alarmed_among: ['0-30 days', 'like tenure'], psi_all: 1.5, tenure_part: 1.25 },
    },
    { kind: 'segment', name: 'buyer_class', psi: 0.01, limit: 0.05, alarm: false, alarmed_among: [] },
  ],
  // Nothing here is old enough to tell; flap-rate-query.test.ts has a history in which tags go to and fro.
  'flap-rate.sql': [],
  'dead-letters-by-reason.sql': [{ reason: 'negative_amount', records: 2, first_place: 'orders.ndjson:6' }],
};

describe('schemas/clickhouse/queries', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => {
    database = await anEmbeddedDatabase();
  });
  afterAll(() => database.close());

  it('has an expected answer here for every query', () => {
    expect(NAMES).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(NAMES)('%s runs on empty tables', async (name) => {
    const { rows } = await selectTable(database.handle, readFileSync(new URL(name, QUERIES), 'utf8'));
    expect(rows).toEqual([]);
  });

  it.each(NAMES)('%s begins by saying what it answers', (name) => {
    expect(readFileSync(new URL(name, QUERIES), 'utf8')).toMatch(/^-- [A-Z].{20,}/);
  });

  describe('on a small history', () => {
    beforeAll(() => database.analytics.write('history', HISTORY));

    it.each(NAMES)('%s gives the answer', async (name) => {
      const rows = await database.analytics.query(readFileSync(new URL(name, QUERIES), 'utf8'));
      expect(rows).toHaveLength(EXPECTED[name]?.length ?? 0);
      expect(rows).toMatchObject(EXPECTED[name] ?? []);
    });
  });
});
