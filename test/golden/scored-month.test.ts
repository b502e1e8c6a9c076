import { beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../src/adapters/policy/load-policy.ts';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import type { Policy } from '../../src/core/tagging/policy.ts';
import { instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { ModelSource } from '../../src/runtime/serving/model-source.ts';
import { someScorer } from '../support/a-scorer.ts';
import { CollectingAnalytics } from '../support/collecting-analytics.ts';
import { recordsIn, stateIn } from '../support/committed-state.ts';
import { CrashingStore, everyNth, liveUntilDone } from '../support/crashing-store.ts';
import { recordsOf } from '../support/listed-source.ts';
import { memoryStore, runRecords, type RunOptions } from '../support/run-records.ts';

/** Two months, so that risks have time to rise, under the default pack, scored by a network and by segment models. */
const MONTHS = { people: 80, days: 61, seed: 12, startAt: instant(Date.UTC(2025, 0, 1)) };
const SCORED = ['churn_risk', 'value_segment', 'style'];

let records: readonly SourceRecord[];
let policy: Policy;
let models: ModelSource;
let straight: Awaited<ReturnType<typeof run>>;

beforeAll(async () => {
  records = await recordsOf(simulatedSource(MONTHS));
  policy = withTriggerOfRisk(await loadPolicy(defaultPolicyPath()));
  const scorer = await someScorer(policy);
  models = { latest: () => Promise.resolve(scorer) };
  straight = await run({});
});

async function run(options: RunOptions) {
  const store = memoryStore(options.partitions ?? 1, policy);
  return { ...(await runRecords(records, { policy, models, ...options, store })), store };
}

describe('two scored months', () => {
  it('has scores from one end to the other, and the tags that are read from them', () => {
    const {
      churn_scores: scores,
      tag_transitions: transitions,
      trigger_events: triggers,
    } = straight.told.rows;
    const tenths = new Set(scores.map(({ churn_90d: risk }) => Math.floor(10 * risk)));
    expect(tenths.size).toBeGreaterThanOrEqual(8);
    const reached = transitions.filter(({ dimension }) => SCORED.includes(dimension));
    expect([...new Set(reached.map(({ to_tag: to }) => to))].sort()).toEqual(
      expect.arrayContaining(['high', 'elevated', 'low', 'high_value', 'ordinary']),
    );
    for (const { dimension, cause, model_version: version } of transitions)
      if (cause !== 'merge') expect(version !== '', dimension).toBe(SCORED.includes(dimension));
    expect(reached.filter(({ cause }) => cause === 'time').length).toBeGreaterThan(10);
    expect(triggers.some(({ trigger }) => trigger === 'at_risk')).toBe(true);
  });

  it('tells why a risk rose, in the transition and in the scores', () => {
    const { churn_scores: scores, tag_transitions: transitions } = straight.told.rows;
    const high = transitions.filter(
      ({ dimension, to_tag: to }) => dimension === 'churn_risk' && to === 'high',
    );
    expect(high.length).toBeGreaterThan(5);
    for (const { reasons } of high) expect(reasons).toContain('"family"');
    for (const { churn_90d: risk, reasons } of scores)
      expect(reasons !== '[]', `of ${risk}`).toBe(risk >= 0.5);
  });

  const shapes: readonly RunOptions[] = [
    { turnRecords: 1, partitions: 4 },
    { turnRecords: 7, blockRecords: 1, cachePeople: 1 },
    { turnRecords: 7, partitions: 4, blockRecords: 333, cachePeople: 1 },
    { turnRecords: 1000, blockRecords: 333, cachePeople: 1 },
    { turnRecords: 16_384, cachePeople: 0 },
    { turnRecords: 1000, partitions: 2, cachePeople: 0 },
    { turnRecords: 100_000, blockRecords: 100_000, partitions: 4, cachePeople: 100_000 },
  ];
  it.each(shapes)('is the same for %o, to the byte of what is kept', async (shape) => {
    const other = await run(shape);
    expectSame(other.told);
    expect(other.result.tally.transitions).toEqual(straight.result.tally.transitions);
    expect(other.result.tags).toEqual(straight.result.tags);
    expect(recordsIn(other.store)).toEqual(recordsIn(straight.store));
  });

  it('run again over the same state adds nothing', async () => {
    const { store } = straight;
    const before = stateIn(store);
    const again = await runRecords(records, { policy, models, store, turnRecords: 300 });
    expect(again.told.rows.tag_transitions).toEqual([]);
    expect(again.told.rows.trigger_events).toEqual([]);
    expect(again.told.rows.churn_scores).toEqual(straight.told.rows.churn_scores);
    expect(stateIn(store)).toEqual(before);
  });
});

describe('two scored months with a crash', () => {
  const crashes = [
    { every: 1, when: 'after', turnRecords: 1000, partitions: 4 },
    { every: 3, when: 'before', turnRecords: 400, partitions: 1 },
    { every: 50, when: 'after', turnRecords: 20, partitions: 4 },
  ] as const;
  it.each(crashes)(
    '$when each $every commits of $turnRecords records, in $partitions partitions',
    async ({ every, when, turnRecords, partitions }) => {
      const store = memoryStore(partitions, policy);
      const analytics = new CollectingAnalytics();
      const fate = everyNth(every, when);
      const lives = await liveUntilDone(() =>
        runRecords(records, {
          policy,
          models,
          analytics,
          turnRecords,
          store: new CrashingStore(store, fate),
        }),
      );
      expect(lives).toBeGreaterThan(2);
      expectSame(analytics);
      expect(recordsIn(store)).toEqual(recordsIn(straight.store));
    },
  );
});

/** The default pack asks for nothing when a risk rises. */
function withTriggerOfRisk(pack: Policy): Policy {
  const rule = { dimension: 'churn_risk', to: 'high', from: [], cooldownMs: 0, action: 'ask_why' };
  return { ...pack, triggers: [...pack.triggers, { name: 'at_risk', about: 'At risk', ...rule }] };
}

/** Rows by their identity: each must be told at least once, and every time alike. */
function expectSame(told: CollectingAnalytics): void {
  for (const table of [
    ...(['tag_transitions', 'trigger_events', 'dead_letters'] as const),
    ...(['current_tags', 'person_profiles', 'churn_scores'] as const),
  ]) {
    const [is, was] = [distinct(told.rows[table]), distinct(straight.told.rows[table])];
    const [lost, added] = [[...was].filter((row) => !is.has(row)), [...is].filter((row) => !was.has(row))];
    expect({ lost, added }, table).toEqual({ lost: [], added: [] });
  }
}

function distinct(rows: readonly object[]): ReadonlySet<string> {
  return new Set(rows.map((row) => JSON.stringify(row)));
}
